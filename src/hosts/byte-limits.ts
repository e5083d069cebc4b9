const maxBodyBytes = 16 * 2 ** 20
const maxLineBytes = 2 ** 20
const newline = 0x0a

/**
 * Passes bytes on while they are few enough, UTF-8, and in lines of a bearable length.
 *
 * `heard` is called for each piece; `broken` makes the error that ends the stream, from words that follow a host's name.
 */
export function limitBytes(
  heard: () => void,
  broken: (what: string) => Error,
): TransformStream<Uint8Array, Uint8Array> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let sizeBytes = 0
  let lineBytes = 0
  const count = (chunk: Uint8Array): void => {
    sizeBytes += chunk.length
    const lastNewline = chunk.lastIndexOf(newline)
    lineBytes = lastNewline === -1 ? lineBytes + chunk.length : chunk.length - lastNewline - 1
    if (sizeBytes > maxBodyBytes) throw broken(`sent more than ${maxBodyBytes / 2 ** 20} MiB.`)
    if (lineBytes > maxLineBytes) throw broken(`sent a line of more than ${maxLineBytes / 2 ** 20} MiB.`)
  }
  const decode = (chunk?: Uint8Array): void => {
    try {
      decoder.decode(chunk, { stream: chunk !== undefined })
    } catch {
      throw broken('sent bytes that are not UTF-8.')
    }
  }
  return new TransformStream({
    transform(chunk, controller) {
      heard()
      count(chunk)
      decode(chunk)
      controller.enqueue(chunk)
    },
    flush: () => decode(),
  })
}
