import fc from 'fast-check'
import type { StepSource } from '../../src/model/step-source.ts'
import { workflowSourceOf } from '../generators/workflow-source.ts'
import { programOfSteps, soundProgram, type SoundProgram } from '../runtime/sound-program.ts'

const retry = { attempts: 2, backoff: '20s' as const }

/** Workflows that wait for everything there is to wait for, and undo, try again and end in every way. */
const written: Readonly<Record<string, readonly StepSource[]>> = {
  approval: [
    { id: 'draft', prompt: 'Write.', retry },
    { id: 'approve', ask: { question: 'Shall it go out?', default: 'no' }, output: ['yes', 'no'], timeout: '30m' },
    { id: 'publish', run: 'publish', if: 'steps.approve.output == "yes"' },
  ],
  events: [
    {
      id: 'listen',
      parallel: [
        { id: 'first', wait: { event: 'go' } },
        { id: 'second', wait: { event: 'go' } },
        { id: 'pause', wait: '90s' },
      ],
    },
    { id: 'work', prompt: 'Go on.' },
    { id: 'third', wait: { event: 'go' }, timeout: '1h', retry: { attempts: 1, backoff: '5s' } },
    { id: 'last', ask: 'Is it good?' },
  ],
  children: [
    { id: 'before', prompt: 'Prepare.', undo: { id: 'tidy', run: 'tidy' } },
    {
      id: 'both',
      parallel: [
        { id: 'child', workflow: 'review', with: { topic: 'tea' }, timeout: '20m', retry },
        { id: 'beside', prompt: 'Beside.', retry: 0 },
      ],
    },
  ],
  items: [
    {
      id: 'each_part',
      each: {
        in: '[1, 2, 3]',
        parallel: 2,
        steps: [
          { id: 'ready', wait: { event: 'part-${item}' }, 'on-error': 'continue' },
          { id: 'make', prompt: 'Make.', retry, undo: { id: 'unmake', prompt: 'Unmake.' } },
        ],
      },
    },
    { id: 'ship', run: 'ship', retry: { attempts: 1, backoff: '1m' } },
  ],
  tries: [
    {
      id: 'attempted',
      retry: { attempts: 2, backoff: '30s' },
      timeout: '15m',
      steps: [
        { id: 'question', ask: 'Which?', timeout: '4m', retry },
        { id: 'reply', prompt: 'Reply.', timeout: '3m' },
      ],
      'on-error': { steps: [{ id: 'excuse', prompt: 'Be sorry.' }] },
    },
    {
      id: 'until_good',
      loop: {
        max: 3,
        until: 'steps.verdict.output == "yes"',
        steps: [
          { id: 'improve', prompt: 'Better.', 'on-error': 'continue' },
          { id: 'verdict', ask: 'Enough?', output: ['yes', 'no'] },
        ],
      },
    },
  ],
  wide: Array.from({ length: 6 }, (_, index) => ({ id: `w${index}`, prompt: 'Go.', needs: [], retry })),
}

/** The workflows that steps of other runs start, by name. */
export const childPrograms: ReadonlyMap<string, SoundProgram> = new Map([
  [
    'review',
    soundProgram({
      inputs: { topic: 'string' },
      steps: [
        { id: 'read', prompt: 'Read of ${inputs.topic}.', retry },
        { id: 'confirm', ask: { question: 'Right?', default: 'yes' }, timeout: '5m' },
        { id: 'sum_up', prompt: 'Sum up.', retry },
      ],
    }),
  ],
  ['sub/quiet', programOfSteps({ id: 'rest', wait: '45s' })],
])

let loaded: readonly SoundProgram[] | undefined

/** Some of the written programs and some that were grown, drawn with a seed. */
export function drawPrograms(seed: number): SoundProgram[] {
  loaded ??= Object.values(written).map(steps => programOfSteps(...steps))
  const known = loaded
  const chosen = fc.sample(fc.array(fc.nat(known.length - 1), { minLength: 2, maxLength: 4 }), { seed, numRuns: 1 })
  const grown = fc.sample(workflowSourceOf(1), { seed, numRuns: seed % 3 })
  return [...(chosen[0] ?? []).flatMap(index => known[index] ?? []), ...grown.map(soundProgram)]
}
