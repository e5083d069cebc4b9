import { isMap, type Json } from '../model/json.ts'
import { printYaml } from './print-yaml.ts'
import type { YamlTree } from './yaml-tree.ts'

/** How a file is laid out, so that what is added to it looks like the rest. */
export interface Layout {
  /** How many columns a map inside a map stands further right. */
  readonly indent: number
  /** Whether a list stands further right than the name of its field. */
  readonly indentSeq: boolean
  readonly newline: '\n' | '\r\n'
}

/** The layout of a file, told from the first map and the first list inside a map. */
export function layoutOf(file: string, tree: YamlTree | undefined): Layout {
  const nested = tree ? nestedBlocks(file, tree) : []
  const map = nested.find(({ value }) => value.kind === 'map')
  const list = nested.find(({ value }) => value.kind === 'list')
  return {
    indent: Math.min(map?.columns ?? Math.max(list?.columns ?? 2, 1), 9),
    indentSeq: list === undefined || list.columns > 0,
    newline: /\r?\n/.exec(file)?.[0] === '\r\n' ? '\r\n' : '\n',
  }
}

/** The column of an offset, from 0 on. */
export function columnOf(file: string, offset: number): number {
  return offset - (file.lastIndexOf('\n', offset - 1) + 1)
}

/** What stands behind the `:` of a field in a column: ` text`, or a block below it. */
export function behindColon(value: Json, column: number, layout: Layout): string {
  return shifted(printYaml({ k: value }, layout).slice(2, -1), column, layout)
}

/** What stands behind the `-` of an item in a column. */
export function behindDash(value: Json, column: number, layout: Layout): string {
  if (!isMap(value) || Object.keys(value).length === 0) return behindColon(value, column, layout)
  return ` ${shifted(printYaml(value, layout).slice(0, -1), column + 2, layout)}`
}

/** A name as a key, quoted where it must be. */
export function printKey(name: string, layout: Layout): string {
  return printYaml({ [name]: 0 }, layout).slice(0, -': 0\n'.length)
}

/** A value on one line, to stand between brackets. */
export function printFlow(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(printFlow).join(', ')}]`
  if (!isMap(value)) return printYaml([value], { flow: true }).trimEnd().slice(1, -1)
  const entries = Object.entries(value).map(([name, item]) => `${printFlow(name)}: ${printFlow(item)}`)
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`
}

function shifted(text: string, columns: number, { newline }: Layout): string {
  return text.replace(/\n(?=[^\n])/g, `\n${' '.repeat(columns)}`).replaceAll('\n', newline)
}

/** Blocks that are values of fields in blocks, with the columns between the two; outer ones first. */
function nestedBlocks(file: string, tree: YamlTree): { value: YamlTree; columns: number }[] {
  const found: { value: YamlTree; columns: number }[] = []
  const pending = [tree]
  for (let around = pending.shift(); around; around = pending.shift()) {
    for (const { value, start, key } of around.isFlow ? [] : around.entries) {
      if (value.kind === 'scalar' || value.isFlow) continue
      if (key) found.push({ value, columns: columnOf(file, value.range[0]) - columnOf(file, start) })
      pending.push(value)
    }
  }
  return found
}
