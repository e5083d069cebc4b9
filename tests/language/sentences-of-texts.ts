import { awaits, says, type Sentence } from './sentence.ts'

const value = (title: string): string => `language/expressions.test.ts > ${title}`
const agent = (title: string): string => `checker/agent.test.ts > ${title}`
const markdown = (title: string): string => `parser/markdown.test.ts > ${title}`
const corpus = 'checker/agent-corpus.test.ts > %s loads'

const expressions: readonly Sentence[] = [
  says(
    'Expressions are CEL, statically checked, without `eval`.',
    'model/expression-limits.test.ts > what a value contains is never evaluated',
    'model/expression-laws.test.ts > any text is an expression or has a problem that lies in it',
  ),
  says(
    'Numbers are JSON numbers and mix freely, also with text; null compares with anything.',
    value('gives %s'),
    'model/expression.test.ts > %s is %s',
  ),
  says(
    'There are `first`, `sum`, `mean`, `min`, `max`, `flatten` and `json`.',
    value('gives %s'),
    'model/expression.test.ts > %s is %j',
    'language-page.test.ts > every function of the language is listed',
  ),
  says('An expression that fails, fails its step (`InvalidExpression`).', value('gives %s')),
  says(
    '`if`, `while`, `until`, `switch`, `when`, `in` and `expect` take a bare expression.',
    value('is bare in `if`, `while`, `until`, `switch`, `when`, `in` and `expect`'),
  ),
  says(
    '… `in` also a YAML list.',
    'language/order.test.ts > goes through a list that an expression gives, or that is written out',
  ),
  says('… one ${…} around it is accepted.', value('one pair of braces around a bare condition is accepted')),
  says(
    'Every other text is a template; a lone ${…} keeps its type, inside text a list or map is JSON and null is nothing.',
    value('in a template, %s'),
  ),
  says(
    '$${ is a literal ${.',
    value('in a template, %s'),
    'parser/template.test.ts > a literal text survives when each ${ in it is escaped',
  ),
  says(
    'One pass: what a value contains is never evaluated again.',
    value('in a template, %s'),
    'runtime/run.test.ts > what a value contains is never computed again',
  ),
  says(
    'Numbers, durations and names of agents, models, tools and workflows are literal.',
    value('of %s says what may be read'),
  ),
  says(
    'Turns are bounded by `while: index < inputs.rounds`.',
    'gallery.test.ts > a debate ends when one side is clearly ahead, and at the latest after its rounds',
  ),
  says(
    'A bare word of CEL is a diagnostic: say `inputs.type`.',
    value('of %s says what may be read'),
    value('an input that is a word of CEL is read by its path, and told so elsewhere'),
  ),
  says(
    'What YAML misreads gets one diagnostic, its hint the quoted line.',
    value('what YAML misreads in %j is one diagnostic, whose hint is the quoted line'),
    'parser/yaml.test.ts > %s is explained by the quoted line',
  ),
  says('`inputs.x`, or bare `x`, is an input.', value('gives %s')),
  says(
    '`steps.<id>` has output, status, error, attempts, usage and items.',
    value('gives %s'),
    'language/order.test.ts > is read from outside as the list of its outputs alone',
  ),
  says(
    '`status` is succeeded, failed or skipped; `error` has step, reason, message and output.',
    'language/order.test.ts > with `continue` settles the step with null and its error',
  ),
  says('`Name` is an output named by `as`.', value('gives %s')),
  says(
    '`item` (or the name in `as`) and `index` are there inside `each`.',
    'language/order.test.ts > knows the item by `item` or the name in `as`, and its place by `index`',
  ),
  says('`index` counts from 0, of the innermost.', value('knows `index` of the innermost loop or `each`')),
  says(
    '`previous.<id>` is a body step as the turn before left it; all null in the first turn.',
    'language/order.test.ts > knows each body step as the turn before left it, and all null in the first turn',
  ),
  says('`run` has facts of the run.', value('gives %s')),
  says(
    '`secrets.NAME` is only in `http.headers` and `env`; in a prompt it is an error.',
    value('of %s says what may be read'),
    'checker/cases.test.ts > every diagnostic of the parser and the checker has a folder, and no folder is left of one that is gone',
  ),
  says(
    'A step may be read where it has settled on every path.',
    value('of %s says what may be read'),
    'runtime/scope-law.test.ts > what the checker lets a step read has settled when it is read, or never will',
  ),
  says(
    'What a case not taken or a skipped block holds counts as skipped.',
    value('a step in a case not taken, or in a skipped block, counts as skipped'),
  ),
  says(
    'After a loop, a body step means its last turn.',
    'language/order.test.ts > is read from below as its last turn',
  ),
  says(
    'From outside an `each`, only the `each` can be read.',
    'language/order.test.ts > is read from outside as the list of its outputs alone',
  ),
  says('A bare name given twice is a diagnostic.', value('of %s says what may be read')),
  says(
    'The checker type-checks what it can: an output with a schema has a type.',
    value('an output with a schema has a type: a field that it has not is refused'),
  ),
  says('It rejects an unknown name, with the nearest one.', value('an unknown name is told the nearest one')),
  says('… a read of a step that has not settled at that point.', value('of %s says what may be read')),
  says('… a read that is certainly null.', value('of %s says what may be read')),
  says(
    'All problems are told at once.',
    value('every problem of a file is told at once'),
    'cli/five-mistakes.test.ts > five different mistakes are five diagnostics with line, column and hint, and exit code 2',
  ),
]

