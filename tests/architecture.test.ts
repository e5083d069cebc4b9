import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { clockViolations, diskViolations, packageViolations, purityViolations } from './architecture/borders.ts'
import { logViolations } from './architecture/log-calls.ts'
import { cycleViolations, layerViolations, nameViolations } from './architecture/layers.ts'
import { sizeViolations, topLevelViolations } from './architecture/sizes.ts'
import { readTree, type Tree, treeOf } from './architecture/tree.ts'

const root = process.cwd()
const product = readTree(root, ['src'])
const everything = readTree(root, ['src', 'tests', 'scripts', 'bin', 'bench'])

describe('the house as it stands', () => {
  test.each<[string, (tree: Tree) => string[]]>([
    ['every import points up the table of layers', layerViolations],
    ['no two files need each other', cycleViolations],
    ['every file is called after what it does', nameViolations],
    ['every package has one home', packageViolations],
    ['the pure folders run in a browser', purityViolations],
    ['time and chance are asked for', clockViolations],
    ['only folders whose business it is touch the disk', diskViolations],
    ['what is logged has a constant message, and fields for what varies', logViolations],
  ])('%s', (_name, violations) => {
    expect(product.size).toBeGreaterThan(50)
    expect(violations(product)).toEqual([])
  })

  test('every file and every function can be read in one go', () => {
    expect(sizeViolations(everything)).toEqual([])
  })

  test('the top of the repository holds what it should and nothing else', () => {
    expect(topLevelViolations(readdirSync(root))).toEqual([])
  })
})

describe('layers', () => {
  test('an import of a higher layer is found, however it is written', () => {
    for (const line of [
      "import { a } from '../server/app.ts'",
      "import type { A } from '../server/app.ts'",
      "export * from '../server/app.ts'",
      "import '../server/app.ts'",
      "const app = await import('../server/app.ts')",
      "type App = import('../server/app.ts').App",
      "import {\n  a,\n  b,\n} from '../server/app.ts'",
    ]) {
      const tree = treeOf({ 'src/model/step.ts': line, 'src/server/app.ts': '' })
      expect(layerViolations(tree)).toEqual([
        'src/model/step.ts imports src/server/app.ts, which lies in a layer above it.',
      ])
    }
  })

  test('an import of the own folder or of a lower layer is fine, and so is one in a comment or a text', () => {
    const tree = treeOf({
      'src/model/step.ts': "// import { a } from '../server/app.ts'\nconst text = `import '../server/app.ts'`",
      'src/server/app.ts': "import '../model/step.ts'\nimport './page.ts'\nimport('../trace/render.ts')",
      'src/server/page.ts': '',
      'src/trace/render.ts': '',
    })
    expect(layerViolations(tree)).toEqual([])
  })

  test('the web app needs only the first five folders, and nobody needs it', () => {
    const tree = treeOf({
      'src/ui/main.tsx': "import '../compiler/graph.ts'\nimport '../runtime/fold.ts'",
      'src/compiler/graph.ts': '',
      'src/runtime/fold.ts': '',
      'src/server/app.ts': "import '../ui/main.tsx'",
    })
    expect(layerViolations(tree)).toHaveLength(2)
  })

  test('hosts may ask for simulated answers, but not for the server around them', () => {
    const tree = treeOf({
      'src/mock-host/answer.ts': "import './dice.ts'",
      'src/mock-host/dice.ts': '',
      'src/mock-host/serve.ts': "import './answer.ts'",
      'src/hosts/client.ts': "import '../mock-host/answer.ts'\nimport '../mock-host/serve.ts'",
      'src/cli/main.ts': "import '../mock-host/serve.ts'",
    })
    expect(layerViolations(tree)).toEqual([
      'src/hosts/client.ts imports src/mock-host/serve.ts, which lies in a layer above it.',
    ])
  })

  test('a file outside of the known folders is found, and a need of something outside src', () => {
    const tree = treeOf({ 'src/extra/a.ts': '', 'src/b.ts': '', 'src/model/c.ts': "import '../../tests/d.ts'" })
    expect(layerViolations(tree)).toHaveLength(3)
  })

  test('a circle is found even if it is made of types only', () => {
    const tree = treeOf({
      'src/model/a.ts': "import type { B } from './b.ts'",
      'src/model/b.ts': "import type { C } from './c.ts'",
      'src/model/c.ts': "import type { A } from './a.ts'",
    })
    expect(cycleViolations(tree)).toEqual([
      'src/model/a.ts → src/model/b.ts → src/model/c.ts → src/model/a.ts is a circle.',
    ])
  })

  test('a name that says nothing is found', () => {
    const names = ['model/types', 'git/utils', 'cli/helpers', 'parser/index', 'server/appServer', 'utils/dates']
    const tree = treeOf(Object.fromEntries(names.map(name => [`src/${name}.ts`, ''])))
    expect(nameViolations(tree)).toHaveLength(names.length)
    expect(nameViolations(treeOf({ 'src/index.ts': '', 'src/model/journal-event.ts': '' }))).toEqual([])
  })
})

