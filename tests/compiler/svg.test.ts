import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { GraphNode } from '../../src/compiler/program.ts'
import { visibleText } from '../../src/model/visible-text.ts'
import { compiled, gallery } from '../gallery/run-gallery.ts'
import { cases } from '../generators/cases.ts'
import { workflowSource } from '../generators/workflow-source.ts'
import { programOfSteps, soundProgram } from '../runtime/sound-program.ts'
import { anyGraph, drawn, largeGraph, programWith, strangeText } from './pictures.ts'
import { elementsOf, readXml, type XmlElement } from './xml.ts'

const known = ['svg', 'title', 'desc', 'style', 'g', 'rect', 'path', 'circle', 'text', 'tspan']

function withData(svg: string, name: string): XmlElement[] {
  return elementsOf(readXml(svg)).filter(({ attributes }) => `data-${name}` in attributes)
}

const stepIds = (svg: string): (string | undefined)[] =>
  withData(svg, 'step').map(({ attributes }) => attributes['data-step'])
const childText = ({ children }: XmlElement, name: string): string | undefined =>
  children.find(child => child.name === name)?.text

test('in the picture of a workflow each step is drawn once, and each edge', async () => {
  const law = fc.asyncProperty(workflowSource, async source => {
    const { program } = soundProgram(source)
    const svg = await drawn(program)
    expect(stepIds(svg).toSorted()).toEqual(program.order.toSorted())
    const edges = withData(svg, 'edge').map(({ attributes }) => attributes)
    for (const { from, to, kind } of program.graph.edges) {
      const [line, ...more] = edges.filter(
        found => found['data-from'] === from && found['data-to'] === to && found['data-edge'] === kind,
      )
      expect([line === undefined, more.length]).toEqual([false, 0])
    }
  })
  await fc.assert(law, cases(60))
})

test('whatever is written in a workflow, its picture is XML that shows every character and runs nothing', async () => {
  const law = fc.asyncProperty(anyGraph, strangeText, strangeText, async (graph, title, description) => {
    const svg = await drawn(programWith(graph, title, description))
    const root = readXml(svg)
    expect(visibleText(svg)).toBe(svg)
    expect(stepIds(svg).toSorted()).toEqual(graph.nodes.map(({ id }) => id).toSorted())
    for (const { name, attributes } of elementsOf(root)) {
      expect(known).toContain(name)
      expect(Object.keys(attributes).filter(key => /^on|href/.test(key))).toEqual([])
    }
  })
  await fc.assert(law, cases(100))
})

test('the same program is the same bytes, also when it comes out of a journal', async () => {
  const law = fc.asyncProperty(workflowSource, async source => {
    const { compiled, program } = soundProgram(source)
    expect(await drawn(program)).toBe(await drawn(compiled))
  })
  await fc.assert(law, cases(30))
})

test.each([...gallery.keys()])('the picture of %s names every step and needs nothing from outside', async name => {
  const { program } = compiled(name)
  const svg = await drawn(program)
  for (const group of withData(svg, 'step')) {
    const id = group.attributes['data-step'] ?? ''
    const label = program.graph.nodes.find(node => node.id === id)?.label
    const title = childText(group, 'title')
    expect(title).toMatch(`${id}: ${label}`)
    expect(group.attributes['aria-label']).toBe(title)
  }
  expect(svg.replace('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|url\(|@import|@font-face/)
})

test('a picture says what it is, and follows the theme of its viewer', async () => {
  const svg = await drawn(
    programWith({ nodes: [{ id: 's0', kind: 'prompt', label: 'Ask', role: 'top' }], edges: [] }, 'Owls & co'),
  )
  const root = readXml(svg)
  expect(root.attributes).toMatchObject({ role: 'graphics-document document', 'aria-label': 'Owls & co' })
  expect(childText(root, 'title')).toBe('Owls & co')
  expect(childText(root, 'style')).toContain('@media (prefers-color-scheme:dark)')
})

test('a step that may be skipped says when it runs', async () => {
  const { program } = programOfSteps({ id: 'a', prompt: 'A.' }, { id: 'b', prompt: 'B.', if: "steps.a.output != ''" })
  const [a, b] = withData(await drawn(program), 'step')
  expect(a && childText(a, 'title')).toBe('a: Ask the default model')
  expect(b && childText(b, 'title')).toBe("b: Ask the default model\nif steps.a.output != ''")
})

test('a long text is cut on the card and whole in its title', async () => {
  const label = 'A very long story about owls, '.repeat(10).trim()
  const node: GraphNode = { id: 's0', kind: 'prompt', label, role: 'top' }
  const [group] = withData(await drawn(programWith({ nodes: [node], edges: [] })), 'step')
  expect(group && childText(group, 'title')).toContain(label)
  const shown = group?.children.filter(({ name }) => name === 'text').map(({ text }) => text)
  expect(shown?.at(-1)).toMatch(/^A very long story.*…$/)
})

test('a thousand steps are one picture', async () => {
  const graph = largeGraph(1000)
  expect(stepIds(await drawn(programWith(graph)))).toHaveLength(1000)
})
