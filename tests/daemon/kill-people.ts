import { setTimeout as pause } from 'node:timers/promises'
import type { z } from 'zod'
import type { Dice } from '../../src/mock-host/dice.ts'
import type { ExecutionEvent } from '../../src/model/execution-event.ts'
import { RunList } from '../../src/server/contract.ts'
import { authorization } from './daemon-process.ts'

/** What a daemon has acknowledged: an answer to a step, an event, or a run. `value` is in no other. */
export interface Acknowledged {
  readonly runId: string
  readonly verb: 'answer' | 'signal' | 'execute'
  readonly value: string
}

/** People who watch the daemons of a workspace, answer what is asked and send the events that are waited for. */
export class People {
  readonly acknowledged: Acknowledged[] = []
  /** What the outside has been told, by position: it must be in the journal. */
  readonly told = new Map<number, ExecutionEvent>()
  readonly #root: string
  readonly #dice: Dice
  #said = 0

  constructor(root: string, dice: Dice) {
    this.#root = root
    this.#dice = dice
  }

  /** Watches a daemon from the beginning of its journal until its process is gone. */
  attend(url: string): void {
    const ended = new Set<string>()
    const socket = new WebSocket(`${url.replace('http', 'ws')}/ws?from=0`, { headers: authorization(this.#root) })
    const isOpen = (): boolean => socket.readyState === WebSocket.OPEN
    socket.addEventListener('message', ({ data }) => {
      const event = JSON.parse(String(data)) as ExecutionEvent
      if (event.type === 'agent_thought') return
      this.told.set(event.seq, event)
      const place = `${event.runId} ${event.path}`
      if (event.type === 'step_complete') ended.add(place)
      if (event.type !== 'step_started') return
      if (event.step_id !== 'approval' && event.step_id !== 'news') return
      void this.#reply(url, event, () => isOpen() && !ended.has(place))
    })
    // A daemon that is killed takes its sockets with it.
    socket.addEventListener('error', () => undefined)
  }

  /** All runs of a daemon, as it lists them. */
  async runs(url: string): Promise<z.infer<typeof RunList>['runs']> {
    const reply = await fetch(`${url}/api/runs?limit=1000`, { headers: authorization(this.#root) })
    return RunList.parse(await reply.json()).runs
  }

  async #reply(url: string, { runId, path = '', step_id }: ExecutionEvent, isWaiting: () => boolean): Promise<void> {
    await pause(this.#dice.between(0, 150))
    while (isWaiting()) {
      // Now and then two people answer at once.
      const voices = step_id === 'approval' && this.#dice.between(1, 4) === 1 ? 2 : 1
      await Promise.all(Array.from({ length: voices }, () => this.#say(url, runId, path, step_id ?? '')))
      await pause(300)
    }
  }

  /** Starts a run by hand. */
  async execute(url: string, workflow: string): Promise<void> {
    const value = this.#newWord()
    const reply = await this.#post(`${url}/workflows/execute`, { workflow, inputs: { word: value } })
    if (reply?.ok) this.acknowledged.push({ ...((await reply.json()) as { runId: string }), verb: 'execute', value })
  }

  async #say(url: string, runId: string, path: string, step: string): Promise<void> {
    const value = this.#newWord()
    const verb = step === 'approval' ? 'answer' : 'signal'
    const body = verb === 'answer' ? { step: path, value, by: 'ada' } : { event: step, value, by: 'ada' }
    const reply = await this.#post(`${url}/api/runs/${runId}/${verb}`, body)
    if (reply?.ok) this.acknowledged.push({ runId, verb, value })
  }

  /** Undefined when the process has died before it answered: it has promised nothing. */
  #post(url: string, body: object): Promise<Response | undefined> {
    const headers = { ...authorization(this.#root), 'content-type': 'application/json' }
    return fetch(url, { method: 'POST', headers, body: JSON.stringify(body) }).catch(() => undefined)
  }

  #newWord(): string {
    this.#said += 1
    return `word-${this.#said}`
  }
}
