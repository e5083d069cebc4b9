import type { StepSource } from '../../src/model/step-source.ts'
import type { WorkflowSource } from '../../src/model/workflow-source.ts'

const ask = (id: string, more: StepSource = {}): StepSource => ({ id, prompt: `Do ${id}.`, ...more })

type Wrap = (id: string, steps: StepSource[]) => StepSource

/** Every kind of block around some steps, and every way in which a block deals with its failure. */
const wraps: Readonly<Record<string, Wrap>> = {
  group: (id, steps) => ({ id, steps }),
  parallel: (id, parallel) => ({ id, parallel }),
  loop: (id, steps) => ({ id, loop: { max: 2, until: 'index == 1', steps } }),
  'while loop': (id, steps) => ({ id, loop: { max: 2, while: 'index < 1', steps } }),
  switch: (id, steps) => ({ id, switch: [{ when: 'run.branch == "main"', steps }, { steps: [ask(`${id}_else`)] }] }),
  'second case': (id, steps) => ({
    id,
    switch: 'run.branch',
    cases: { other: [ask(`${id}_other`)], main: steps },
    default: [ask(`${id}_default`)],
  }),
  each: (id, steps) => ({ id, each: { in: ['x', 'y'], steps } }),
  'skipped group': (id, steps) => ({ id, if: 'run.branch == "other"', steps }),
  'group that goes on': (id, steps) => ({ id, 'on-error': 'continue', steps }),
  'group with a handler': (id, steps) => ({ id, 'on-error': { steps: [ask(`${id}_mend`)] }, steps }),
  'retried group': (id, steps) => ({ id, retry: { attempts: 1, backoff: '1s' }, steps }),
  'group that expects': (id, steps) => ({ id, expect: `steps.${id}.status == "succeeded"`, steps }),
  'group with undo': (id, steps) => ({ id, undo: ask(`${id}_undo`), steps }),
}

/** Lists of a few steps in every order that a list can have. */
const lists: Readonly<Record<string, StepSource[]>> = {
  'a row': [ask('a'), ask('b')],
  'a fork': [ask('a'), ask('b', { needs: [] })],
  'a join': [ask('a'), ask('b', { needs: [] }), ask('c', { needs: ['a', 'b'] })],
  'a row of dealing steps': [
    ask('a', { 'on-error': 'continue', undo: ask('a_undo') }),
    ask('b', { 'on-error': { steps: [ask('b_mend')] } }),
  ],
  'two that can be undone': [ask('a', { undo: ask('a_undo') }), ask('b', { undo: ask('b_undo') }), ask('c')],
  'a retried step': [ask('a', { retry: { attempts: 1, backoff: '1s' } })],
}

/** Workflows small enough to be tried in every way: each block around each list, and each block in each block. */
export function smallPrograms(): [string, WorkflowSource][] {
  const plain = Object.entries(lists).map(([name, steps]): [string, WorkflowSource] => [name, { steps }])
  const wrapped = Object.entries(wraps).flatMap(([outer, wrap]) =>
    Object.entries(lists).map(([inner, steps]): [string, WorkflowSource] => [
      `${inner} in a ${outer}`,
      { steps: [wrap('outer', steps)], finally: [ask('last')] },
    ]),
  )
  const nested = Object.entries(wraps).flatMap(([outer, wrap]) =>
    Object.entries(wraps).map(([inner, within]): [string, WorkflowSource] => [
      `a ${inner} in a ${outer}`,
      { steps: [wrap('outer', [within('inner', [ask('a')])]), ask('z', { undo: ask('z_undo') })] },
    ]),
  )
  return [...plain, ...wrapped, ...nested]
}
