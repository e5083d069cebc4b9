import { expect, test } from 'vitest'
import type { Step } from '../../src/ui/api/answers.ts'
import { type NodeView, secondLine } from '../../src/ui/run/run-view.ts'

/** A step with so many executions, the last of them by a model at a host. */
function viewOf(turns: number, by: { readonly model?: string; readonly host?: string }): NodeView {
  const attempts = [{ attempt: 1, startedMs: 0, ...by }]
  const step: Step = { path: 'a', status: 'running', output: null, startedMs: 0, isReused: false, attempts }
  return { word: 'running', step, executions: Array.from({ length: turns }, () => step) }
}

test('a card names the model and the host, and the host alone where the model has no name of its own', () => {
  expect(secondLine(viewOf(1, { model: 'qwen3-32b', host: 'gpu-a' }), 'Ask')).toEqual({
    text: 'qwen3-32b',
    host: 'gpu-a',
  })
  expect(secondLine(viewOf(1, { model: 'default', host: 'gpu-a' }), 'Ask')).toEqual({ text: '', host: 'gpu-a' })
  expect(secondLine(viewOf(3, { model: 'default', host: 'gpu-a' }), 'Ask')).toEqual({ text: '3 turns', host: 'gpu-a' })
})

test('a card says what its step does as long as no model is at work', () => {
  expect(secondLine({ word: 'waiting', step: undefined, executions: [] }, 'Ask')).toEqual({ text: 'Ask' })
  expect(secondLine(viewOf(2, {}), 'Run make')).toEqual({ text: '2 turns · Run make' })
  expect(secondLine(viewOf(1, { model: 'default' }), 'Ask')).toEqual({ text: 'default', host: undefined })
})
