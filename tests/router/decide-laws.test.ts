import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ModelSource } from '../../src/model/configuration.ts'
import type { FailureReason } from '../../src/model/failure.ts'
import type { Catalog } from '../../src/router/catalog.ts'
import { decide, type Effect, type RouterEvent } from '../../src/router/decide.ts'
import { newFleetState } from '../../src/router/fleet-state.ts'

const hostNames = ['a', 'b', 'c'] as const
const modelNames = ['m', 'n', 'o', 'p'] as const
const reasons: FailureReason[] = [
  'Timeout',
  'HostUnreachable',
  'HostProtocol',
  'HostError',
  'RateLimited',
  'Unauthorized',
  'ModelNotFound',
  'RequestRejected',
]

const someModels = fc.uniqueArray(fc.constantFrom(...modelNames), { minLength: 1 })
const host = fc.record({ parallel: fc.integer({ min: 1, max: 3 }), models: fc.option(someModels, { nil: undefined }) })
const model: fc.Arbitrary<ModelSource> = fc.oneof(
  fc.constantFrom(...modelNames),
  fc.record({
    on: fc.uniqueArray(fc.constantFrom(...hostNames), { minLength: 1 }),
    fallback: fc.array(fc.constantFrom(...modelNames), { maxLength: 2 }),
  }),
)
const catalogs: fc.Arbitrary<Catalog> = fc
  .record({
    hosts: fc.tuple(host, host, host),
    models: fc.dictionary(fc.constantFrom(...modelNames), model, { noNullPrototype: true }),
  })
  .map(({ hosts, models }) => ({
    hosts: hosts.map(({ parallel, models: served }, index) => ({
      name: hostNames[index] ?? 'a',
      parallel,
      ...(served && { models: served }),
    })),
    models,
  }))

type Deed =
  | { type: 'submit'; models: string[]; patienceMs: number }
  | { type: 'end'; call: number; reason: FailureReason | undefined; retryAfterMs: number | undefined }
  | { type: 'cancel'; call: number }
  | { type: 'pass'; milliseconds: number }

const deeds: fc.Arbitrary<Deed[]> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        type: fc.constant('submit' as const),
        models: fc.array(fc.constantFrom(...modelNames), { maxLength: 2 }),
        patienceMs: fc.integer({ min: 0, max: 90_000 }),
      }),
    },
    {
      weight: 5,
      arbitrary: fc.record({
        type: fc.constant('end' as const),
        call: fc.nat(30),
        reason: fc.constantFrom(undefined, ...reasons),
        retryAfterMs: fc.option(fc.nat(60_000), { nil: undefined }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('cancel' as const), call: fc.nat(30) }) },
    { weight: 2, arbitrary: fc.record({ type: fc.constant('pass' as const), milliseconds: fc.nat(40_000) }) },
  ),
  { maxLength: 60 },
)

/** Plays the world around the router, and keeps its own book of what is where. */
class World {
  readonly inFlight = new Map<string, string>()
  readonly ended = new Map<string, number>()
  readonly sent: { callId: string; host: string; servedAs: string }[] = []
  readonly #catalog: Catalog
  readonly #state: ReturnType<typeof newFleetState>
  #now = 0
  #submitted = 0
  #wakeMs: number | undefined

  constructor(catalog: Catalog) {
    this.#catalog = catalog
    this.#state = newFleetState(catalog)
  }

  get submitted(): number {
    return this.#submitted
  }

  get busyHosts(): string[] {
    return [...this.#state.hosts.values()].filter(known => known.inFlight !== 0).map(known => known.name)
  }

  get waits(): boolean {
    return this.ended.size < this.#submitted
  }

  do(deed: Deed): void {
    switch (deed.type) {
      case 'submit':
        this.#submitted += 1
        return this.#tell({
          type: 'submitted',
          callId: String(this.#submitted),
          models: deed.models,
          deadlineMs: this.#now + deed.patienceMs,
        })
      case 'end':
        return this.#end([...this.inFlight.keys()][deed.call % Math.max(1, this.inFlight.size)], deed)
      case 'cancel':
        return this.#cancel(String(1 + (deed.call % Math.max(1, this.#submitted))))
      case 'pass':
        return this.#pass(this.#now + deed.milliseconds)
    }
  }

