import { expect, test } from 'vitest'
import type { ChartState } from '../src/compiler/program.ts'
import type { Json } from '../src/model/json.ts'
import type { RunStatus } from '../src/runtime/status.ts'
import { formatWorkflow } from '../src/parser/format.ts'
import { compiled, gallery, runGallery, shelf } from './gallery/run-gallery.ts'

const names = [...gallery.keys()]

/** A state by the keys that lead to it from the root: `groundwork.slogans`. */
function stateAt(from: ChartState, path: string): ChartState {
  return path.split('.').reduce<ChartState>((state, key) => {
    const child = state.states?.[key]
    if (!child) throw new Error(`no state ${key} of ${path}; there are ${Object.keys(state.states ?? {}).join(', ')}`)
    return child
  }, from)
}

const childKeys = (state: ChartState): string[] => Object.keys(state.states ?? {})
const outputOf = (status: RunStatus, path: string): Json => status.steps.get(path)?.output ?? null
const margin = (status: RunStatus, turn: number): number =>
  (outputOf(status, `exchange/${turn}/judge`) as { margin: number }).margin

test('the gallery has a campaign, a debate, an adventure and a patch', () => {
  expect(names).toEqual(['debate', 'dnd-adventure', 'marketing', 'zero-to-hero'])
})

test('agents, schemas and configuration of the repository are sound, and somebody asks each agent', () => {
  expect([...shelf.diagnostics.values()].flat()).toEqual([])
  const steps = names.flatMap(name => Object.values(compiled(name).program.steps))
  const asked = new Set(steps.flatMap(({ work }) => (work.kind === 'prompt' ? [work.agent.name] : [])))
  expect([...shelf.library.agents.keys()].sort()).toEqual([...asked].sort())
  for (const { agent } of shelf.library.agents.values()) {
    expect(agent).toMatchObject({ description: expect.any(String), temperature: expect.any(Number) })
    expect(agent.system.length).toBeGreaterThan(100)
  }
})

test.each(names)('%s has neither errors nor warnings', name => {
  expect(gallery.get(name)?.diagnostics.filter(({ severity }) => severity !== 'info')).toEqual([])
})

test.each(names)('%s stands as `orchestrate fmt` writes it', name => {
  const { source = '', path = '' } = gallery.get(name) ?? {}
  expect(source).not.toBe('')
  expect(formatWorkflow(source, path)).toBe(source)
})

test.each(names)('a commit can start %s: each of its inputs has a default and says what it is', name => {
  for (const input of Object.values(compiled(name).program.inputs)) {
    expect(input).toMatchObject({ default: expect.anything(), description: expect.any(String) })
  }
})

test.each(names)('the program of %s is plain JSON', name => {
  const { program } = compiled(name)
  expect(JSON.parse(JSON.stringify(program))).toEqual(program)
})

test.each(names)('%s succeeds, and the same answers lead to the same run', async name => {
  const first = await runGallery(name, 1)
  const again = await runGallery(name, 1)
  const other = await runGallery(name, 2)
  expect([first.phase, other.phase]).toEqual(['succeeded', 'succeeded'])
  expect(again.outputs).toEqual(first.outputs)
  expect(new Map([...again.steps].map(([path, step]) => [path, step.output]))).toEqual(
    new Map([...first.steps].map(([path, step]) => [path, step.output])),
  )
  expect(other.outputs).not.toEqual(first.outputs)
})

test('slogans, outline and objections of a campaign are parallel states, the slogans within', () => {
  const { machine } = compiled('marketing').program
  const groundwork = stateAt(machine, 'groundwork')
  expect(groundwork.type).toBe('parallel')
  expect(childKeys(groundwork)).toEqual(['outline', 'objections', 'slogans'])
  const slogans = stateAt(machine, 'groundwork.slogans.slogans')
  expect(slogans.type).toBe('parallel')
  expect(childKeys(slogans)).toEqual(['promise', 'moment', 'contrast'])
  expect(childKeys(machine).slice(1, -2)).toEqual(['audience', 'groundwork', 'choose', 'brief'])
})

test('a campaign ends with one of its three slogans chosen, and with reasons', async () => {
  const status = await runGallery('marketing', 0)
  expect(outputOf(status, 'choose')).toEqual({
    direction: expect.stringMatching(/^(promise|moment|contrast)$/),
    slogan: expect.any(String),
    reasons: expect.any(Array),
    weakness: expect.any(String),
  })
  expect(status.outputs).toEqual({
    slogan: (outputOf(status, 'choose') as { slogan: string }).slogan,
    direction: (outputOf(status, 'choose') as { direction: string }).direction,
    brief: outputOf(status, 'brief'),
  })
})