const agents: readonly Sentence[] = [
  says(
    'An agent is YAML front matter, then the system prompt.',
    'parser/agent.test.ts > an agent file is its front matter and its system prompt',
    'language/steps.test.ts > of %s reaches the executor',
  ),
  says(
    'It has the listed fields of its own.',
    'checker/agent-corpus.test.ts > %s',
    'checker/agent-laws.test.ts > the fields of our own load together, and the generated ones are all of them',
  ),
  says(
    '`model` is a name, or a list tried in order.',
    'executors/prompt.test.ts > the models of an agent are tried in order',
  ),
  says('Files written for VS Code, Copilot and Claude Code load as they are.', corpus),
  says(
    'Fields without a meaning here are kept and reported once as info.',
    agent('fields of other tools are named once, in the order of the file, and never stop an agent'),
    'checker/agent-laws.test.ts > fields of other tools load with any value, and are kept',
  ),
  says('`tools` may be a string, list or map.', agent('%j says which tools may be called')),
  says(
    'Names may be in camelCase or kebab-case.',
    'checker/agent-laws.test.ts > kebab case, camel case and snake case are spellings of one name',
  ),
  says('A missing `name` comes from the file name.', agent('an agent without a name is called like its file')),
  says(
    'A missing `model` comes from the configuration.',
    agent('an agent without a model, or with that of whoever asks, uses the default one'),
  ),
  says(
    'Front matter that is not quite YAML is recovered line by line with a warning.',
    'parser/agent.test.ts > front matter that is not quite YAML is recovered line by line, with one warning',
  ),
  says(
    '`SKILL.md` has name, description, license, compatibility, metadata and allowed-tools.',
    'checker/skill.test.ts > a skill in the format of Agent Skills has nothing to be said of',
  ),
  says('Skills are named by name or path.', 'checker/agent-shelf.test.ts > the skill %j is %s'),
  awaits(
    'the tool that reads a skill comes with tools',
    'A skill’s description goes into the system prompt; its body is read by a tool, or inlined.',
    'language/steps.test.ts > the skills of an agent stand in its system prompt, with description and body',
  ),
]

const spelling: readonly Sentence[] = [
  says(
    'Front matter holds the workflow fields other than `steps`; `#` is the name; each `##` is a step.',
    markdown('a whole workflow is read from its headings, bullets and texts'),
  ),
  says(
    'Bullets right under a heading set fields; the rest is the prompt.',
    markdown('a whole workflow is read from its headings, bullets and texts'),
  ),
  says(
    'Below a block bullet deeper headings are children; elsewhere they are text.',
    markdown('below a block, deeper headings are its steps'),
    'parser/markdown-kinds.test.ts > a switch, an each, a loop and a group stand inside one another as headings',
  ),
  says(
    'Bullets may be written with * or -, with the colon inside or outside, and without a link.',
    markdown('%s sets %j'),
  ),
  says(
    'Any field is a bullet, in words; agents and schemas also as links.',
    markdown('%s sets %j'),
    'parser/markdown-kinds.test.ts > %s',
  ),
  says(
    'A fenced block `yaml fields` holds what is longer.',
    markdown('what is longer stands in a block of fields'),
    'parser/markdown-kinds.test.ts > handlers, undo steps and long requests stand in blocks of fields',
  ),
  says(
    '`Loop`, `Each`, `Switch`, `Case` and `Default` are bullets.',
    markdown('a switch with a value has a case for each of its steps'),
    'parser/markdown-kinds.test.ts > the headings below an Each of %s are its steps',
  ),
  says('`Output: ${Plan}, ${Risks}` is `as`; a type or schema there is `output`.', markdown('%s sets %j')),
  says(
    '`Input: ${Plan}` begins the prompt with a line; with `Run` it sets `env`.',
    markdown('a whole workflow is read from its headings, bullets and texts'),
    markdown('a command gets its inputs through its environment, and its text describes it'),
  ),
  says(
    'A variable in `Input` that no step outputs is a text input of the workflow.',
    markdown('an input of a step is an input of the workflow unless a step outputs it or it is declared'),
  ),
  says(
    'Both spellings parse to the same workflow.',
    'compiler/determinism.test.ts > both spellings of a workflow compile to the same program',
    'language-page.test.ts > both spellings of the review are the same workflow',
  ),
  says(
    '`orchestrate convert` turns one into the other and back without loss of meaning.',
    'parser/convert.test.ts > a workflow means the same in both spellings, and there and back',
  ),
  says(
    'YAML comments survive an edit.',
    'parser/edit-laws.test.ts > a text stays byte for byte before and behind a value that is set',
    'parser/convert.test.ts > every comment is either carried over or named as left behind',
  ),
]

/** What is said of texts: expressions, agents, and the spelling in Markdown. */
export const sentencesOfTexts: readonly Sentence[] = [...expressions, ...agents, ...spelling]
