import { check, type Checked } from '../../src/checker/check.ts'
import { checkAgent } from '../../src/checker/agent.ts'
import { emptyLibrary, type Library } from '../../src/checker/library.ts'
import { type AgentFile, shelve, type SkillFile } from '../../src/checker/shelf.ts'
import { checkSkill } from '../../src/checker/skill.ts'
import { compile } from '../../src/compiler/compile.ts'
import type { Program } from '../../src/compiler/program.ts'
import type { Failure } from '../../src/model/failure.ts'
import type { Json } from '../../src/model/json.ts'
import type { Workflow } from '../../src/model/workflow.ts'
import { parseAgent, parseSkill, parseWorkflow } from '../../src/parser/parse.ts'
import { parsePrompt } from '../../src/parser/prompt.ts'
import { loadProgram } from '../../src/runtime/chart-logic.ts'
import type { Work } from '../../src/runtime/ports.ts'
import { bodiesOf, Drive } from '../runtime/drive.ts'

function agent(text: string, name: string): AgentFile {
  const document = parseAgent(text, `agents/${name}.agent.md`)
  const read = checkAgent(document).agent
  if (!read) throw new Error(`the agent ${name} is not sound`)
  return { agent: read, document }
}

function skill(text: string, name: string): SkillFile {
  const document = parseSkill(text, `skills/${name}/SKILL.md`)
  const read = checkSkill(document).skill
  if (!read) throw new Error(`the skill ${name} is not sound`)
  return { skill: read, document }
}

const shelved = shelve(
  [
    agent('---\ntemperature: 0.5\nmodel: coder\n---\nYou write.', 'writer'),
    agent('---\nskills: [tables]\n---\nYou set.', 'setter'),
    agent('---\ntools: [files.read_file]\nmax-turns: 3\n---\nYou judge.', 'judge'),
  ],
  [skill('---\nname: tables\ndescription: How we set tables.\n---\nUse few lines.', 'tables')],
)

const templates = {
  sum: 'inputs: { text: string, words: { type: integer, default: 9 } }\nsteps: [{ id: read, set: { all: "${text}" } }, { id: draft, prompt: "Sum ${steps.read.output.all} up in ${words}." }]',
  twice:
    'inputs: { text: string }\nsteps: [{ id: first, use: sum, with: { text: "${text}" } }, { id: second, use: sum, with: { text: "${steps.first.output}" } }]',
}

/** The workspace around the workflows of these tests. */
export const library: Library = {
  ...emptyLibrary,
  agents: shelved.agents,
  skills: shelved.skills,
  schemas: new Map([['schemas/score.json', { type: 'object', properties: { score: { type: 'number' } } }]]),
  prompts: new Map([
    ['prompts/ask.md', parsePrompt('---\ntitle: Ask\n---\nAsk ${what} in ${run.workflow}.', 'prompts/ask.md')],
  ]),
  templates: new Map(
    Object.entries(templates).map(([name, text]) => [name, parseWorkflow(text, `workflows/templates/${name}.yaml`)]),
  ),
  workflows: new Map([
    ['child', parseWorkflow('inputs: { n: integer }\nsteps: [{ set: { x: 1 } }]', 'workflows/child.yaml')],
  ]),
}

/** A workflow as it is read and checked; what begins with `- ` are its steps. */
export function read(text: string, path = 'workflows/w.yaml'): Checked {
  const trimmed = text.trim()
  const whole = trimmed.startsWith('- ') ? `steps:\n${trimmed.replaceAll(/^/gm, '  ')}` : trimmed
  return check(parseWorkflow(whole, path), library)
}

/** The codes of what is said of a workflow. */
export function codes(text: string): string[] {
  return read(text).diagnostics.map(({ code }) => code)
}

/** A workflow without errors. */
export function sound(text: string, path?: string): Workflow {
  const { workflow, diagnostics } = read(dedent(text), path)
  if (!workflow) throw new Error(diagnostics.map(({ code, message }) => `${code} ${message}`).join('\n'))
  return workflow
}

export function programOf(text: string): Program {
  return compile(sound(text), {})
}

/** What an attempt ends with: an output, or `fails('Timeout')`. */
export type Answers = (path: string, attempt: number) => Json | { readonly failure: Failure }

export const fails = (reason: Failure['reason'] = 'Unauthorized'): { failure: Failure } => ({
  failure: { reason, message: `${reason}.` },
})

const isFailure = (answer: unknown): answer is { failure: Failure } =>
  typeof answer === 'object' && answer !== null && 'failure' in answer

export interface Played {
  readonly outputs: Json | undefined
  readonly status: string | undefined
  readonly cause: { readonly step: string; readonly reason: string; readonly message: string } | undefined
  /** What each attempt was asked to do, by path. */
  readonly work: ReadonlyMap<string, Work>
  /** Paths in the order in which attempts were sent. */
  readonly sent: readonly string[]
  /** `path status`, in the order in which steps settled. */
  readonly ends: readonly string[]
}

/** Runs a workflow to its end; attempts answer with `<path>` unless told otherwise, in the order in which they were sent. */
export function play(text: string, answers: Answers = path => `<${path}>`): Played {
  const { drive } = begin(text)
  while (!drive.run.isSettled) step(drive, drive.waiting[0] ?? '', answers)
  return summary(drive)
}

/** A run whose attempts end when the test says so. */
export function begin(text: string): {
  readonly drive: Drive
  readonly end: (path: string, answers?: Answers) => void
} {
  const workflow = sound(text)
  const compiled = compile(workflow, {})
  const program = JSON.parse(JSON.stringify(compiled)) as Program
  const drive = new Drive({ source: { steps: [] }, workflow, compiled, program, loaded: loadProgram(program) }).start()
  return { drive, end: (path, answers = () => `<${path}>`) => step(drive, path, answers) }
}

function step(drive: Drive, path: string, answers: Answers): void {
  drive.advance(path, (at, attempt) => {
    const answer = answers(at, attempt)
    return isFailure(answer)
      ? { type: 'failed', failure: answer.failure }
      : { type: 'answered', output: answer as Json }
  })
}

export function summary({ events, everSent }: Drive): Played {
  const [settled] = bodiesOf(events, 'run-settled')
  return {
    outputs: settled?.outputs,
    status: settled?.status,
    cause: settled?.error,
    work: new Map(everSent.map(({ path, work }) => [path, work])),
    sent: everSent.map(({ path }) => path),
    ends: bodiesOf(events, 'step-settled').map(({ path, status }) => `${path} ${status}`),
  }
}

/** A text without the indentation of its first line. */
function dedent(text: string): string {
  const indent = /^\n*( *)/.exec(text)?.[1] ?? ''
  return text.replaceAll(new RegExp(`^${indent}`, 'gm'), '')
}