describe('borders', () => {
  test('a package away from home is found, and one without a home', () => {
    const tree = treeOf({
      'src/server/app.ts':
        "import fastify from 'fastify'\nimport websocket from '@fastify/websocket'\nimport { z } from 'zod'",
      'src/cli/main.ts': "import fastify from 'fastify'\nimport _ from 'lodash/fp'\nimport a from '@some/thing/deep'",
      'src/hosts/client.ts': "import { sha256 } from '@noble/hashes/sha2.js'",
    })
    expect(packageViolations(tree)).toEqual([
      'src/cli/main.ts imports fastify, whose home is src/server.',
      'src/cli/main.ts imports lodash: give it a home in tests/architecture/borders.ts first.',
      'src/cli/main.ts imports @some/thing: give it a home in tests/architecture/borders.ts first.',
      'src/hosts/client.ts imports @noble/hashes, whose home is src/model.',
    ])
  })

  test('a message of the log that is put together is found', () => {
    const calls = [
      "log.info({ runId }, 'run started')",
      "this.#log.error(\n  { runId, error: f('a', [1, 2]) },\n  'run, stopped',\n)",
      'log.info({ runId }, `run ${runId} started`)',
      "log.warn({}, 'run ' + runId)",
      "log.warn({ runId }, isLate ? 'late' : 'soon')",
      "log.error('run started')",
    ]
    const tree = treeOf({ 'src/daemon.ts': calls.join('\n') })
    expect(logViolations(tree).map(line => line.split(' ')[0])).toEqual(
      [5, 6, 7, 8].map(line => `src/daemon.ts:${line + 1}`),
    )
  })

  test('a pure file that reaches Node is found, through others too', () => {
    const tree = treeOf({
      'src/trace/render.ts': "import '../runtime/fold.ts'",
      'src/runtime/fold.ts': "import { join } from 'node:path'",
      'src/model/environment.ts': 'export const home = process.env.HOME',
      'src/mock-host/answer.ts': "import { hash } from 'node:crypto'",
    })
    expect(purityViolations(tree)).toEqual([
      'src/trace/render.ts → src/runtime/fold.ts needs node:path, but must run in a browser.',
      'src/model/environment.ts:1 uses process: ask for it as an argument.',
      'src/mock-host/answer.ts needs node:crypto, but must run in a browser.',
    ])
  })

  test.each([
    'Date.now()',
    'new Date()',
    'new Date',
    'performance.now()',
    'Math.random()',
    'setTimeout(go, 1)',
    'setInterval(go, 1)',
    'setImmediate(go)',
    'AbortSignal.timeout(5)',
    'crypto.randomUUID()',
  ])('%s is found in the runtime and left alone in the system', line => {
    expect(clockViolations(treeOf({ 'src/runtime/run.ts': `const a = ${line}` }))).toHaveLength(1)
    expect(clockViolations(treeOf({ 'src/system/clock.ts': `const a = ${line}` }))).toEqual([])
  })

  test('a date made of a number is no clock, and neither is a word in a comment', () => {
    const text = '// Date.now() would differ on replay\nconst text = new Date(timeMs).toISOString() + clock.setTimeout'
    expect(clockViolations(treeOf({ 'src/runtime/run.ts': text }))).toEqual([])
  })

  test('reading the disk is found where it is not the business of the folder', () => {
    const text = "import { readFile } from 'node:fs/promises'"
    const tree = treeOf({ 'src/controller/reconcile.ts': text, 'src/store/store.ts': text, 'src/workspace.ts': text })
    expect(diskViolations(tree)).toEqual([
      'src/controller/reconcile.ts imports node:fs: let its caller read and write.',
    ])
  })
})

describe('sizes', () => {
  const body = (lines: number) => 'x()\n'.repeat(lines)

  test.each([
    ['function a(b: string): Promise<{ c: string }> {\n', '}'],
    ['async function a(\n  b: string,\n): Promise<void> {\n', '}'],
    ['const a = (b: string): Map<string, () => void> => {\n', '}'],
    ['const a = b => {\n', '}'],
    ['class A {\n  async *b(c = {}): AsyncGenerator<string> {\n', '}\n}'],
    ['const a = {\n  b() {\n', '}\n}'],
    ['class A {\n  #switch(a: string) {\n    while (b < c) {\n', '}\n}\n}'],
    ['const a = () => ({\n', '})'],
    ['const pattern = /[{"`]/\nfunction a(b: { c: string }): b is { c: "d" } {\n', '}'],
    // biome-ignore format: the hole is part of the example
    ['const text = `a ${b.map(c => `{${c}`)} {`\nfunction a() {\n', '}'],
  ])('a long function is found: %j', (start, end) => {
    expect(sizeViolations(treeOf({ 'src/model/a.ts': start + body(41) + end }))).toHaveLength(1)
    expect(sizeViolations(treeOf({ 'src/model/a.ts': start + body(30) + end }))).toEqual([])
  })

  test.each([
    ['class A {\n', '}'],
    ['function a(): void {\n}\nclass B extends C {\n', '}'],
    ['export interface A {\n', '}'],
    ['const table = {\n', '}'],
    ['export const A = z.strictObject({\n', '})'],
    ["describe('a subject', () => {\n", '})'],
  ])('a long block of another kind is none: %j', (start, end) => {
    expect(sizeViolations(treeOf({ 'src/model/a.ts': start + body(60) + end }))).toEqual([])
  })

  test('a file of more than 250 lines is found, and a test of more than 400', () => {
    const tree = treeOf({
      'src/a.ts': body(251),
      'src/b.ts': body(250),
      'tests/c.ts': body(401),
      'tests/d.ts': body(400),
    })
    expect(sizeViolations(tree)).toEqual([
      'src/a.ts has 251 lines; 250 is the limit.',
      'tests/c.ts has 401 lines; 400 is the limit.',
    ])
  })

  test('a stranger at the top of the repository is found', () => {
    expect(topLevelViolations(['src', 'node_modules', 'notes.md', 'tmp'])).toHaveLength(2)
  })
})
