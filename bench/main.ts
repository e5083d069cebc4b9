// Everything that is measured in one process. Run: npm run bench [-- reading | chains | graphs | each | durable | traces | inspector | http | sockets]
import { loadavg } from 'node:os'
import { durableSections } from './durable-runs.ts'
import { httpSections } from './http.ts'
import { languageSections } from './language-scale.ts'
import { inspectorSections } from './inspector.ts'
import { socketSections } from './sockets.ts'
import { traceSections } from './traces.ts'

const sections: Readonly<Record<string, () => void | Promise<void>>> = {
  ...languageSections,
  ...durableSections,
  ...traceSections,
  ...inspectorSections,
  ...httpSections,
  ...socketSections,
}
const wanted = process.argv.slice(2)
const unknown = wanted.find(name => !Object.hasOwn(sections, name))
if (unknown !== undefined) throw new Error(`There is no ${unknown}: there are ${Object.keys(sections).join(', ')}.`)
console.log(`load of the machine ${loadavg()[0]?.toFixed(1)}`)
for (const [name, section] of Object.entries(sections)) {
  if (wanted.length === 0 || wanted.includes(name)) await section()
}