test('the debate is a loop that asks before a turn and after it', () => {
  const exchange = stateAt(compiled('debate').program.machine, 'exchange')
  expect(childKeys(exchange)).toEqual(['Check', 'Turn', 'After'])
  expect(childKeys(stateAt(exchange, 'Turn'))).toEqual(['pro', 'con', 'judge', 'Done'])
  const turns = { step: 'exchange', max: 6, expression: 'index < inputs.rounds' }
  expect(stateAt(exchange, 'Check').always).toContainEqual(
    expect.objectContaining({ guard: { type: 'turns', params: turns }, target: 'Turn' }),
  )
  expect(stateAt(exchange, 'After').always).toContainEqual(
    expect.objectContaining({ guard: { type: 'holds', params: expect.objectContaining({ at: 'until' }) } }),
  )
})

test('a debate ends when one side is clearly ahead, and at the latest after its rounds', async () => {
  const endings = new Set<string>()
  for (const seed of [0, 1, 2, 3, 4, 5]) {
    const rounds = 2
    const status = await runGallery('debate', seed, { rounds, lead: 8 })
    const turns = status.steps.get('exchange')?.turns ?? 0
    const margins = Array.from({ length: turns }, (_, turn) => margin(status, turn))
    expect(margins.slice(0, -1).every(value => value < 8)).toBe(true)
    const isDecided = (margins.at(-1) ?? 0) >= 8
    expect(isDecided || turns === rounds).toBe(true)
    expect(status.steps.has(`exchange/${turns}/pro`)).toBe(false)
    endings.add(isDecided ? 'condition' : 'bound')
  }
  expect([...endings].sort()).toEqual(['bound', 'condition'])
})

const ways = { bridge: ['crossing', 'far_side'], tunnel: ['senses', 'lair'], door: ['riddle', 'reply', 'threshold'] }

test('the adventure forks three ways: a loop, parallel states and a plain row', () => {
  const { machine } = compiled('dnd-adventure').program
  const fork = stateAt(machine, 'fork')
  expect(childKeys(fork)).toEqual(['Choose', ...Object.keys(ways)])
  for (const [way, steps] of Object.entries(ways))
    expect(childKeys(stateAt(machine, `fork.${way}`))).toEqual([...steps, 'Done'])
  expect(childKeys(stateAt(machine, 'fork.bridge.crossing'))).toEqual(['Check', 'Turn', 'After'])
  expect(stateAt(machine, 'fork.tunnel.senses').type).toBe('parallel')
  expect(stateAt(machine, 'campfire.If').always).toContainEqual(
    expect.objectContaining({ guard: expect.objectContaining({ type: 'holds' }), target: 'Then' }),
  )
})

test('an adventure takes the way that the hero chose, and no other', async () => {
  const taken = new Set<string>()
  for (const seed of [0, 1, 2, 3, 4]) {
    const status = await runGallery('dnd-adventure', seed)
    const way = String(outputOf(status, 'choice')) as keyof typeof ways
    expect(status.steps.get('fork')?.branch).toBe(way)
    const reached = Object.values(ways)
      .flat()
      .filter(id => status.steps.has(id))
    expect(reached).toEqual(ways[way])
    const { strength } = outputOf(status, 'toll') as { strength: number }
    expect(status.steps.get('campfire')?.phase).toBe(strength <= 5 ? 'succeeded' : 'skipped')
    taken.add(way)
  }
  expect([...taken].sort()).toEqual(['bridge', 'door', 'tunnel'])
})

test('a patch is revised only when its review asks for it', async () => {
  const verdicts = new Set<string>()
  for (const seed of [0, 1, 2, 3, 4]) {
    const status = await runGallery('zero-to-hero', seed)
    const { verdict } = outputOf(status, 'review') as { verdict: string }
    const revised = status.steps.get('revise')?.phase === 'succeeded'
    expect(revised).toBe(verdict === 'revise')
    const { patch } = status.outputs as { patch: string }
    expect(patch).toBe(outputOf(status, revised ? 'revise' : 'build'))
    verdicts.add(verdict)
  }
  expect([...verdicts].sort()).toEqual(['accept', 'revise'])
})

test('the plan and its risks are two outputs of one step, and the review is shown both', async () => {
  const { program } = compiled('zero-to-hero')
  expect(program.names).toMatchObject({
    Plan: { step: 'plan', key: 'Plan' },
    Risks: { step: 'plan', key: 'Risks' },
  })
  const status = await runGallery('zero-to-hero', 0)
  const { Plan, Risks } = outputOf(status, 'plan') as { Plan: string; Risks: string }
  const shown = status.steps.get('review')?.attempts[0]?.messages?.at(-1)?.content
  expect(shown).toContain(`Plan: ${Plan}\nRisks: ${Risks}\nPatch: `)
})
