import type { FastifyInstance } from 'fastify'
import { HealthAnswer } from './contract.ts'

export interface Health {
  readonly status: 'ok' | 'degraded'
  /** What is wrong, in words; empty when all is well. A single run that has stopped does not make it `degraded`. */
  readonly reasons: readonly string[]
}

export interface HealthOptions {
  readonly version: string
  /** Whether it can do its work at all. */
  health(): Health
  /** Whether new work should come to it. */
  readiness(): Health
}

/** Adds `GET /healthz` and `GET /readyz`, which whoever watches over the process may ask without a token. */
export function addHealth(app: FastifyInstance, { version, health, readiness }: HealthOptions): void {
  const routes = [
    ['/healthz', 'Whether it can do its work at all.', health],
    ['/readyz', 'Whether new work should come to it.', readiness],
  ] as const
  for (const [path, summary, look] of routes) {
    const schema = { tags: ['health'], summary, response: { 200: HealthAnswer, 503: HealthAnswer } }
    app.get(path, { schema }, (_request, reply) => {
      const { status, reasons } = look()
      return reply.code(status === 'ok' ? 200 : 503).send({ status, reasons, version })
    })
  }
}
