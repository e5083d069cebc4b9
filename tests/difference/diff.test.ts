import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Json } from '../../src/model/json.ts'
import type { StepSource } from '../../src/model/step-source.ts'
import type { WorkflowSource } from '../../src/model/workflow-source.ts'
import type { Change } from '../../src/difference/changes.ts'
import { diffWorkflows } from '../../src/difference/diff.ts'
import { withoutLastBreaks } from '../../src/parser/convert.ts'
import { parseWorkflow } from '../../src/parser/parse.ts'
import { printWorkflow } from '../../src/parser/print.ts'
import { anyWorkflow } from '../generators/any-workflow.ts'
import { cases } from '../generators/cases.ts'
import { workflowSource } from '../generators/workflow-source.ts'
import { writtenLists, writtenSteps } from '../generators/written-steps.ts'

const marketing = readFileSync(new URL('../../workflows/marketing.yaml', import.meta.url), 'utf8')

function changed(edit: (text: string) => string) {
  const after = edit(marketing)
  expect(after).not.toBe(marketing)
  return diffWorkflows(parseWorkflow(marketing, 'a.yaml').value, parseWorkflow(after, 'b.yaml').value)
}

function copy<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T
}

/** Steps with an id, at any depth: those that edits below can name. */
function namedSteps({ steps, finally: last = [] }: WorkflowSource): (StepSource & { id: string })[] {
  return writtenSteps([...steps, ...last]).filter((step): step is StepSource & { id: string } => step.id !== undefined)
}

function lists({ steps, finally: last }: WorkflowSource): StepSource[][] {
  const inside = writtenSteps([...steps, ...(last ?? [])]).flatMap(writtenLists)
  return [steps, ...(last ? [last] : []), ...inside]
}

test('a workflow does not differ from itself, in whatever spelling', () => {
  fc.assert(
    fc.property(fc.oneof(workflowSource, anyWorkflow), generated => {
      const workflow = withoutLastBreaks(generated)
      expect(diffWorkflows(workflow, copy(workflow))).toEqual([])
      const read = (format: 'yaml' | 'markdown') =>
        parseWorkflow(printWorkflow(workflow, format), format === 'yaml' ? 'a.yaml' : 'a.workflow.md').value
      expect(diffWorkflows(read('yaml'), read('markdown'))).toEqual([])
    }),
    cases(40),
  )
})

test('every field that was edited is named with both its values, and nothing else is', () => {
  const edits: Readonly<Record<string, Json>> = {
    description: 'said anew',
    timeout: '77s',
    if: 'inputs.size > 77',
    'runs-on': ['gpu-77'],
    priority: 'batch',
    needs: ['elsewhere'],
  }
  const chosen = fc.uniqueArray(fc.tuple(fc.nat(40), fc.constantFrom(...Object.keys(edits))), { maxLength: 5 })
  fc.assert(
    fc.property(workflowSource, chosen, (before, choices) => {
      const after = copy(before)
      const expected = new Map<string, unknown>()
      for (const [number, field] of choices) {
        const steps = namedSteps(after) as unknown as Record<string, Json>[]
        const step = steps[number % Math.max(1, steps.length)]
        if (!step) continue
        const id = String(step['id'])
        if (!expected.has(`${id} ${field}`)) expected.set(`${id} ${field}`, [step[field], edits[field]])
        step[field] = edits[field] ?? null
      }
      const found = diffWorkflows(before, after).flatMap(change => {
        // A step that says for itself what it waits for changes the order, and is named by that field.
        expect(change).toMatchObject({ type: 'field-changed' })
        return change.type === 'field-changed' && change.step !== undefined
          ? [[`${change.step} ${change.field}`, [change.before, change.after]] as const]
          : []
      })
      for (const [place, [was, is]] of [...expected] as [string, [Json, Json]][]) {
        if (JSON.stringify(was) === JSON.stringify(is)) expected.delete(place)
      }
      expect(new Map(found)).toEqual(expected)
    }),
    cases(150),
  )
})

test('a field of the head that was edited is named, down to the part that differs', () => {
  fc.assert(
    fc.property(workflowSource, before => {
      const after = copy(before)
      after.description = 'said anew'
      after.inputs = { ...after.inputs, brand_new: { type: 'string', default: 'x' } }
      after.limits = { ...after.limits, usd: 77 }
      const changes = diffWorkflows(before, after)
      expect(changes.every(change => change.type === 'field-changed' && change.step === undefined)).toBe(true)
      const fields = changes.map(change => (change.type === 'field-changed' ? change.field : ''))
      const expected = [
        'description',
        before.inputs ? 'inputs.brand_new' : 'inputs',
        before.limits ? 'limits.usd' : 'limits',
      ]
      expect(fields.toSorted()).toEqual(expected)
    }),
    cases(60),
  )
})

test('a step that is put in anywhere is one addition; taken away again, it is one removal', () => {
  fc.assert(
    fc.property(workflowSource, fc.nat(999), fc.nat(999), (before, which, where) => {
      const after = copy(before)
      const all = lists(after)
      const list = all[which % all.length] ?? []
      list.splice(where % (list.length + 1), 0, { id: 'newcomer', prompt: 'Something that nobody has said before.' })
      // An undo is one step, and no list that another one could be put into.
      fc.pre(JSON.stringify(before) !== JSON.stringify(after))
      const added = diffWorkflows(before, after).filter(({ type }) => type !== 'order-changed')
      expect(added).toMatchObject([{ type: 'step-added', step: 'newcomer', kind: 'prompt' }])
      const removed = diffWorkflows(after, before).filter(({ type }) => type !== 'order-changed')
      expect(removed).toMatchObject([{ type: 'step-removed', step: 'newcomer' }])
    }),
    cases(150),
  )
})

