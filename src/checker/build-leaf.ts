import { durationMs } from '../model/duration.ts'
import type { Json } from '../model/json.ts'
import { nearest } from '../model/nearest.ts'
import type { Kind, StepSource } from '../model/step-source.ts'
import type { LeafStep, Output } from '../model/step.ts'
import type { FieldReader, Inherited } from './fields.ts'
import { complain, type Origin, within } from './origin.ts'
import { checkPromptFile } from './prompt-file.ts'
import { checkFit } from './value-fit.ts'

export type LeafKind = LeafStep['kind']
type Common = Pick<LeafStep, 'id' | 'isNamed' | 'retry' | 'onError'>
type Values = Record<string, Json>

const leafKinds: ReadonlySet<Kind> = new Set<LeafKind>([
  ...(['prompt', 'tool', 'run', 'http', 'kilo', 'ask', 'wait', 'workflow', 'code', 'set'] as const),
])

/** True for a kind whose steps hold no others. */
export function isLeafKind(kind: Kind): kind is LeafKind {
  return leafKinds.has(kind)
}

/** The step that a leaf, as written, is. */
export function buildLeaf(
  kind: LeafKind,
  source: StepSource,
  origin: Origin,
  common: Common,
  inherited: Inherited,
  fields: FieldReader,
): LeafStep {
  const { cache: isCached = false, priority = 'interactive', 'runs-on': labels = [] } = inherited
  const output = outputOf(kind, source, origin, inherited, fields)
  const leaf = { ...common, output, isCached, priority, runsOn: [labels].flat() }
  const values = (source.with ?? {}) as Values
  switch (kind) {
    case 'prompt': {
      const prompt = readPrompt(source.prompt ?? '', within(origin, 'prompt'), writtenName(common, origin), fields)
      const { context = 'rule' } = inherited
      return { kind, ...leaf, ...prompt, agent: fields.agent(inherited, origin), context }
    }
    case 'run':
      return { kind, ...leaf, ...readRun(source.run ?? '', within(origin, 'run')), env: inherited.env ?? {} }
    case 'http':
      return { kind, ...leaf, ...readHttp(source.http ?? { url: '' }, within(origin, 'http')) }
    case 'kilo':
      return { kind, ...leaf, ...readKilo(source.kilo ?? '') }
    case 'ask':
      return { kind, ...leaf, ...readAsk(source.ask ?? '', leaf.output, within(origin, 'ask')) }
    case 'wait':
      return { kind, ...leaf, ...readWait(source.wait, within(origin, 'wait')) }
    case 'tool':
      return { kind, ...leaf, tool: source.tool ?? '', with: values }
    case 'workflow':
      return { kind, ...leaf, workflow: source.workflow ?? '', with: values }
    case 'code':
      return { kind, ...leaf, ...readCode(source.code ?? ''), with: values }
    case 'set':
      return { kind, ...leaf, set: source.set ?? {}, isInternal: false }
  }
}

function outputOf(
  kind: LeafKind,
  source: StepSource,
  origin: Origin,
  inherited: Inherited,
  fields: FieldReader,
): Output {
  if (source.output !== undefined) return fields.output(source.output, source.as, within(origin, 'output'))
  const fromAgent =
    kind === 'prompt' && inherited.output === undefined ? fields.agentOutput(inherited.agent) : undefined
  return fields.output(inherited.output ?? fromAgent, source.as, inherited.outputAt ?? origin)
}

function readRun(written: NonNullable<StepSource['run']>, origin: Origin): { command: string; network: boolean } {
  const { command, network = false } = typeof written === 'string' ? { command: written } : written
  refuseTemplate(command, origin)
  return { command, network }
}

type HttpFields = Pick<Extract<LeafStep, { kind: 'http' }>, 'method' | 'url' | 'headers' | 'query' | 'json' | 'body'>

