import type { FastifyInstance, FastifyReply } from 'fastify'
import { type Redactor, redactSent } from '../trace/redact.ts'

declare module 'fastify' {
  interface FastifyReply {
    /** True where what is sent was redacted when it was written. */
    isRedacted: boolean
  }
}

/** Takes known secrets out of what is sent. */
export type SentRedactor = Pick<Redactor, 'text' | 'json'>

/** Takes known secrets out of every answer of a server, once. */
export function redactAnswers(app: FastifyInstance, redactor: () => SentRedactor): void {
  app.decorateReply('isRedacted', false)
  app.addHook('onSend', (_request, reply, payload, done) => {
    done(null, typeof payload === 'string' && !reply.isRedacted ? redactSent(redactor(), payload) : payload)
  })
}

/** What is kept at once, at most, in characters, keys included: beyond that, all is written anew. */
const mostCharacters = 16 * 1024 * 1024
/** What an entry costs beside its characters. */
const entryCharacters = 200

/**
 * Answers that follow from the journal alone. Each is written and redacted once for a position of the journal, and is
 * sent to whoever asks for it until something happens, or other secrets are known.
 */
export class JournalAnswers {
  readonly #lastSeq: () => number
  readonly #redactor: () => SentRedactor
  readonly #kept = new Map<string, string>()
  #keptAt = 0
  #keptFor: SentRedactor | undefined
  #characters = 0

  constructor(lastSeq: () => number, redactor: () => SentRedactor) {
    this.#lastSeq = lastSeq
    this.#redactor = redactor
  }

  /** Sends what is kept under a key, or what `read` says now; a key says all on which the answer depends, but the journal. */
  send(reply: FastifyReply, key: string, read: () => object): FastifyReply {
    const seq = this.#lastSeq()
    const redactor = this.#redactor()
    if (seq !== this.#keptAt || redactor !== this.#keptFor) this.#forget()
    this.#keptAt = seq
    this.#keptFor = redactor
    const kept = this.#kept.get(key) ?? this.#keep(key, redactSent(redactor, JSON.stringify(read())))
    reply.isRedacted = true
    return reply.type('application/json; charset=utf-8').send(kept)
  }

  #keep(key: string, written: string): string {
    const cost = key.length + written.length + entryCharacters
    if (this.#characters + cost > mostCharacters) this.#forget()
    this.#kept.set(key, written)
    this.#characters += cost
    return written
  }

  #forget(): void {
    this.#kept.clear()
    this.#characters = 0
  }
}