  /** Answers what is under way and lets time pass, until nothing waits. */
  settle(): void {
    for (let turn = 0; turn < 1_000 && this.waits; turn += 1) {
      const [callId] = this.inFlight.keys()
      if (callId !== undefined) this.#end(callId, { reason: undefined, retryAfterMs: undefined })
      else if (this.#wakeMs !== undefined) this.#pass(this.#wakeMs)
    }
  }

  #end(
    callId: string | undefined,
    { reason, retryAfterMs }: { reason: FailureReason | undefined; retryAfterMs: number | undefined },
  ): void {
    if (callId === undefined) return
    this.inFlight.delete(callId)
    if (reason === undefined) {
      this.#note(callId)
      return this.#tell({ type: 'answered', callId })
    }
    const problem = { reason, message: reason, ...(retryAfterMs !== undefined && { retryAfterMs }) }
    this.#tell({ type: 'failed', callId, problem, jitter: 0.5 })
  }

  #cancel(callId: string): void {
    if (this.#submitted === 0 || this.ended.has(callId)) return
    this.inFlight.delete(callId)
    this.#note(callId)
    this.#tell({ type: 'cancelled', callId })
  }

  #pass(untilMs: number): void {
    while (this.#wakeMs !== undefined && this.#wakeMs <= untilMs) {
      this.#now = Math.max(this.#now, this.#wakeMs)
      this.#tell({ type: 'woke' })
    }
    this.#now = Math.max(this.#now, untilMs)
  }

  #tell(event: RouterEvent): void {
    this.#wakeMs = undefined
    for (const effect of decide(this.#state, event, this.#now)) this.#obey(effect)
    for (const { name, parallel } of this.#catalog.hosts) {
      const count = [...this.inFlight.values()].filter(at => at === name).length
      expect(count).toBeLessThanOrEqual(parallel)
    }
  }

  #obey(effect: Effect): void {
    if (effect.type === 'wake-at') {
      expect(effect.timeMs).toBeGreaterThan(this.#now)
      this.#wakeMs = effect.timeMs
    } else if (effect.type === 'fail') {
      expect(this.inFlight.has(effect.callId)).toBe(false)
      this.#note(effect.callId)
    } else {
      expect(this.inFlight.has(effect.callId) || this.ended.has(effect.callId)).toBe(false)
      this.inFlight.set(effect.callId, effect.host)
      this.sent.push(effect)
    }
  }

  #note(callId: string): void {
    this.ended.set(callId, (this.ended.get(callId) ?? 0) + 1)
  }
}

function play(catalog: Catalog, script: Deed[]): World {
  const world = new World(catalog)
  for (const deed of script) world.do(deed)
  world.settle()
  return world
}

test('no host ever has more calls in flight than it answers at once, every call ends exactly once, and no place is lost', () => {
  fc.assert(
    fc.property(catalogs, deeds, (catalog, script) => {
      const world = play(catalog, script)
      expect(world.ended.size).toBe(world.submitted)
      expect([...world.ended.values()].every(times => times === 1)).toBe(true)
      expect(world.busyHosts).toEqual([])
    }),
    { numRuns: 500 },
  )
})

test('no call is sent to a host that does not serve the model', () => {
  fc.assert(
    fc.property(catalogs, deeds, (catalog, script) => {
      for (const { host: name, servedAs } of play(catalog, script).sent) {
        const served = catalog.hosts.find(known => known.name === name)?.models
        expect(served === undefined || served.includes(servedAs)).toBe(true)
      }
    }),
    { numRuns: 500 },
  )
})

test('the same events at the same times give the same decisions', () => {
  fc.assert(
    fc.property(catalogs, deeds, (catalog, script) => {
      expect(play(catalog, script).sent).toEqual(play(catalog, script).sent)
    }),
    { numRuns: 100 },
  )
})
