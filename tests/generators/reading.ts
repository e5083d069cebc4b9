/** A step that may be read, and how. */
export interface Readable {
  readonly id: string
  readonly names: readonly string[]
  /** False where the step stands in a branch that is perhaps not taken, in a loop that perhaps never turns, and so on. */
  readonly isCertain: boolean
  /** What a `switch` can tell apart: any text, or one of these values. */
  readonly choices: 'text' | readonly string[] | undefined
  /** For a loop or an `each`: its turns or items can be read one by one. */
  readonly hasItems: boolean
}

/** What can be read at a point of a workflow. */
export interface Scope {
  readonly readable: readonly Readable[]
  readonly inputs: readonly string[]
  /** Ids of the body of the innermost loop; undefined outside of loops. */
  readonly body: readonly string[] | undefined
  /** What the `each` around the place call their items, outermost first. */
  readonly items: readonly string[]
  readonly isHandling: boolean
  readonly isLast: boolean
}

/** The step that a number chooses to read; undefined where it chooses another value. */
export function target(number: number, { readable }: Scope): Readable | undefined {
  return number % 4 === 0 ? undefined : readable[number % Math.max(1, readable.length)]
}

/** An expression with any value. */
export function reading(number: number, scope: Scope): string {
  const step = target(number, scope)
  if (step) return readingOf(number, step)
  const others = otherReadings(scope)
  const input = scope.inputs[number % Math.max(1, scope.inputs.length)]
  if (others.length > 0 && number % 8 !== 0) return others[number % others.length] ?? 'null'
  if (input === undefined) return '"nothing }"'
  return number % 5 === 0 ? `inputs.${input}` : input
}

function readingOf(number: number, { id, names, isCertain, hasItems }: Readable): string {
  const [name] = names
  if (hasItems && number % 5 === 0) return `steps.${id}.items.map(each, each.status)`
  if (!isCertain) return number % 5 === 1 ? `steps.${id}.status` : `first(steps.${id}.output, "none {}")`
  if (name !== undefined && number % 3 === 0) return name
  if (number % 11 === 0) return `string(steps.${id}.attempts)`
  return number % 7 === 0 ? `{"a": [steps.${id}.output]}.a` : `steps.${id}.output`
}

/** What the blocks around the place give it to read. */
function otherReadings({ body, items, isHandling, isLast }: Scope): string[] {
  return [
    ...items.slice(-2),
    ...(items.length > 0 ? ['index'] : []),
    ...(body ? ['index + 1'] : []),
    ...(isHandling ? ['error.reason', 'error.step', 'first(error.output, "nothing")'] : []),
    ...(isLast ? ['run.status', 'run.error == null'] : []),
  ]
}

/** A condition: an expression that is true or false, or just one of these. */
export function condition(number: number, scope: Scope): string | boolean {
  const { readable, body, items } = scope
  const certain = readable.filter(step => step.isCertain)
  const step = certain[number % Math.max(1, certain.length)]
  const any = readable[number % Math.max(1, readable.length)]
  const earlier = body?.[number % Math.max(1, body.length)]
  const item = items.at(-1)
  const possible: (string | boolean)[] = ['run.branch != "a, b"', number % 2 === 0, '!(1 > 2) ? true : false']
  if (step) possible.push(`steps.${step.id}.status == "succeeded"`, `steps.${step.id}.output != null`)
  if (any && !any.isCertain) possible.push(`steps.${any.id}.status != "skipped"`)
  if (any?.hasItems) possible.push(`size(first(steps.${any.id}.items, [])) > 1`)
  if (body || items.length > 0) possible.push('index < 2', 'index != 1 && !(index > 5)')
  if (item !== undefined) possible.push(`${item} != null`, `json(${item}) != "3"`)
  if (earlier !== undefined)
    possible.push(`previous.${earlier}.output == null`, `previous.${earlier}.status != 'failed'`)
  if (scope.isHandling) possible.push('error.reason != "Timeout"')
  if (scope.isLast) possible.push('run.status != "failed"')
  if (scope.inputs.includes('is_ready')) possible.push('inputs.is_ready', '!is_ready')
  if (scope.inputs.includes('depth')) possible.push('depth in [1, 2, 3]', '${depth >= 2}')
  return possible[number % possible.length] ?? true
}

/** A condition on what a step has given. */
export function expectation(number: number, id: string | undefined, scope: Scope): string | boolean {
  if (id === undefined) return condition(number, scope)
  const own = [`steps.${id}.output != null`, `steps.${id}.status == "succeeded"`, `steps.${id}.attempts >= 2`]
  return number % 3 === 0 ? condition(number, scope) : (own[number % own.length] ?? true)
}

/** A list to go through: written out, perhaps with templates, or an expression. */
export function listToGoThrough(number: number, scope: Scope): string | (string | number | null | object)[] {
  const any = scope.readable[number % Math.max(1, scope.readable.length)]
  const possible: ReturnType<typeof listToGoThrough>[] = [
    ['one', 'two words', 3],
    [],
    [`\${${reading(number, scope)}}`, { text: `It is \${${reading(number + 1, scope)}}.` }, null],
    '["a", "b", "c", "d"]',
    '${ [1, 2].map(each, each * 2) }',
    `[${reading(number, scope)}, ${reading(number + 3, scope)}]`,
  ]
  if (any?.hasItems) possible.push(`first(steps.${any.id}.items, []).map(each, each.status)`)
  return possible[number % possible.length] ?? []
}

const caseWords = ['bug', 'question', 'two words', '7', 'true']

/** What a `switch` tells apart, and the values of its cases. */
export function chooserOf(word: number, scope: Scope): { chooser: string; values: readonly string[] } {
  const choosable = scope.readable.filter(step => step.isCertain && step.choices !== undefined)
  const step = choosable[word % Math.max(1, choosable.length)]
  const values = caseWords.slice(word % 3)
  if (step && word % 3 > 0) {
    return { chooser: `steps.${step.id}.output`, values: step.choices === 'text' ? values : (step.choices ?? values) }
  }
  const item = scope.items.at(-1)
  if (item !== undefined && word % 2 === 0) return { chooser: `json(${item})`, values }
  return { chooser: scope.inputs.includes('kind') ? 'inputs.kind' : 'run.branch', values }
}
