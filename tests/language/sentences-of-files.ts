import { awaits, says, type Sentence } from './sentence.ts'

const here = (title: string): string => `language/workspace.test.ts > ${title}`
const configured = (title: string): string => `language/configuration.test.ts > ${title}`
const started = (title: string): string => `daemon/up.test.ts > ${title}`

const workspace: readonly Sentence[] = [
  says(
    'Everything is checked before anything runs.',
    started('a workflow with a mistake is not run, said so, and runs once it is repaired'),
  ),
  says(
    'What the checker accepts, the compiler can compile.',
    'generators/workflow-source.test.ts > the checker accepts every generated workflow',
    'compiler/structure.test.ts > a program is JSON: named references, and nothing lost on the way',
  ),
  says('Only `workflows/` is required.', here('needs nothing but workflows')),
  says('`orchestrate.yaml` is optional; every key has a default.', configured('has a default for every key')),
  says(
    '`workflows/**/*.yaml` and `*.workflow.md` hold one workflow each.',
    here('has a workflow in every YAML and Markdown file below `workflows`, but no template'),
  ),
  says(
    'The name of a workflow is its path below `workflows/` without ending.',
    here('names a workflow by its path below `workflows` without ending'),
  ),
  says(
    'Templates below `workflows/templates/` never run by themselves.',
    here('has a workflow in every YAML and Markdown file below `workflows`, but no template'),
  ),
  says(
    'Agents, skills, prompts and schemas have folders of their own.',
    here('has agents, skills, prompts, schemas, templates and a configuration in their folders'),
  ),
  says(
    '`schemas/` holds the generated JSON Schemas of these formats.',
    'cli/schemas.test.ts > schemas/%s is the one that is generated',
    'cli/schemas.test.ts > describes every field',
  ),
  says(
    '`runs/` holds traces, written by Orchestrate.',
    'git/trace-writer.test.ts > a branch that nobody has checked out gets the trace itself, also in a bare repository',
  ),
  says('The smallest workflow is a list of prompts.', here('needs nothing but workflows')),
]

const head: readonly Sentence[] = [
  says(
    '`name` is a title; the path is the identity.',
    here('names a workflow by its path below `workflows` without ending'),
    here('has a title, a description and tags that change nothing else'),
  ),
  says(
    '`description` and `tags` describe a workflow.',
    here('has a title, a description and tags that change nothing else'),
  ),
  says('A workflow has the listed fields, and no others.', here('has no field that there is not')),
  says(
    'Inputs have a short form: string, number, integer, boolean, list, object.',
    here('has inputs in a short form, as a list of values, as a map of fields, and as JSON Schema with a default'),
  ),
  says(
    'Inputs have a long form: JSON Schema keywords.',
    here('has inputs in a short form, as a list of values, as a map of fields, and as JSON Schema with a default'),
  ),
  says('Cases are named input sets.', here('has cases, each a set of inputs that fits them')),
  says(
    'Each case is run on a commit and has a trace of its own; the default is one case, `default`.',
    'controller/commit-cases.test.ts > each case is a run of its own, and without cases there is one, called default',
  ),
  says(
    'By default, a commit that changes this file, or anything it depends on, starts it.',
    here('is started by a commit unless it says otherwise'),
    'controller/closure.test.ts > the key is the same exactly when every file it depends on is the same',
  ),
  says(
    '`on.commit` names branches, further paths, and whether each commit counts.',
    here('names branches, paths and whether each commit counts'),
    'controller/commit-cases.test.ts > a commit starts a workflow on the branches that it names',
  ),
  says(
    '`on.schedule` has cron and a time zone, or is a list.',
    here('has schedules, one or a list, with a time zone, inputs and what is made good'),
    'controller/scheduler.test.ts > a tick is due once it has come, and belongs to the time zone of its schedule',
    'controller/scheduler.test.ts > ticks that were missed are made good as the schedule says: none, the last one, or all, up to a limit',
    'checker/cases.test.ts > every diagnostic of the parser and the checker has a folder, and no folder is left of one that is gone',
  ),
  says(
    '`on.webhook` is a signed POST to /hooks/<workflow> whose inputs come from the event.',
    here('has a webhook that names its secret and gives inputs from the body'),
    'server/hooks.test.ts > a message that is not signed, or signed with another key or over another body, is refused',
    'daemon/standing-triggers.test.ts > a signed message starts one run, again after a restart, on another branch and however often it is sent; the last good text stays in force',
  ),
  says(
    'A schedule has `with` and `catch-up: none | last | all`, too.',
    here('has schedules, one or a list, with a time zone, inputs and what is made good'),
  ),
  says(
    '`defaults` gives any common step field.',
    'language/steps.test.ts > `defaults` gives any common field to every step, and a step overrides it',
  ),
  says(
    '`limits` are tokens, usd, time and parallel; a run that would pass one stops.',
    here('has limits and a concurrency group, which are handed to the program'),
    'runtime/limits.test.ts > a run that has used up its tokens asks no model any more, and says how many it had',
    'runtime/limits.test.ts > a run that has spent its USD asks no model any more; a cost that nobody knows counts as none',
    'runtime/limits.test.ts > when the time of a run is over, what is under way ends with a timeout, and nothing begins',
    'runtime/limits.test.ts > of a run with `parallel` no more attempts are under way than it says, and all have their turn',
  ),
  says(
    '`concurrency` has a group and says what a run does when it is busy: queue, skip or cancel-running.',
    here('has limits and a concurrency group, which are handed to the program'),
    'runtime/groups.test.ts > of a group that queues one run acts at a time, the oldest first',
    'runtime/groups.test.ts > a run that is to skip a busy group is cancelled, and executes nothing',
    'runtime/groups.test.ts > a run that is to cancel what runs in its group stops it, and goes on alone',
  ),
  says(
    '`outputs` is a map or one value; the default is the output of the last step.',
    here('gives a map or one value, else the output of its last step'),
  ),
  says('`on` names every trigger (`manual`: none).', here('is started by a commit unless it says otherwise')),
  says(
    'An input that a trigger leaves unset is a diagnostic.',
    here('gets a diagnostic for an input that %s leaves unset'),
    here('may be started by hand with inputs that have no default'),
  ),
  awaits(
    'a commit brings no event yet',
    '`run.event` is what the trigger brought.',
    here('has a webhook that names its secret and gives inputs from the body'),
    'server/hooks.test.ts > a message that is signed is taken, with its body and headers, under the name of the workflow',
  ),
  says(
    '`finally` is a list of steps that run whatever happened; `run.status` tells them what did.',
    'language/order.test.ts > a failed run executes the undo of every step that succeeded, newest first, then `finally`',
    'language/order.test.ts > a run that succeeds takes nothing back, and `finally` runs',
  ),
]

