/** The names inside the fields of a workflow that are maps, by the name of the field: for the hint at an unknown one. */
export const kindFieldNames: Readonly<Record<string, readonly string[]>> = {
  prompt: ['file', 'text', 'with', 'files'],
  run: ['command', 'network'],
  http: ['method', 'url', 'headers', 'query', 'json', 'body'],
  kilo: ['task', 'agent', 'model', 'permissions', 'commit'],
  ask: ['question', 'assignees', 'default'],
  wait: ['until', 'event'],
  loop: ['while', 'until', 'max', 'steps'],
  each: ['in', 'as', 'parallel', 'steps'],
  retry: ['attempts', 'backoff', 'factor', 'max', 'jitter', 'on'],
  agent: ['name', 'model', 'temperature', 'top-p', 'max-tokens', 'seed', 'max-turns'],
  limits: ['tokens', 'usd', 'time', 'parallel'],
  'on-error': ['steps'],
  on: ['commit', 'schedule', 'webhook'],
  commit: ['branches', 'paths', 'each', 'with'],
  schedule: ['cron', 'timezone', 'with', 'catch-up'],
  webhook: ['secret', 'with', 'catch-up'],
  concurrency: ['group', 'when-busy'],
  defaults: [
    ...['agent', 'model', 'context', 'tools', 'skills', 'output', 'env', 'timeout', 'retry', 'limits', 'cache'],
    ...['priority', 'runs-on', 'on-error'],
  ],
}

const asNeeds = 'Write `needs`, with the ids of steps of the same list.'
const asRun = 'Write `run`: a command, or several lines of a script.'
const asRetry = 'Write `retry: 3`, or `retry: { attempts: 3, backoff: 2s }`.'
const asEach = 'Write `each: { in: <a list>, steps: […] }`.'
const asWait = 'Write `wait: 30s`.'
const asIf = 'Write `if`, with an expression such as `steps.judge.output.ok`.'
const asInputs = 'Write `inputs`, with a type for each: `inputs: { topic: string }`.'
const asAgent = 'Write `agent: { name: <agent>, temperature: 0.2 }`.'
const asAnswers = 'Write the answers that are allowed as `output: [yes, no]` of the step.'
const asOnError = 'Write `on-error: continue`.'
const asSystem = 'Put it into an agent file, `agents/<name>.agent.md`, and name that: `agent: <name>`.'

/** What to write instead of a word of other tools, by what it stands in: in lower case, with `-` between its parts. */
export const foreignFields: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  workflow: {
    ...{ secrets: 'List the names of secrets in `orchestrate.yaml`; they are read as `${secrets.NAME}`.' },
    ...{ vars: asInputs, variables: asInputs, parameters: asInputs, params: asInputs },
    ...{ jobs: 'Write `steps`, a list.', tasks: 'Write `steps`, a list.', stages: 'Write `steps`, a list.' },
    ...{ schedule: 'Write it under `on`: `on: { schedule: { cron: 0 9 * * 1-5 } }`.' },
    ...{ env: 'Write it under `defaults`, or at the step that needs it.' },
  },
  step: {
    ...{ 'depends-on': asNeeds, requires: asNeeds, after: asNeeds },
    ...{ script: asRun, bash: asRun, shell: asRun, cmd: asRun, command: asRun, sh: asRun },
    ...{ retries: asRetry, 'max-retries': asRetry, delay: asWait, sleep: asWait, when: asIf, condition: asIf },
    ...{ for: asEach, foreach: asEach, 'for-each': asEach, map: asEach },
    ...{ vars: 'Write `set`, or `inputs` at the head of the file.', uses: 'Write `use`, with the name of a template.' },
    ...{ temperature: asAgent, 'top-p': asAgent, 'max-tokens': asAgent, seed: asAgent, 'max-turns': asAgent },
    ...{ system: asSystem, 'system-prompt': asSystem, options: asAnswers, choices: asAnswers },
    ...{ 'continue-on-error': asOnError, 'ignore-errors': asOnError, 'model-name': 'Write `model`.' },
    ...{ name: 'Write `id` for a name that others can read, `description` for people.' },
    ...{ parameters: 'Write `with`.', args: 'Write `with`.', arguments: 'Write `with`.' },
  },
  on: {
    ...{
      push: 'Write `commit`: `on: { commit: { branches: [main] } }`.',
      cron: 'Write `schedule: { cron: 0 9 * * 1-5 }`.',
    },
  },
  ask: { options: asAnswers, choices: asAnswers },
  loop: { times: 'Write `max`.', count: 'Write `max`.' },
  each: { list: 'Write `in`.', items: 'Write `in`.', 'max-parallel': 'Write `parallel`.' },
}
