import type { Program } from '../compiler/program.ts'
import { glyphs } from '../model/glyph.ts'
import type { Json } from '../model/json.ts'
import { isMap } from '../model/json.ts'
import { type RunStatus, type StepStatus, wordOfStep } from '../runtime/status.ts'
import { code, details, excerpt, fence, html, plain, row } from '../model/markdown.ts'
import { toMermaid } from './mermaid.ts'
import type { TraceInput } from './trace-input.ts'
import { asText, isLeaf, questionText, stepFiles, stepFolder } from './step-files.ts'
import { inOrder, stepIdOf } from './step-order.ts'
import { visibleText } from '../model/visible-text.ts'

/** Above this many steps there is no picture. */
const mostNodes = 300

/** Above this many executed steps only those that failed are shown in full: forges do not render pages of megabytes. */
const mostDetails = 300

/**
 * The page of a run for people.
 *
 * It says nothing that differs between two runs with the same answers — no time, id, host, duration or cost —
 * so that its diff between two commits is the difference in behaviour.
 */
export function renderReadme(input: TraceInput): string {
  const { status, program } = input
  const steps = inOrder(status, program)
  const sections = [
    `# ${plain(program.title)}`,
    `**${glyphs[status.phase]} ${status.phase}**`,
    ...simulationNote(status),
    ...resultOf(status),
    facts(input, steps),
    ...graphOf(program, steps),
    stepTable(program, steps),
    ...stepDetails(program, steps),
    sourceOf(input),
  ]
  return visibleText(`${sections.join('\n\n')}\n`)
}

function simulationNote(status: RunStatus): string[] {
  const answers = [...status.steps.values()].flatMap(step => step.attempts).filter(({ messages }) => messages)
  const simulated = answers.filter(attempt => attempt.simulated === true)
  if (simulated.length === 0) return []
  const share =
    simulated.length === answers.length ? 'Every answer' : `${simulated.length} of ${answers.length} answers`
  return [`> **Simulated hosts.** ${share} came from a simulated host: no real model was asked.`]
}

function resultOf(status: RunStatus): string[] {
  const error = status.error && [
    '## Failure',
    `In step ${code(status.error.step)}: ${plain(status.error.reason)}`,
    excerpt(status.error.message, 'journal.jsonl'),
  ]
  return [...(error ?? []), ...(status.outputs === null ? [] : ['## Result', ...valueBlocks(status.outputs)])]
}

/** A text as it is; of a map with texts, every entry under its name; any other value as JSON. */
function valueBlocks(value: Json): string[] {
  if (isMap(value) && Object.values(value).some(item => typeof item === 'string')) {
    return Object.entries(value).flatMap(([name, item]) => [`### ${code(name)}`, valueBlock(item)])
  }
  return [valueBlock(value)]
}

function valueBlock(value: Json): string {
  return excerpt(asText(value), 'journal.jsonl', typeof value === 'string' ? 'text' : 'json')
}

function facts({ status, sourcePath }: TraceInput, steps: readonly StepStatus[]): string {
  const counts = Map.groupBy(steps, ({ phase }) => phase)
  return [
    '## Facts\n',
    `- Workflow: [${code(sourcePath)}](${linkToSource(status, sourcePath)})`,
    `- Case: ${plain(status.case)}`,
    `- Trigger: ${status.trigger}${status.by === undefined ? '' : `, by ${status.by}`}`,
    ...[...counts.entries()].sort().map(([phase, some]) => `- Steps ${phase}: ${some.length}`),
    ...Object.entries(status.inputs)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => `- Input ${code(name)}: ${code(shortened(value))}`),
  ].join('\n')
}

function shortened(value: Json): string {
  const text = JSON.stringify(value)
  return text.length > 200 ? `${text.slice(0, 200).toWellFormed()}… (${text.length} characters)` : text
}

