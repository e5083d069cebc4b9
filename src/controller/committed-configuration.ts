import { defaultConfiguration } from '../checker/configuration.ts'
import type { Repository } from '../git/repository.ts'
import { commitSources } from '../git/sources.ts'
import { signatureProblem } from '../git/verify-commit.ts'
import type { Configuration } from '../model/configuration.ts'
import type { Log } from '../runtime/ports.ts'
import { readShelf } from './shelf.ts'

/**
 * The configuration that the checked-out branch has committed; the defaults where it has none, or a broken one. Where the
 * commit that was acted on at last asks for signatures, a tip without one cannot do away with them: it does not count.
 */
export async function committedConfiguration(repository: Repository, log: Log): Promise<Configuration> {
  const branch = await repository.currentBranch()
  const tip = branch === undefined ? await repository.resolve('HEAD') : await repository.tip(branch)
  if (tip === undefined) return defaultConfiguration
  const accepted = branch === undefined ? undefined : await repository.reconciled(branch)
  if (accepted !== undefined && accepted !== tip) {
    const inForce = await configurationOf(repository, accepted)
    const reason = inForce.triggers.verify === 'signed' ? await signatureProblem(repository, tip) : undefined
    if (reason !== undefined) {
      log.warn(
        { branch, revision: accepted, refused: tip, reason },
        'configuration is that of the last accepted commit',
      )
      return inForce
    }
  }
  return configurationOf(repository, tip)
}

async function configurationOf(repository: Repository, revision: string): Promise<Configuration> {
  return (await readShelf(await commitSources(repository, revision))).configuration
}