function readHttp(written: NonNullable<StepSource['http']>, origin: Origin): HttpFields {
  const { method = 'GET', url, headers = {}, query = {}, json, body } = written
  // What is computed could otherwise choose who is spoken to.
  if (!/^https?:\/\/[^/?#\s${}@]+([/?#]|$)/i.test(url)) {
    const hint = 'Write the host out: `https://api.example.org/items/${inputs.id}`.'
    complain(within(origin, 'url'), 'BAD_URL', 'An address begins with http:// or https:// and a literal host.', hint)
  }
  if (json !== undefined && body !== undefined) {
    complain(within(origin, 'body'), 'BAD_VALUE', 'A request has one body.', 'Give `json` or `body`.', 'key')
  }
  const data = { ...(json !== undefined && { json: json }), ...(body !== undefined && { body }) }
  return { method, url, headers, query: query, ...data }
}

type KiloFields = Pick<Extract<LeafStep, { kind: 'kilo' }>, 'task' | 'mode' | 'model' | 'permissions' | 'commit'>

function readKilo(written: NonNullable<StepSource['kilo']>): KiloFields {
  const {
    task,
    agent,
    model,
    permissions = {},
    commit = false,
  } = typeof written === 'string' ? { task: written } : written
  return {
    task,
    ...(agent !== undefined && { mode: agent }),
    ...(model !== undefined && { model }),
    permissions,
    commit,
  }
}

function readAsk(
  written: NonNullable<StepSource['ask']>,
  output: Output,
  origin: Origin,
): { question: string; assignees: string[]; default?: Json } {
  const { question, assignees = [], default: answer } = typeof written === 'string' ? { question: written } : written
  if (answer !== undefined && output.type === 'schema')
    checkFit('default', answer, output.schema, within(origin, 'default'))
  return { question, assignees, ...(answer !== undefined && { default: answer }) }
}

function readCode(written: string): { module: string; function: string } {
  const [module = '', name = ''] = written.split('#')
  return { module, function: name }
}

// A date, or a date and a time, as in ISO 8601.
const timePattern = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/

function readWait(
  written: StepSource['wait'],
  origin: Origin,
): { durationMs?: number; until?: string; event?: string } {
  if (typeof written === 'string') return { durationMs: durationMs(written) }
  if (written && 'until' in written && !written.until.includes('${') && !timePattern.test(written.until)) {
    const message = `\`until\` is "${written.until}", which is no time.`
    complain(within(origin, 'until'), 'BAD_VALUE', message, 'Write it like `2026-12-01T09:00Z`.')
  }
  return written ?? { durationMs: 0 }
}

function readPrompt(
  written: NonNullable<StepSource['prompt']>,
  origin: Origin,
  step: string,
  fields: FieldReader,
): { prompt: string; with?: Values; files: string[] } {
  if (typeof written === 'string') return { prompt: withoutLastBreaks(written), files: [] }
  const { files = [] } = written
  if ('text' in written) return { prompt: withoutLastBreaks(written.text), files }
  const { library, dependencies } = fields
  const values = (written.with ?? {}) as Values
  const document = library.prompts.get(written.file)
  dependencies.add(written.file)
  if (document) fields.reports.add(checkPromptFile(document, Object.keys(values), step))
  else {
    const near = nearest(written.file, library.prompts.keys())
    const hint = near === undefined ? `Create \`${written.file}\`.` : `Did you mean \`${near}\`?`
    complain(within(origin, 'file'), 'UNKNOWN_PROMPT', `There is no prompt \`${written.file}\`.`, hint)
  }
  return { prompt: document?.value ?? '', with: values, files }
}

/** What a step is called in another file: by its id, else by its line. */
function writtenName({ id, isNamed }: Common, { report, place }: Origin): string {
  const { path, line } = report.document.spanOf(place)
  return isNamed ? `Step \`${id}\` of ${path}` : `The step in line ${line} of ${path}`
}

/** The line break that ends a block of YAML is no part of what is asked. */
function withoutLastBreaks(text: string): string {
  return text.replace(/\n+$/, '')
}

function refuseTemplate(command: string, origin: Origin): void {
  const at = command.search(/\$\{\s*(inputs|steps|run|previous|item|secrets)\b/)
  if (at === -1) return
  const hint = 'Give the value a name under `env` and use it as "$NAME": nothing is spliced into a shell.'
  complain(origin, 'TEMPLATE_IN_COMMAND', 'A command is never templated.', hint)
}
