import { emptyLibrary, type Library } from '../../src/checker/library.ts'
import type { TemplateSource, WorkflowSource } from '../../src/model/workflow-source.ts'
import { parseWorkflow } from '../../src/parser/parse.ts'
import { parsePrompt } from '../../src/parser/prompt.ts'

/** What the generated workflows name outside their files. */

export const agentNames = ['writer', 'judge', 'code-reviewer'] as const
export const schemaPath = 'schemas/score.json'
export const skillName = 'release-notes'

/** Texts of the prompt library, and the values that each is given. */
export const prompts = {
  'prompts/review.md': { text: 'Review ${topic} as ${run.workflow} does.\n\n$${literal}', values: ['topic'] },
  'prompts/plain.md': { text: 'Say something kind.', values: [] },
} as const

/** Templates, from the plainest on. Their ids are none that a generated step has. */
export const templates: Readonly<Record<string, TemplateSource>> = {
  gather: {
    inputs: { topic: 'string', count: { type: 'integer', default: 2 } },
    steps: [
      { id: 'look', prompt: 'Look at ${topic}.' },
      { id: 'noted', set: { text: '${steps.look.output}', count: '${inputs.count + 1}' }, as: 'Noted' },
      { prompt: 'Say ${Noted.text} ${count} times.' },
    ],
  },
  careful: {
    inputs: { parts: { type: 'list', default: ['a', 'costs ${x}'] }, word: { type: 'string', default: '$${y} ${' } },
    steps: [
      {
        id: 'every',
        each: {
          in: 'parts',
          as: 'part',
          parallel: 1,
          steps: [
            {
              id: 'one',
              prompt: 'Do ${part}, ${index}, ${word}.',
              'on-error': { steps: [{ id: 'mend', set: { value: '${error.reason}' } }] },
            },
          ],
        },
      },
      {
        id: 'again',
        loop: {
          max: 2,
          until: 'steps.turn.output == "bug"',
          steps: [{ id: 'turn', prompt: 'More ${first(previous.turn.output, "nothing")}.' }],
        },
      },
    ],
  },
  nested: {
    inputs: { subject: { type: 'string', default: 'owls' } },
    steps: [
      {
        id: 'both',
        parallel: [
          { id: 'first_part', use: 'gather', with: { topic: '${subject}: ${run.branch}' } },
          { id: 'second_part', run: 'true', env: { SUBJECT: '${inputs.subject}' } },
        ],
      },
      { id: 'joined', needs: ['both'], prompt: '${steps.first_part.output} and ${steps.second_part.output}' },
      { id: 'told', needs: ['joined'], switch: 'steps.second_part.output', cases: { bug: [] }, default: [{ set: {} }] },
    ],
  },
}

/** Workflows that generated ones call. */
export const workflows: Readonly<Record<string, WorkflowSource>> = {
  review: {
    inputs: { topic: 'string', depth: { type: 'integer', default: 1 } },
    steps: [{ id: 'read', prompt: 'Read ${topic}.' }],
  },
  'sub/quiet': { on: 'manual', steps: [{ set: { done: true } }] },
}

/** Everything above as the checker takes it. */
export const generatedLibrary: Library = {
  ...emptyLibrary,
  agents: new Map(
    agentNames.map(name => [
      name,
      {
        agent: { name, models: [], tools: { deny: [] }, skills: [], foreign: {}, system: `You are ${name}.` },
        path: `agents/${name}.agent.md`,
      },
    ]),
  ),
  skills: new Map([
    [
      skillName,
      {
        skill: {
          name: skillName,
          description: 'How we write release notes.',
          metadata: {},
          allowedTools: [],
          foreign: {},
          body: 'Be brief.',
        },
        path: `skills/${skillName}/SKILL.md`,
      },
    ],
  ]),
  schemas: new Map([[schemaPath, { type: 'object', properties: { score: { type: 'number' } }, required: ['score'] }]]),
  prompts: new Map(Object.entries(prompts).map(([path, { text }]) => [path, parsePrompt(text, path)])),
  templates: new Map(
    Object.entries(templates).map(([name, source]) => [
      name,
      parseWorkflow(JSON.stringify(source), `workflows/templates/${name}.yaml`),
    ]),
  ),
  workflows: new Map(
    Object.entries(workflows).map(([name, source]) => [
      name,
      parseWorkflow(JSON.stringify(source), `workflows/${name}.yaml`),
    ]),
  ),
}
