import type { Program } from '../compiler/program.ts'
import { glyphs, type StatusWord } from '../model/glyph.ts'
import { type RunStatus, type StepStatus, wordOfRun, wordOfStep } from '../runtime/status.ts'
import { visibleText } from '../model/visible-text.ts'
import { awaitedText, originText } from './awaited-text.ts'
import { formatCost, formatCount, formatTime } from './figures.ts'
import { type StepNode, stepTree, tokensOf } from './step-tree.ts'
import { cutToWidth, padToWidth, textWidth } from './text-width.ts'

export interface TreeFrame {
  /** Milliseconds since the epoch. */
  readonly nowMs: number
  /** Cells of a line. */
  readonly columns: number
  /** The most lines. Default: as many as it takes. */
  readonly rows?: number
  /** Shows what is inside finished blocks, too. */
  readonly isExpanded?: boolean
  /** Characters that the running attempts have streamed, by path. */
  readonly streamed?: ReadonlyMap<string, number>
}

/** Cells for the time of a step, with a gap before it. */
const timeWidth = 10

/** One line of the tree in its parts. */
interface Row {
  readonly name: string
  readonly where: string
  readonly time: string
  readonly rest: string
  readonly word: StatusWord
}

/**
 * A run as a tree of text lines, without colours: its head, then a line for every step that is under way or has ended.
 * Blocks that have ended well are one line.
 */
export function treeLines(program: Program, status: RunStatus, frame: TreeFrame): string[] {
  const rows = [headRow(status, frame), ...rowsBelow(stepTree(program, status), '', frame, status)]
  const shown = fitted(rows, frame.rows ?? rows.length)
  const nameWidth = Math.max(16, ...shown.map(row => textWidth(row.name))) + 2
  // On a narrow terminal the time is worth more than the whole name of a model.
  const room = Math.max(8, frame.columns - nameWidth - timeWidth)
  const whereWidth = Math.min(room, Math.max(0, ...shown.map(row => textWidth(row.where))))
  return shown.map(({ name, where, time, rest }) => {
    const columns = `${padToWidth(name, nameWidth)}${padToWidth(cutToWidth(where, whereWidth), whereWidth)} ${time.padStart(timeWidth - 1)}`
    return cutToWidth(`${columns}  ${rest}`.trimEnd(), frame.columns)
  })
}

function headRow(status: RunStatus, { nowMs }: TreeFrame): Row {
  const { workflow, revision, isDirty, usage, startedMs, endedMs = nowMs } = status
  const word = wordOfRun(status)
  const tokens = usage.inputTokens + usage.outputTokens
  const name = [`${glyphs[word]} ${visibleText(workflow)}`, ...(revision === undefined ? [] : [revision.slice(0, 7)])]
  const rest = [
    ...(tokens > 0 ? [`${formatCount(tokens)} tok`] : []),
    ...(usage.costUsd !== null && usage.costUsd > 0 ? [formatCost(usage.costUsd)] : []),
    ...(isDirty ? ['not as committed'] : []),
  ]
  return { name: name.join('  '), where: '', time: formatTime(endedMs - startedMs), rest: rest.join('  '), word }
}

function rowsBelow(nodes: readonly StepNode[], lead: string, frame: TreeFrame, status: RunStatus): Row[] {
  const hasEnded = status.endedMs !== undefined
  const shown = nodes.filter(({ word }) => word !== 'waiting' || !hasEnded)
  return shown.flatMap((node, index) => {
    const isLast = index === shown.length - 1
    const row = node.work.kind in blockNotes ? blockRow(node, frame) : leafRow(node, frame)
    const below = rowsBelow(openChildren(node, frame), `${lead}${isLast ? '   ' : '│  '}`, frame, status)
    return [{ ...row, name: `${lead}${isLast ? '└─ ' : '├─ '}${row.name}` }, ...below]
  })
}

/** What is shown inside a block: everything while it runs, what went wrong when it has failed, else nothing. */
function openChildren({ word, children }: StepNode, { isExpanded }: TreeFrame): readonly StepNode[] {
  if (isExpanded || word === 'running') return children
  return word === 'failed' ? children.filter(child => child.word === 'failed') : []
}

function leafRow(node: StepNode, { nowMs, streamed }: TreeFrame): Row {
  const { id, word, step, path } = node
  const isRunning = word === 'running'
  const count = streamed?.get(path) ?? 0
  const rest = [
    ...(node.tokens > 0 ? [`${formatCount(node.tokens)} tok`] : []),
    ...(step ? [...failureNote(step), ...awaitedText(step), ...originText(step)] : []),
    ...(isRunning ? [count > 0 ? `${formatCount(count)} characters …` : '…'] : []),
  ]
  const time = step ? formatTime((step.endedMs ?? nowMs) - step.startedMs) : ''
  return { name: `${glyphs[word]} ${id}`, where: whereOf(step), time, rest: rest.join('  '), word }
}

