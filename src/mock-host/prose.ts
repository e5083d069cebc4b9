import type { Dice } from './dice.ts'

const openings = [
  'In short,',
  'To begin with,',
  'On a closer look,',
  'In practice,',
  'As a first step,',
  'For most readers,',
  'By contrast,',
  'Over time,',
  'From the outside,',
  'Taken together,',
]
const subjects = [
  'The plan',
  'A small team',
  'The first version',
  'Everyone involved',
  'The evidence',
  'A careful reader',
  'The strongest argument',
  'A useful comparison',
  'The open question',
  'Good preparation',
]
const verbs = [
  'depends on',
  'makes room for',
  'draws attention to',
  'is built around',
  'gains from',
  'begins with',
  'comes back to',
  'leaves no doubt about',
  'rewards',
]
const qualities = [
  'a clear view of',
  'the quiet strength of',
  'an honest account of',
  'the details of',
  'a fresh look at',
  'the limits of',
  'the first days of',
  'a shared idea of',
  'the cost of',
]
const closings = [
  'and that is enough to start.',
  'which keeps the rest simple.',
  'so the next step follows from it.',
  'and the numbers bear this out.',
  'even when time is short.',
  'before anything else is decided.',
  'as the examples show.',
  'although it is easily overlooked.',
  'and little is lost by waiting.',
  'which few would have guessed.',
]

/** Common words that say nothing of a text's subject. */
const stopWords = new Set(
  'about after again answer because before being could every first from have into more only other should that their them then there these they this those through under what when where which while with would write your'.split(
    ' ',
  ),
)

/** Words of a text that tell what it is about, in order of appearance: at most 24, each once. */
export function subjectWords(text: string): string[] {
  const words = text.slice(-8000).match(/\p{L}[\p{L}\p{N}-]{3,23}/gu) ?? []
  const telling = words.map(word => word.toLowerCase()).filter(word => !stopWords.has(word))
  const unique = [...new Set(telling)].slice(-24)
  return unique.length > 0 ? unique : ['question', 'subject', 'matter']
}

/** One to four paragraphs of plain English around the given words. */
export function prose(dice: Dice, words: readonly string[]): string {
  return repeat(dice.between(1, 4), () => repeat(dice.between(2, 5), () => sentence(dice, words)).join(' ')).join(
    '\n\n',
  )
}

/** One sentence around the given words. */
export function sentence(dice: Dice, words: readonly string[]): string {
  const opening = dice.between(0, 2) === 0 ? `${dice.pick(openings)} ` : ''
  const subject = dice.pick(subjects)
  const begin = opening ? opening + subject.charAt(0).toLowerCase() + subject.slice(1) : subject
  const first = dice.pick(words)
  const others = words.filter(word => word !== first)
  const second = others.length > 0 && dice.between(0, 1) === 1 ? ` and ${dice.pick(others)}` : ''
  return `${begin} ${dice.pick(verbs)} ${dice.pick(qualities)} ${first}${second}, ${dice.pick(closings)}`
}

function repeat<Item>(count: number, make: () => Item): Item[] {
  return Array.from({ length: count }, make)
}
