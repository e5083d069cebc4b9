import type { FastifyInstance, FastifyReply } from 'fastify'

declare module 'fastify' {
  interface FastifyReply {
    /** True where what is sent was redacted when it was written. */
    isRedacted: boolean
  }
}

/** What is kept at once, at most, in characters: beyond that, all is written anew. */
const mostCharacters = 16 * 1024 * 1024

/** Takes known secrets out of every answer of a server, once. */
export function redactAnswers(app: FastifyInstance, redact: (text: string) => string): void {
  app.decorateReply('isRedacted', false)
  app.addHook('onSend', (_request, reply, payload, done) => {
    done(null, typeof payload === 'string' && !reply.isRedacted ? redact(payload) : payload)
  })
}

/**
 * Answers that follow from the journal alone. Each is written and redacted once for a position of the journal, and is
 * sent to whoever asks for it until something happens.
 */
export class JournalAnswers {
  readonly #lastSeq: () => number
  readonly #redact: (text: string) => string
  readonly #kept = new Map<string, string>()
  #keptAt = 0
  #characters = 0

  constructor(lastSeq: () => number, redact: (text: string) => string) {
    this.#lastSeq = lastSeq
    this.#redact = redact
  }

  /** Sends what is kept under a key, or what `read` says now; a key says all on which the answer depends, but the journal. */
  send(reply: FastifyReply, key: string, read: () => object): FastifyReply {
    const seq = this.#lastSeq()
    if (seq !== this.#keptAt) this.#forget()
    this.#keptAt = seq
    const kept = this.#kept.get(key) ?? this.#keep(key, this.#redact(JSON.stringify(read())))
    reply.isRedacted = true
    return reply.type('application/json; charset=utf-8').send(kept)
  }

  #keep(key: string, written: string): string {
    if (this.#characters + written.length > mostCharacters) this.#forget()
    this.#kept.set(key, written)
    this.#characters += written.length
    return written
  }

  #forget(): void {
    this.#kept.clear()
    this.#characters = 0
  }
}
