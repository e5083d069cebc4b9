import type { Program, StepEntry, StepWork } from '../compiler/program.ts'
import type { Message } from '../model/journal-event.ts'
import type { Json } from '../model/json.ts'
import type { AttemptedStep, SkillChoice } from '../model/step.ts'
import { EarlierMessages } from './earlier-messages.ts'
import type { Work } from './ports.ts'
import type { RunRecord } from './record.ts'
import type { Evaluator, Viewpoint } from './scope.ts'

export type AttemptedWork = Extract<StepWork, { kind: AttemptedStep['kind'] }>
type Values = Record<string, Json>
type PromptWork = Extract<StepWork, { kind: 'prompt' }>

/** True for work that an executor performs. */
export function isAttempted(work: StepWork): work is AttemptedWork {
  return 'output' in work && work.kind !== 'set'
}

/** What a step is asked to do, with everything resolved. Throws `ExpressionError`. */
export function resolveWork(
  work: AttemptedWork,
  entry: StepEntry,
  program: Program,
  record: RunRecord,
  evaluator: Evaluator,
  view: Viewpoint,
): Work {
  const { output } = work
  switch (work.kind) {
    case 'prompt':
      return resolvePrompt(work, entry, program, record, evaluator, view)
    case 'run': {
      const { kind, command, network } = work
      return { kind, output, command, network, env: secretTexts(work.env, evaluator, view) }
    }
    case 'http':
      return resolveHttp(work, evaluator, view)
    case 'tool':
      return { kind: work.kind, output, tool: work.tool, arguments: values(work.with, evaluator, view) }
    case 'workflow':
      return { kind: work.kind, output, workflow: work.workflow, inputs: values(work.with, evaluator, view) }
    case 'code': {
      const { kind, module } = work
      return { kind, output, module, function: work.function, arguments: values(work.with, evaluator, view) }
    }
    case 'kilo':
    case 'ask':
    case 'wait':
      return resolveTexts(work, evaluator, view)
  }
}

function values(given: Values, evaluator: Evaluator, view: Viewpoint): Values {
  return evaluator.data(given, view) as Values
}

function resolveHttp(work: Extract<AttemptedWork, { kind: 'http' }>, evaluator: Evaluator, view: Viewpoint): Work {
  const { kind, output, method, json, body } = work
  const sent = {
    ...(json !== undefined && { json: evaluator.data(json, view) }),
    ...(body !== undefined && { body: evaluator.text(body, view) }),
  }
  const url = evaluator.address(work.url, view)
  const headers = secretTexts(work.headers, evaluator, view)
  const query = values(work.query, evaluator, view)
  return { kind, output, method, url, headers, query, ...sent, anyStatus: work.expect !== undefined }
}

function resolveTexts(
  work: Extract<AttemptedWork, { kind: 'kilo' | 'ask' | 'wait' }>,
  evaluator: Evaluator,
  view: Viewpoint,
): Work {
  const { output } = work
  switch (work.kind) {
    case 'kilo': {
      const { kind, mode, model, permissions, commit } = work
      const choice = { ...(mode !== undefined && { mode }), ...(model !== undefined && { model }) }
      return { kind, output, task: evaluator.text(work.task, view), ...choice, permissions, commit }
    }
    case 'ask': {
      const { kind, assignees, default: answer } = work
      const question = evaluator.text(work.question, view)
      return { kind, output, question, assignees, ...(answer !== undefined && { default: answer }) }
    }
    case 'wait': {
      const { kind, durationMs, until, event } = work
      return {
        kind,
        output,
        ...(durationMs !== undefined && { durationMs }),
        ...(until !== undefined && { until: evaluator.text(until, view) }),
        ...(event !== undefined && { event: evaluator.text(event, view) }),
      }
    }
  }
}

function secretTexts(
  texts: Readonly<Record<string, string>>,
  evaluator: Evaluator,
  view: Viewpoint,
): Record<string, ReturnType<Evaluator['secretText']>> {
  const entries = Object.entries(texts)
  return Object.fromEntries(entries.map(([name, text]) => [name, evaluator.secretText(text, view)]))
}

function resolvePrompt(
  work: PromptWork,
  entry: StepEntry,
  program: Program,
  record: RunRecord,
  evaluator: Evaluator,
  view: Viewpoint,
): Work {
  const { name, models, system, sampling, maxTurns, tools, skills } = work.agent
  const instructions = [system, ...skills.map(describeSkill)].filter(text => text !== '').join('\n\n')
  const messages: Message[] = instructions === '' ? [] : [{ role: 'system', content: instructions }]
  messages.push(...new EarlierMessages(work, entry, program, record, view.turns).collect())
  const content = work.with
    ? evaluator.libraryText(work.prompt, evaluator.data(work.with, view) as Values)
    : evaluator.text(work.prompt, view)
  messages.push({ role: 'user', content })
  return {
    kind: 'prompt',
    output: work.output,
    agent: name,
    models,
    messages: joinNeighbours(messages),
    sampling,
    ...(maxTurns !== undefined && { maxTurns }),
    tools,
    skills,
    files: work.files.map(file => evaluator.text(file, view)),
  }
}

/** A skill as an agent without tools reads it: all of it, in its instructions. */
function describeSkill({ name, description, body }: SkillChoice): string {
  return [`Skill ${name}: ${description}`.trim(), body].filter(text => text !== '').join('\n\n')
}

/** Several servers refuse two messages of one role in a row: neighbours become one message. */
function joinNeighbours(messages: readonly Message[]): Message[] {
  const joined: Message[] = []
  for (const message of messages) {
    const last = joined.at(-1)
    if (last?.role === message.role)
      joined[joined.length - 1] = { ...last, content: `${last.content}\n\n${message.content}` }
    else joined.push(message)
  }
  return joined
}