const blockNotes: Readonly<Record<string, (node: StepNode) => string>> = {
  parallel: () => 'parallel',
  steps: ({ work }) => (work.kind === 'steps' && work.template !== undefined ? `use ${work.template}` : 'group'),
  loop: ({ work, step }) => (work.kind === 'loop' ? `loop ${step?.turns ?? 0}/${work.max}` : ''),
  each: ({ step }) => (step?.items === undefined ? 'each' : `each of ${step.items}`),
  switch: ({ step }) => (step?.branch === undefined ? 'switch' : `switch → ${visibleText(step.branch)}`),
}

function blockRow(node: StepNode, { nowMs }: TreeFrame): Row {
  const { id, word, work, step, startedMs, tokens } = node
  const again = step?.tries === undefined ? '' : `, try ${step.tries + 1}`
  const name = `${id} (${blockNotes[work.kind]?.(node)}${again})`
  // While it runs, the steps inside say more than a glyph would.
  if (word === 'running') return { name, where: '', time: '', rest: '', word }
  const time = startedMs === undefined || !step ? '' : formatTime((step.endedMs ?? nowMs) - startedMs)
  return {
    name: `${glyphs[word]} ${name}`,
    where: '',
    time,
    rest: tokens > 0 ? `${formatCount(tokens)} tok` : '',
    word,
  }
}

/** `qwen3-32b @ gpu-a`: the model and the host of the newest attempt, as far as they are known. */
export function whereOf(step: Pick<StepStatus, 'attempts'> | undefined): string {
  const attempt = step?.attempts.findLast(({ host, model, tries }) => host ?? model ?? tries.at(-1))
  const { host, model } = { ...attempt?.tries.at(-1), ...attempt }
  return visibleText([model, host].filter(part => part !== undefined).join(' @ '))
}

/** `3 attempts: HostError: …` of a step that has failed or will be tried again; how often it was tried, of others. */
export function failureNote({ attempts, error, phase }: StepStatus): string[] {
  const count = attempts.length > 1 ? `${attempts.length} attempts` : ''
  const failure = error ?? attempts.findLast(attempt => attempt.failure)?.failure
  const isTrouble = phase === 'failed' || phase === 'retrying' || (phase === 'running' && attempts.length > 1)
  if (!isTrouble || !failure) return phase === 'succeeded' && count ? [count] : []
  const message = visibleText(failure.message).replaceAll(/\s+/g, ' ')
  return [[...(count ? [count] : []), failure.reason, message].join(': ')]
}

/** One line for one change of a step, for logs and other places without a terminal. */
export function stepLine(step: StepStatus): string {
  const { path, startedMs, endedMs } = step
  const tokens = tokensOf(step)
  const parts = [
    visibleText(path),
    whereOf(step),
    endedMs === undefined ? '' : formatTime(endedMs - startedMs),
    tokens > 0 ? `${formatCount(tokens)} tok` : '',
    ...[...failureNote(step), ...awaitedText(step), ...originText(step)],
  ]
  return `${glyphs[wordOfStep(step)]} ${parts.filter(part => part !== '').join('  ')}`
}

/** The line of the whole run, for places without a terminal. */
export function runLine(status: RunStatus, nowMs: number): string {
  const { name, time, rest } = headRow(status, { nowMs, columns: 0 })
  const figures = status.endedMs === undefined ? [] : [time, rest]
  return [name, ...figures].filter(part => part !== '').join('  ')
}

/** Quiet rows go first when there are too many, then the last ones; a line says how many. */
function fitted(rows: readonly Row[], most: number): readonly Row[] {
  if (rows.length <= most) return rows
  const room = Math.max(1, most - 1)
  const loud = rows.filter(({ word }, index) => index === 0 || loudWords.has(word))
  const kept = new Set(loud.slice(0, room))
  for (const row of rows.toReversed()) if (kept.size < room) kept.add(row)
  const hidden = rows.filter(row => !kept.has(row))
  const counts = Map.groupBy(hidden, ({ word }) => word)
  const words = [...counts].map(([word, some]) => `${some.length} ${word}`).join(', ')
  const note: Row = { name: `   … ${words}`, where: '', time: '', rest: '', word: 'waiting' }
  return [...rows.filter(row => kept.has(row)), note]
}

const loudWords: ReadonlySet<StatusWord> = new Set(['running', 'retrying', 'failed', 'asking'])