const configuration: readonly Sentence[] = [
  says('Hosts have a url, a kind, a key, models, parallel and prices.', configured('has hosts with all their fields')),
  says(
    '`kind` is openai, vllm, sglang, llama.cpp, lmstudio or ollama.',
    configured('knows these kinds of hosts, and no others'),
  ),
  awaits(
    'hosts are not probed for their kind yet',
    '`kind` is found out by probing when left out.',
    configured('has hosts with all their fields'),
  ),
  says(
    '`key` names an environment variable, never holds a key.',
    configured('refuses a key where the name of a variable belongs'),
  ),
  says(
    '`models.default` is what an agent without a model uses.',
    'router/catalog.test.ts > an agent without a model gets the default one, with its fallbacks',
  ),
  says(
    'A model has hosts, a name there, and a fallback.',
    'router/catalog.test.ts > a model runs on its hosts in declared order, under the name that they have for it',
    'router/decide.test.ts > where there is no other host, the same one is tried once more, then the fallback once',
  ),
  says(
    '`triggers` has branches and how often refs are read.',
    configured('has triggers, traces, limits and an address'),
  ),
  says(
    '`traces.to` is auto or a branch.',
    configured('has triggers, traces, limits and an address'),
    'git/trace-writer.test.ts > one branch can take all traces; it holds nothing else',
  ),
  says(
    '`limits` are runs and attempts at once.',
    configured('has triggers, traces, limits and an address'),
    'runtime/keeper.test.ts > no more runs are executed at once than allowed; the others wait in the order of their start',
  ),
  says('`server` has a host and a port.', configured('has triggers, traces, limits and an address')),
  awaits(
    'these keys come with what they configure',
    '`mcp`, `router`, `notifications`, `worker` and `engine` configure the rest.',
    configured('has the keys of later versions, and says that nothing acts on them'),
  ),
  says(
    'Without `orchestrate.yaml` and with OPENAI_API_KEY, the host `openai` exists and `default` is gpt-4o.',
    'hosts/resolve.test.ts > without hosts, the key of OpenAI makes one, with gpt-4o as the default model',
  ),
  says(
    'With no host at all, a command that needs one stops, and its hint names the three ways on.',
    'daemon/run.test.ts > without a host a run is refused, and the ways on are named',
    'hosts/fleet.test.ts > without a host, a call fails with the three ways to get one',
  ),
  says(
    'A simulated answer is never given unasked.',
    'hosts/resolve.test.ts > simulated answers are given only when asked for, by flag or by environment',
  ),
  says(
    'A trace always says that its host was simulated.',
    'hosts/client.test.ts > an answer comes whole, with its usage and the mark of a simulated host',
    'hosts/fleet.test.ts > simulated answers in process say so, obey a stop, and are the same every time',
  ),
]

/** What is said of workspaces, of the head of a workflow and of the configuration. */
export const sentencesOfFiles: readonly Sentence[] = [...workspace, ...head, ...configuration]
