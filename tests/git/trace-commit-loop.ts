// A process that commits traces until it is killed, and says a line for each that is acknowledged: `<run> <commit>`.
// Arguments: the repository, the branch, the name of the writer, how many at most.
import { openRepository } from '../../src/git/repository.ts'
import { createTraceWriter } from '../../src/git/trace-writer.ts'
import { systemClock } from '../../src/system/clock.ts'

const [path = '', branch = 'main', name = 'writer', count = 'Infinity'] = process.argv.slice(2)
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
await using repository = await openRepository(path)
const options = {
  clock: systemClock,
  log: silent,
  slot: name.replace(/\d+$/, ''),
  tracesPerProcess: 5,
  staleLockMs: 300,
}
await using writer = createTraceWriter(repository, options)
const revision = await repository.resolve('refs/tags/start')
for (let index = 0; index < Number(count); index += 1) {
  const run = `${name}-${index}`
  const files = new Map([
    ['run.json', `{"id":"${run}"}\n`],
    ['README.md', `# ${run}\n`],
    ['steps/one/output.md', `${run} `.repeat(2000)],
  ])
  const { commit } = await retried(() =>
    writer.commitTrace({
      ...{ branch, revision, target: { to: 'auto' }, folder: `runs/${name}/default`, files },
      subject: `run(${name}): succeeded`,
      trailers: { 'Orchestrate-Run': run, 'Orchestrate-Revision': revision },
    }),
  )
  process.stdout.write(`${run} ${commit}\n`)
}

/** As the keeper of traces does: what does not succeed now is tried again. */
async function retried<Result>(act: () => Promise<Result>): Promise<Result> {
  for (;;) {
    try {
      return await act()
    } catch (error) {
      process.stderr.write(`${String(error)}\n`)
      await new Promise(resolve => setTimeout(resolve, 100))
    }
  }
}
