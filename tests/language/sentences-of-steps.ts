import { awaits, says, type Sentence } from './sentence.ts'

const step = (title: string): string => `language/steps.test.ts > ${title}`
const order = (title: string): string => `language/order.test.ts > ${title}`
const context = (title: string): string => `runtime/context-rule.test.ts > ${title}`
const work = step('of %s reaches the executor')
const waits =
  'cli/control.test.ts > waits and questions end by themselves: a time that is past, a timeout with a default, and one without'
const later = 'its executor is not there yet'

const shown: readonly Sentence[] = [
  says('Steps run from top to bottom.', order('a step starts when the step above it has settled')),
  says(
    'Context rule: a prompt that refers to no step sees the outputs of all steps upstream.',
    context('in a row, its own agent as the assistant and the others as the user'),
  ),
  says(
    '… in document order, never by who finished first.',
    context('in the order of the file, whoever finished first'),
  ),
  says(
    '… with earlier turns of its loop.',
    context('whole, and its own turn as far as it has come'),
    context('in loops of loops, by the turns of each'),
  ),
  says('… without blocks and skips.', context('without steps that were skipped or failed, and without blocks')),
  says(
    '… as the assistant what the same agent said, as the user, under its step id, the rest.',
    context('in a row, its own agent as the assistant and the others as the user'),
  ),
  says('A prompt that refers to a step by ${…} or a name sees only what it names.', context('%s')),
  says('… or by `previous`.', context('as the turn before')),
  says('… or by `item`.', step('that names the item it is for sees nothing else')),
  says(
    '`context: none | needs | all | [ids]` overrides the rule.',
    context('none: nothing but the prompt'),
    context('needs: what it waits for'),
    context('all: everything upstream, even when it names a step'),
    context('ids: those, in the order of the file, and of a block what is in it'),
  ),
]

const kinds: readonly Sentence[] = [
  says(
    'A step has an id, a lower-case letter, then letters, digits and underscores.',
    step('with a hyphen in its id is told the name with an underscore'),
  ),
  says('… unique in the file.', step('has an id that no other step of the file has')),
  says('A heading "Build it" becomes `build_it`.', 'parser/markdown.test.ts > the heading "%s" makes the id %s'),
  says('A step has exactly one kind key.', step('has exactly one kind')),
  says(
    'Without an id it gets a stable one that nothing can refer to.',
    step('without an id gets a stable one that nothing can refer to'),
  ),
  says(
    'A hyphen gets a diagnostic with the underscored name as hint.',
    step('with a hyphen in its id is told the name with an underscore'),
  ),
  says(
    '`prompt` asks an agent, or a model.',
    work,
    'executors/prompt.test.ts > a text is given to the step as it came, with where it came from',
  ),
  says('`prompt` takes a text of the library with values.', work),
  awaits(
    'the agent loop comes with tools',
    '`prompt` with tools runs the agent loop until it answers or `max-turns` is reached.',
    step('agent, model, context, tools, skills, output, env, cache and priority are defaults for its steps'),
  ),
  awaits(later, '`tool` calls one MCP tool.', work),
  says(
    '`run` is a command, never templated: values reach it through `env`.',
    work,
    'language/expressions.test.ts > a command is never templated',
    'executors/run.test.ts > a value full of shell metacharacters is inert',
  ),
  says(
    '`run` may use the network where it says so.',
    work,
    'executors/run.test.ts > the network is there only for a step that asks for it',
  ),
  awaits(later, '`http` makes one request with method, url, headers, query, json or body.', work),
  awaits(later, '`http` fails on what is not 2xx, unless `expect` is given.', work),
  awaits(later, '`kilo` hands a task, text or map, to the Kilo Code CLI.', work),
  says(
    '`ask` waits for a person; `output` limits the answer, `default` is it after `timeout`.',
    work,
    'daemon/control.test.ts > a person answers a question of the daemon, and what does not fit is refused with a hint',
    waits,
  ),
  says(
    '`wait` waits for a while, until a time, or for an event.',
    work,
    waits,
    'daemon/control.test.ts > an event that comes before a step waits for it is kept, and each is taken once',
  ),
  says('`set` computes values.', step('that computes gives its values and asks nobody')),
  says(
    '`workflow` runs another workflow as a child run with its own trace.',
    work,
    'daemon/child.test.ts > a child that waits is found again after kill -9, and none is started beside it',
    'daemon/child.test.ts > a child is cancelled with its parent, and one that fails or is cancelled fails the step that called it',
  ),
  says(
    '`use` splices a template in at compile time.',
    step('is spliced in when the workflow is compiled, under ids of its own'),
    step('may use another one'),
  ),
  says(
    'A template’s ids are its own, its output is that of its last step.',
    step('is read from outside as a whole: its steps are nobody else’s'),
    step('has the output of its last step, and defaults for what it is not given'),
  ),
  awaits(later, '`code` calls a function of a module in the workspace.', work),
  says('`parallel` is a list of steps, all at once.', order('`parallel` starts all of its steps at once')),
  says(
    '`switch` takes the case of a value, else the default.',
    order('takes the case that is the value, else the default'),
  ),
  says('`switch` of a list takes the first match.', order('of a list of branches takes the first that holds')),
  says(
    'A missing `default` is a diagnostic unless the cases are exhaustive.',
    order('without a default is told so unless its cases are all there can be'),
  ),
  says(
    '`loop`: `while` before a turn, `until` after; to reach `max` is no failure.',
    order('is asked `while` before a turn and `until` after it, and turns at most `max` times without failing'),
  ),
  says('`max` is required.', order('must say how often it turns at most')),
  says(
    '`each` goes through a list, some items at once, under a name.',
    order('runs its steps for every item, at most as many at once as it says'),
    order('knows the item by `item` or the name in `as`, and its place by `index`'),
    order('goes through a list that an expression gives, or that is written out'),
  ),
  says('`steps` is a plain group.', step('of %s is that of the last step')),
]

