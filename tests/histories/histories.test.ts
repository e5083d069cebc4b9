import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cases, casesNamed } from '../generators/cases.ts'
import { deeds, type Happening, happenings } from './deeds.ts'
import { complaints } from './oracle.ts'
import { newWorld, type World } from './world.ts'

// Twenty times as many at night: it is the campaign that finds what nobody thought of.
const numRuns = casesNamed() ?? (cases(1).numRuns > 1 ? 500 : 25)

test(
  'whatever people do to a repository and whenever the daemon dies, what was due ran exactly once and nothing else did',
  async () => {
    let started = 0
    await fc.assert(
      fc.asyncProperty(happenings, async history => {
        await using world = await newWorld()
        await world.look()
        for (const happening of history) await happen(world, happening)
        for (let look = 0; look < 3; look += 1) await world.look()
        started += world.told.filter(({ type }) => type === 'started').length
        expect(await complaints(world.told, world.library)).toEqual([])
      }),
      { numRuns },
    )
    // A campaign in which nothing runs proves nothing.
    expect(started).toBeGreaterThan(numRuns * 3)
  },
  numRuns * 30_000,
)

async function happen(world: World, happening: Happening): Promise<void> {
  switch (happening.kind) {
    case 'deed':
      await deeds[happening.deed]?.(world.scratch, happening.pick)
      return
    case 'look':
      return world.look()
    case 'kill':
      return world.look({ diesAt: happening.at })
    case 'meanwhile': {
      const interrupt = async (): Promise<unknown> => deeds[happening.deed]?.(world.scratch, happening.pick)
      return world.look({ interruptedAt: happening.at, interrupt })
    }
    case 'swing': {
      // Back to the commit before and forth again, twice: neither commit is new, each change is.
      const here = await world.scratch.git('rev-parse', 'HEAD')
      for (const to of [`${here}~1`, here, `${here}~1`, here]) {
        await world.scratch.git('reset', '--quiet', '--hard', to).catch(() => undefined)
        await world.look()
      }
      return
    }
    case 'trace':
      return world.commitTrace(happening.pick)
  }
}
