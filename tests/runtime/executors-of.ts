import type { Executor, Work } from '../../src/runtime/ports.ts'

/** One executor for every kind of step. */
export function executorsOf(executor: Executor): Record<Work['kind'], Executor> {
  return {
    prompt: executor,
    run: executor,
    tool: executor,
    http: executor,
    kilo: executor,
    ask: executor,
    wait: executor,
    workflow: executor,
    code: executor,
  }
}