const outputs: readonly Sentence[] = [
  says(
    'The output of `run` is stdout.',
    'executors/run.test.ts > the output of a command is what it prints, without the line break at its end',
  ),
  awaits(later, 'The outputs of `http`, `tool`, `kilo` and `workflow` have a form each.', work),
  says(
    'The output of `parallel` is a map from step id to output.',
    step('of `parallel` is a map from step id to output'),
  ),
  says(
    'The output of `each` is the list of its bodies’ outputs, in input order.',
    step('of `each` is the list of its bodies’ outputs, in the order of the list'),
  ),
  says(
    'The output of other blocks is that of the last step, of the case taken, of the last turn.',
    step('of %s is that of the last step'),
  ),
  says(
    'A step starts when the step above it in its list has settled.',
    order('a step starts when the step above it has settled'),
  ),
  says(
    '`needs`, of the same list, replaces that; `needs: []` starts at once.',
    order('`needs` replaces the step above by steps of the same list'),
    order('`needs` of steps in another list is refused'),
  ),
  says(
    'What a step reads, it also waits for.',
    order('what a step reads, it also waits for'),
    order('steps that wait for one another are refused'),
  ),
  says(
    'A skip does not spread.',
    order('a skipped step counts as settled, its output is null, and the skip does not spread'),
  ),
  says(
    '`if` false: the step is skipped; it counts as settled, its output is null.',
    order('a skipped step counts as settled, its output is null, and the skip does not spread'),
  ),
  says(
    '`retry` is a number or a map with pauses and reasons.',
    order('is tried again as often as `retry` says, and a terminal one never'),
    order('has pauses of the lengths that `retry` says'),
  ),
  says(
    'Terminal failures are never retried.',
    order('is tried again as often as `retry` says, and a terminal one never'),
  ),
  says(
    '`timeout` is per attempt.',
    'runtime/keeper.test.ts > an attempt that takes longer than its timeout is stopped, fails, and is tried again after its pause',
    step('labels of a worker, the priority and a time for each attempt go with it'),
  ),
  says(
    'On a block, ten fields are defaults for its steps.',
    step('agent, model, context, tools, skills, output, env, cache and priority are defaults for its steps'),
  ),
  says('… the rest act on it as one.', step('retry acts on the block as one'), step('`if` skips all of it')),
  says('`agent` is a name, or a name and fields to change here.', work),
  says(
    '`on-error: fail` fails the enclosing list and cancels its siblings at once.',
    order('fails the enclosing list and cancels its siblings at once'),
  ),
  says(
    '`continue` settles the step with `output: null` and `error` set.',
    order('with `continue` settles the step with null and its error'),
  ),
  says(
    '`on-error: { steps }` runs a handler, whose output stands in.',
    order('is handled by the steps of `on-error`, whose output stands in'),
  ),
  says(
    '`undo`: a failed run executes the undo of every step that succeeded, newest first, then `finally`.',
    order('a failed run executes the undo of every step that succeeded, newest first, then `finally`'),
  ),
  says(
    'A rolled-back run executes the undo of its steps, too.',
    'daemon/again.test.ts > a rollback runs the undo steps newest first, and with --to only those of what came after',
  ),
  says(
    '`output` is text, json, a path below schemas/ or a schema.',
    step('has a schema that is `text` unless something else is written'),
  ),
  says(
    'Schemas are a type, a list of values, a map of fields (all required), or JSON Schema.',
    step('has a schema that is `text` unless something else is written'),
  ),
  says(
    'An answer that does not fit is repaired once by showing the model the error.',
    'executors/prompt.test.ts > a wrong answer is shown to the model once, with what is wrong, and the second one counts',
  ),
  says(
    '… then it is `InvalidOutput`.',
    'executors/prompt.test.ts > a second wrong answer is a failure that keeps what the model said',
  ),
  says(
    '`expect` is tested on the output; false is the failure `Unexpected`.',
    order('of what was expected is Unexpected, for `retry` and `on-error` like any other'),
  ),
  says(
    '`as` names the output anywhere downstream; a list asks for an object of texts and names each.',
    step('is named by `as`, and several texts of one answer by a list'),
  ),
  says(
    '`cache: true` reuses the recorded output of an earlier step with the same key.',
    step('agent, model, context, tools, skills, output, env, cache and priority are defaults for its steps'),
    'controller/known-answers.test.ts > a cached step takes the newest answer to the same question, and says where it is from',
  ),
  awaits(
    'steps see the revision, not what others changed',
    '`run`, `code` and `kilo` see the run’s revision plus what the steps upstream changed.',
    'executors/run.test.ts > a command starts in a scratch folder of its own, which is gone afterwards',
  ),
  awaits(
    'what a command leaves behind is not kept yet',
    '`out/` goes into the trace.',
    'executors/run.test.ts > what a command leaves behind does not keep its step from ending',
  ),
  awaits('files do not reach a model yet', '`prompt: { text, files }` shows files to the model.', work),
  says(
    '`priority` and `runs-on` go with an attempt.',
    step('labels of a worker, the priority and a time for each attempt go with it'),
  ),
]

/** What is said of steps: what they are shown, what they do, what they give. */
export const sentencesOfSteps: readonly Sentence[] = [...shown, ...kinds, ...outputs]
