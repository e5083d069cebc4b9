import { expect, test } from 'vitest'
import { type StepNode, stepTree } from '../../src/cli/step-tree.ts'
import { foldRun } from '../../src/runtime/fold.ts'
import { Drive } from '../runtime/drive.ts'
import { soundProgram } from '../runtime/sound-program.ts'

const ask = (id: string): { id: string; prompt: string } => ({ id, prompt: `Do ${id}.` })

/** The tree of a run whose steps fail at some paths: `✓ id` or `✗ id` a line, indented. */
function treeOf(steps: Parameters<typeof soundProgram>[0], failing: readonly string[]): string[] {
  const drive = new Drive(soundProgram(steps)).start()
  while (!drive.run.isSettled) {
    drive.advance(drive.waiting.at(0) ?? '', path =>
      failing.includes(path)
        ? { type: 'failed', failure: { reason: 'CommandFailed', message: 'no' } }
        : { type: 'answered', output: `<${path}>` },
    )
  }
  const lines = (nodes: readonly StepNode[], indent: string): string[] =>
    nodes.flatMap(({ path, word, children }) => [`${indent}${word} ${path}`, ...lines(children, `${indent}  `)])
  return lines(stepTree(drive.sound.program, foldRun(drive.events)), '')
}

test('the tree shows the last item, the last try, the steps of a handler, and what runs whatever happened', () => {
  const source = {
    steps: [
      { id: 'all', each: { in: '["x", "y"]', steps: [ask('read')] } },
      {
        id: 'risky',
        retry: { attempts: 1, backoff: '1s' },
        'on-error': { steps: [ask('mend')] },
        steps: [ask('try')],
      },
    ],
    finally: [ask('tidy')],
  }
  expect(treeOf(source, ['risky/0/try'])).toEqual([
    'succeeded all',
    '  succeeded all/1/read',
    'succeeded risky',
    '  succeeded risky/1/try',
    'succeeded tidy',
  ])
  expect(treeOf(source, ['risky/0/try', 'risky/1/try'])).toEqual([
    'succeeded all',
    '  succeeded all/1/read',
    'succeeded risky',
    '  failed risky/1/try',
    '  succeeded mend',
    'succeeded tidy',
  ])
})