test('a renamed step is one rename, wherever it is read', () => {
  fc.assert(
    fc.property(workflowSource, fc.nat(999), (before, number) => {
      const steps = namedSteps(before)
      const id = steps[number % Math.max(1, steps.length)]?.id
      fc.pre(id !== undefined)
      const after = JSON.parse(JSON.stringify(before).replaceAll(new RegExp(`\\b${id}\\b`, 'g'), 'newly_named'))
      // In a map of outputs a text without `${…}` is a text, whatever it looks like.
      const isText = (change: Change) => change.type === 'field-changed' && change.field === 'outputs.passed'
      const changes = diffWorkflows(before, after).filter(change => !isText(change))
      expect(changes).toEqual([{ type: 'step-renamed', step: 'newly_named', from: id }])
    }),
    cases(200),
  )
})

test('a step that has another place is one move, and the others stay', () => {
  fc.assert(
    fc.property(workflowSource, fc.nat(999), fc.nat(999), (before, from, to) => {
      const after = copy(before)
      const steps = after.steps
      const moved = steps[from % steps.length]
      fc.pre(steps.length > 2 && moved?.id !== undefined)
      const target = to % steps.length
      fc.pre(Math.abs(target - (from % steps.length)) > 1)
      steps.splice(from % steps.length, 1)
      steps.splice(target, 0, moved)
      const changes = diffWorkflows(before, after).filter(({ type }) => type !== 'order-changed')
      expect(changes).toMatchObject([{ type: 'step-moved', step: moved.id }])
    }),
    cases(150),
  )
})

test('an edited prompt, a new place and a new name are told apart in a real workflow', () => {
  expect(changed(text => text.replace('Plain words, at most eight.', 'Plain words, at most nine.'))).toEqual([
    {
      type: 'field-changed',
      step: 'promise',
      field: 'prompt',
      before: expect.stringContaining('at most eight'),
      after: expect.stringContaining('at most nine'),
    },
  ])
  expect(changed(text => text.replace('id: slogans', 'id: ideas').replace('steps.slogans', 'steps.ideas'))).toEqual([
    { type: 'step-renamed', step: 'ideas', from: 'slogans' },
  ])
  // What still reads the old name is broken, but it is not edited.
  expect(changed(text => text.replace('id: slogans', 'id: ideas'))).toEqual([
    { type: 'step-renamed', step: 'ideas', from: 'slogans' },
  ])
})

test('a step that was renamed and edited is a rename and an edit', () => {
  const changes = changed(text =>
    text.replace('id: choose', 'id: pick').replace('at most three reasons', 'at most four reasons'),
  )
  expect(changes).toMatchObject([
    { type: 'step-renamed', step: 'pick', from: 'choose' },
    { type: 'field-changed', step: 'pick', field: 'prompt' },
  ])
})

test('who comes before whom is named where a step is put in between, and where `needs` says so', () => {
  const before = {
    steps: [
      { id: 'a', run: 'a' },
      { id: 'b', run: 'b' },
    ],
  }
  const between = { steps: [before.steps[0], { id: 'x', run: 'something else' }, before.steps[1]] }
  expect(diffWorkflows(before, between)).toEqual([
    { type: 'step-added', step: 'x', kind: 'run', list: 'steps', after: 'a', fields: { run: 'something else' } },
    { type: 'order-changed', step: 'b', before: ['a'], after: ['x'] },
  ])
  const needy = { steps: [before.steps[0], { ...before.steps[1], needs: 'a' }] }
  expect(diffWorkflows(before, needy)).toEqual([{ type: 'field-changed', step: 'b', field: 'needs', after: 'a' }])
})

test('a step without an id keeps its place: what it says now is an edit', () => {
  const before = { steps: [{ prompt: 'One.' }, { prompt: 'Two.' }, { run: 'true' }] }
  const after = { steps: [{ prompt: 'One.' }, { prompt: 'Quite another thing.' }, { run: 'true' }] }
  expect(diffWorkflows(before, after)).toEqual([
    { type: 'field-changed', step: 'prompt-2', field: 'prompt', before: 'Two.', after: 'Quite another thing.' },
  ])
})

test('a step of another kind under the same name is an edit that says so', () => {
  const before = { steps: [{ id: 'a', prompt: 'Say it.' }] }
  const after = { steps: [{ id: 'a', run: 'echo it' }] }
  expect(diffWorkflows(before, after)).toEqual([
    { type: 'field-changed', step: 'a', field: 'kind', before: 'prompt', after: 'run' },
    { type: 'field-changed', step: 'a', field: 'prompt', before: 'Say it.' },
    { type: 'field-changed', step: 'a', field: 'run', after: 'echo it' },
  ])
})

test('branches of a switch are told apart by what they are taken for, and a changed condition moves no step', () => {
  const of = (when: string) => ({
    steps: [{ id: 'way', switch: [{ when, steps: [{ id: 'a', run: 'a' }] }, { steps: [{ id: 'b', run: 'b' }] }] }],
  })
  expect(diffWorkflows(of('x > 1'), of('x > 2'))).toMatchObject([
    {
      type: 'field-changed',
      step: 'way',
      field: 'switch',
      before: [{ when: 'x > 1' }, {}],
      after: [{ when: 'x > 2' }, {}],
    },
  ])
})

test('whatever stands in the two files, there is an answer', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
      const before = { steps: one, finally: [other] }
      const after = { steps: [one, other] }
      expect(diffWorkflows(before, copy(before))).toEqual([])
      if (JSON.stringify(before) !== JSON.stringify(after)) expect(diffWorkflows(before, after)).not.toEqual([])
    }),
    cases(200),
  )
})
