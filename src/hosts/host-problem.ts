import { type Host, HostFailure, type HostRequest } from './host.ts'

/** How much of what a host said goes into a message, in characters. */
const excerptLength = 160

/** The failure that an HTTP status stands for. `said` is what the body told, unchecked. */
export function statusFailure(
  host: Host,
  request: HostRequest,
  status: number,
  said: string,
  retryMs?: number,
): HostFailure {
  const quote = said ? ` It said: ${excerpt(said)}` : ''
  const answered = `${nameOf(host)} answered ${status}`
  if (status === 401 || status === 403) return new HostFailure('Unauthorized', refusedKey(host, status))
  if (status === 404) return new HostFailure('ModelNotFound', unknownModel(host, request) + quote)
  if (status === 429)
    return new HostFailure('RateLimited', `${nameOf(host)} limits our requests (429).${quote}`, retryMs)
  if (status === 408 || status >= 500) return new HostFailure('HostError', `${answered}.${quote}`)
  if (status < 400)
    return new HostFailure('HostProtocol', `${answered}, a redirect, which is not followed. Is its URL right?`)
  return new HostFailure('RequestRejected', `${nameOf(host)} rejected the request (${status}).${quote}`)
}

/** The failure of a host whose key cannot be sent, before it is even asked; undefined when there is nothing to say. */
export function unusableKey({ keyName, key, ...host }: Host): HostFailure | undefined {
  if (keyName === undefined) return undefined
  if (!key)
    return new HostFailure('Unauthorized', `${nameOf(host)} needs a key, and ${keyName} is not set in the environment.`)
  // Such a key makes no header, and the error that says so would show it.
  if (/^[\x21-\x7e]+$/.test(key)) return undefined
  return new HostFailure('Unauthorized', `${nameOf(host)} needs a key, and what ${keyName} holds cannot be one.`)
}

/** The failure of a connection that could not be made, from the code of the system's error. */
export function unreachable(host: Host, error: unknown): HostFailure {
  return new HostFailure('HostUnreachable', `${nameOf(host)} ${whyUnreachable(host, codeOf(error))}`)
}

/** The failure of an answer that is not what the protocol says. */
export function protocolFailure(host: Host, what: string): HostFailure {
  return new HostFailure('HostProtocol', `${nameOf(host)} ${what}`)
}

/** What a host said, short, in one line and without control characters. */
export function excerpt(said: string): string {
  const short = said.length > excerptLength ? `${said.slice(0, excerptLength)}…` : said
  return JSON.stringify(short.toWellFormed())
}

/** The name and place of a host, to begin a sentence with. */
export function nameOf(host: Pick<Host, 'name' | 'url'>): string {
  return `The host \`${host.name}\` at ${host.url}`
}

function whyUnreachable(host: Host, code: string): string {
  if (code === 'ECONNREFUSED') return 'refused the connection. Is the server running?'
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return `cannot be found: there is no address for ${new URL(host.url).hostname}. Is the name right?`
  }
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT')
    return 'did not take the connection in time. Is it up?'
  if (code === 'ECONNRESET' || code === 'UND_ERR_SOCKET') return 'closed the connection before it answered.'
  if (/CERT|TLS|SSL|ALTNAME/.test(code)) return `has no certificate that can be trusted (${code}).`
  return `cannot be reached (${code}).`
}

function refusedKey(host: Host, status: number): string {
  return host.keyName
    ? `${nameOf(host)} refused the key in ${host.keyName} (${status}). Is it still valid?`
    : `${nameOf(host)} wants a key (${status}). Name the environment variable that holds it as \`key:\` of the host.`
}

function unknownModel(host: Host, { model }: HostRequest): string {
  return `${nameOf(host)} does not know the model \`${model}\` (404). Compare it with GET ${host.url}/models.`
}

/** The code of the error that `fetch` wraps, else its message; several addresses make a list of errors. */
function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0])
  if (!(error instanceof Error)) return String(error)
  if ('code' in error && typeof error.code === 'string') return error.code
  return error.cause === undefined ? error.message : codeOf(error.cause)
}