function graphOf(program: Program, steps: readonly StepStatus[]): string[] {
  const { nodes } = program.graph
  if (nodes.length > mostNodes) return ['## Graph', `${nodes.length} steps are too many for a picture.`]
  // Of a step in a loop the last turn counts.
  const phases = new Map(steps.map(step => [stepIdOf(step.path), wordOfStep(step)]))
  return ['## Graph', fence(toMermaid(program.graph, { phases }), 'mermaid')]
}

function stepTable(program: Program, steps: readonly StepStatus[]): string {
  const labels = new Map(program.graph.nodes.map(({ id, label }) => [id, label]))
  const rows = steps.map(step => {
    const name = plain(step.path)
    const link = stepFiles(step, program).size > 0 ? `[${name}](${stepFolder(step.path)}/)` : name
    const word = wordOfStep(step)
    return row(`${glyphs[word]} ${word}`, link, plain(labels.get(stepIdOf(step.path)) ?? ''), notes(step))
  })
  return ['## Steps\n', row('Status', 'Step', 'What', 'Notes'), row('---', '---', '---', '---'), ...rows].join('\n')
}

function notes({ branch, turns, error, attempts }: StepStatus): string {
  const by = attempts.at(-1)?.by
  return [
    ...(branch === undefined ? [] : [`took ${plain(branch)}`]),
    ...(turns === undefined ? [] : [`${turns} ${turns === 1 ? 'turn' : 'turns'}`]),
    ...(by === undefined ? [] : [`by ${plain(by)}`]),
    ...(error ? [plain(error.reason)] : []),
  ].join(', ')
}

function stepDetails(program: Program, steps: readonly StepStatus[]): string[] {
  const leaves = steps.filter(step => isLeaf(step, program) && (step.attempts.length > 0 || step.output !== null))
  const shown =
    leaves.length > mostDetails ? leaves.filter(({ phase }) => phase === 'failed').slice(0, mostDetails) : leaves
  const hidden = leaves.length - shown.length
  const rest = hidden === 0 ? [] : [`What ${hidden} more steps sent and received is in [steps/](steps/).`]
  return [...shown.map(step => stepDetail(step, program)), ...rest]
}

function stepDetail(step: StepStatus, program: Program): string {
  const folder = stepFolder(step.path)
  const files = stepFiles(step, program)
  const messages = step.attempts.findLast(attempt => attempt.messages)?.messages ?? []
  const outputName = ['output.md', 'output.json'].find(name => files.has(name))
  const question = questionText(step)
  const body = [
    ...(question === undefined ? [] : ['**Question**', excerpt(question, `${folder}/question.md`)]),
    ...(messages.length > 0 ? ['**Prompt**'] : []),
    ...messages.flatMap(({ role, content }) => [`${role}:`, excerpt(content, `${folder}/prompt.md`)]),
    ...(step.error ? [`**Failure:** ${plain(step.error.reason)}`, excerpt(step.error.message, 'journal.jsonl')] : []),
    ...(outputName === undefined
      ? []
      : ['**Output**', outputExcerpt(files.get(outputName) ?? '', `${folder}/${outputName}`)]),
    ...(files.has('attempts/1.md') ? [`[${step.attempts.length} attempts](${folder}/attempts/)`] : []),
  ]
  return details(`${glyphs[wordOfStep(step)]} <code>${html(step.path)}</code>`, body.join('\n\n'))
}

function outputExcerpt(text: string, link: string): string {
  return excerpt(text, link, link.endsWith('.json') ? 'json' : 'text')
}

function sourceOf({ status, source, sourcePath }: TraceInput): string {
  const link = linkToSource(status, sourcePath)
  return details('The workflow as it ran', excerpt(source, link, sourcePath.endsWith('.md') ? 'markdown' : 'yaml'))
}

/** From `runs/<workflow>/<case>/` up to the root and down to the file. */
function linkToSource(status: RunStatus, sourcePath: string): string {
  const depth = 2 + status.workflow.split('/').length
  return '../'.repeat(depth) + sourcePath.split('/').map(encodeURIComponent).join('/')
}
