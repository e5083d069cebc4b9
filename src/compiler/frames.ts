import type { OutlineEntry } from '../checker/outline.ts'
import { isLeaf } from '../model/step-lists.ts'
import type { Step } from '../model/step.ts'
import type { Frame } from './program.ts'

/** True for a block that is tried again as a whole: its tries are counted in the paths of what is inside. */
export function isRetried(step: Step): boolean {
  return !isLeaf(step) && step.retry.attempts > 0
}

/** The counters in the path of a step: tries, turns and items of the blocks around it, outermost first. */
export function framesOf({ ancestors, lists, repeaters }: OutlineEntry): Frame[] {
  return ancestors.flatMap((block, level) => {
    if (lists[level + 1]?.role !== 'body') return []
    const frames: Frame[] = []
    if (isRetried(block)) frames.push({ block: block.id, counter: tryCounter(block.id) })
    if (repeaters.some(repeater => repeater === block)) frames.push({ block: block.id, counter: block.id })
    return frames
  })
}

/** The counter of the tries of a block; that of its turns or items is its id. */
export function tryCounter(block: string): string {
  return `${block}!`
}

/** The path template of a step: `refine/{refine}/judge`; a retried loop has two counters, `refine/{refine!}/{refine}/judge`. */
export function pathTemplate(entry: OutlineEntry): string {
  let path = ''
  let last: string | undefined
  for (const { block, counter } of framesOf(entry)) {
    path += block === last ? `{${counter}}/` : `${block}/{${counter}}/`
    last = block
  }
  return path + entry.step.id
}
