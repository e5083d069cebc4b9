import type { Program } from '../compiler/program.ts'
import { glyphs, type StatusWord } from '../model/glyph.ts'
import type { RunStatus } from '../runtime/status.ts'
import { stepIdOf } from '../trace/step-order.ts'
import { nextCommands } from './awaited-text.ts'
import { cutToWidth } from './text-width.ts'
import { type Paint, paintFor, statusStyles } from './paint.ts'
import { runLine, stepLine, treeLines } from './tree-lines.ts'

/** Where a tree is shown. */
export interface TreeStream {
  readonly isTTY?: boolean
  readonly columns?: number
  readonly rows?: number
  write(text: string): unknown
}

/** Shows a run while it goes on. */
export interface LiveTree {
  /** Takes the newest status over. */
  update(status: RunStatus): void
  /** Counts characters that a running step has streamed. */
  text(path: string, characters: number): void
  /** Shows the last status, and lets go of the terminal. */
  finish(status: RunStatus): void
}

/** Redraws at most ten times a second. */
const frameMs = 100

/** The live tree of one run: redrawn in place on a terminal, elsewhere a plain line for each change. */
export function treeOn(program: Program, stream: TreeStream, now: () => number): LiveTree {
  const paint = paintFor(stream)
  const isLive = stream.isTTY === true && process.env['TERM'] !== 'dumb'
  return isLive ? redrawnTree(program, stream, now, paint) : linePerChange(program, stream, now, paint)
}

function redrawnTree(program: Program, stream: TreeStream, now: () => number, paint: Paint): LiveTree {
  const streamed = new Map<string, number>()
  let status: RunStatus | undefined
  let drawn: readonly string[] = []
  const draw = (rows: number): void => {
    if (!status) return
    const columns = stream.columns ?? 80
    const commands = nextCommands(status).map(line => cutToWidth(line, columns))
    const room = Math.max(2, rows - commands.length)
    const tree = treeLines(program, status, { nowMs: now(), columns, rows: room, streamed })
    const lines = [...tree, ...commands]
    if (lines.length === drawn.length && lines.every((line, index) => line === drawn[index])) return
    const up = drawn.length > 0 ? `\u001b[${drawn.length}F` : ''
    stream.write(`${up}${lines.map(line => `\u001b[2K${painted(line, paint)}\n`).join('')}\u001b[0J`)
    drawn = lines
  }
  const drawLive = (): void => draw(Math.max(2, (stream.rows ?? 24) - 1))
  // It also keeps the seconds of running steps going.
  const timer = setInterval(drawLive, frameMs)
  timer.unref()
  return {
    update: next => {
      const isFirst = status === undefined
      status = next
      if (isFirst) drawLive()
    },
    text: (path, characters) => streamed.set(path, (streamed.get(path) ?? 0) + characters),
    finish: last => {
      clearInterval(timer)
      status = last
      // Nothing is drawn over it any more, so that it may be longer than the terminal.
      draw(Number.POSITIVE_INFINITY)
    },
  }
}

function linePerChange(program: Program, stream: TreeStream, now: () => number, paint: Paint): LiveTree {
  let shown: RunStatus | undefined
  const print = (line: string): void => void stream.write(`${painted(line, paint)}\n`)
  const update = (next: RunStatus): void => {
    if (next.phase !== shown?.phase && next.endedMs === undefined) print(runLine(next, now()))
    for (const step of next.steps.values()) {
      const before = shown?.steps.get(step.path)
      if (before === step) continue
      // What a block comes to follows from its steps, which have lines of their own.
      const isBlock = (program.steps[stepIdOf(step.path)]?.lists.length ?? 0) > 0
      if (!isBlock && before?.phase !== step.phase) print(stepLine(step))
    }
    const known = shown ? nextCommands(shown) : []
    for (const line of nextCommands(next)) if (!known.includes(line)) print(`  ${line}`)
    if (next.endedMs !== undefined && shown?.endedMs === undefined) print(runLine(next, now()))
    shown = next
  }
  return { update, text: () => undefined, finish: update }
}

const byGlyph = new Map(Object.entries(glyphs).map(([word, glyph]) => [glyph as string, word as StatusWord]))

/** A line with its branches dim and its glyph in the colour of the status. */
export function painted(line: string, paint: Paint): string {
  const [, branches = '', glyph = '', rest = ''] = /^([│├└─ ]*)(?:(\S)(?= ))?(.*)$/su.exec(line) ?? []
  const word = byGlyph.get(glyph)
  const mark = word === undefined ? glyph : paint(statusStyles[word], glyph)
  return `${branches === '' ? '' : paint('dim', branches)}${mark}${rest}`
}
