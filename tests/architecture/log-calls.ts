import { maskText } from './scan.ts'
import { sourceFiles } from './layers.ts'
import type { Tree } from './tree.ts'

/** Calls of a log whose message is not one text in quotes: what varies belongs into the fields. */
export function logViolations(tree: Tree): string[] {
  return sourceFiles(tree).flatMap(({ path, text }) => {
    const masked = maskText(text)
    return [...masked.matchAll(/\blog\.(?:debug|info|warn|error)\(/g)].flatMap(({ 0: call, index }) => {
      const words = argumentsFrom(masked, index + call.length)
      const isConstant = words.length === 2 && /^'[^'+]*'$/.test(words[1] ?? '')
      const line = text.slice(0, index).split('\n').length
      return isConstant ? [] : [`${path}:${line} logs no constant message after its fields.`]
    })
  })
}

/** The arguments of a call, from behind its opening bracket on, as masked text. */
function argumentsFrom(masked: string, start: number): string[] {
  const words: string[] = []
  let [from, depth] = [start, 0]
  for (let at = start; at < masked.length; at += 1) {
    const character = masked.charAt(at)
    const ends = depth === 0 && /[,)]/.test(character)
    if (ends) words.push(masked.slice(from, at).trim())
    if (ends && character === ')') break
    if (ends) from = at + 1
    if (/[([{]/.test(character)) depth += 1
    else if (/[)\]}]/.test(character)) depth -= 1
  }
  // A comma may stand behind the last one.
  return words.filter(word => word !== '')
}
