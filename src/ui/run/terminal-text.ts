import { timeOfDay } from '../app/figures.ts'
import type { Chunk } from '../live/transcript.ts'
import { stepIdOf } from './run-view.ts'

const escape = '\u001b'

/**
 * What may be shown in a terminal of a text that somebody else wrote: letters, line ends, tabs and colours.
 *
 * Everything that a terminal would obey goes: OSC and DCS strings, control sequences but SGR, C0 and C1 characters.
 */
export function harmless(text: string): string {
  return (
    text
      // Strings up to their end: OSC, DCS, SOS, PM, APC, in both spellings; one without an end takes all that follows.
      .replace(/(?:\u001b[\]P^_X]|[\u0090\u0098\u009d-\u009f])[^]*?(?:\u0007|\u001b\\|\u009c|$)/g, '')
      .replace(/(?:\u001b\[|\u009b)([0-?]*)[ -/]*([@-~]|$)/g, (_, parameters: string, end: string) =>
        end === 'm' && /^[\d;:]*$/.test(parameters) ? `${escape}[${parameters}m` : '',
      )
      .replace(/\u001b(?!\[[\d;:]*m)[ -/]*[0-~]?/g, '')
      .replace(/\r\n?/g, '\n')
      // oxlint-disable-next-line no-control-regex
      .replace(/[\u0000-\u0008\u000b-\u001a\u001c-\u001f\u007f-\u009f]/g, '')
  )
}

const colours: Readonly<Record<Chunk['kind'], number>> = { system: 90, agent: 36, tool: 32, error: 31, done: 32 }
const names: Readonly<Record<Chunk['kind'], string>> = {
  ...{ system: 'run  ', agent: 'agent', tool: 'tool ', error: 'error', done: 'done ' },
}

/** What is written to the terminal for a piece of news: a line of its own, or more of the line that streams. */
export function terminalText(chunk: Chunk, before: Chunk | undefined): string {
  const isMore = chunk.isStreamed && before?.isStreamed && before.path === chunk.path
  const text = indented(harmless(chunk.text))
  if (isMore) return text
  const colour = colours[chunk.kind]
  const place = chunk.path === undefined ? '' : stepIdOf(chunk.path)
  const head = `${dim(timeOfDay(chunk.timeMs))} ${paint(names[chunk.kind], colour)} ${place.padEnd(14)} `
  const said = chunk.kind === 'error' ? paint(text, colour) : chunk.kind === 'system' ? dim(text) : text
  return `${before ? '\r\n' : ''}${escape}[0m${head}${said}`
}

/** Further lines of a text stand below its first. */
function indented(text: string): string {
  return text.replaceAll('\n', `\r\n${' '.repeat(4)}`)
}

function paint(text: string, colour: number): string {
  return `${escape}[${colour}m${text}${escape}[0m`
}

function dim(text: string): string {
  return paint(text, 90)
}
