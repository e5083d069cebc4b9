import { hasWorkTree } from '../git/checked-out.ts'
import { openImporter } from '../git/fast-import.ts'
import { pushCommit } from '../git/push.ts'
import type { Repository } from '../git/repository.ts'
import { resolveTraces } from '../git/resolve.ts'
import type { Configuration } from '../model/configuration.ts'
import { Recent } from '../model/recent.ts'
import type { Clock, Log } from '../runtime/ports.ts'
import { watchedBranches } from './controller.ts'

const mostPairs = 1024

/**
 * Keeps pull requests free of conflicts in traces.
 *
 * Every watched branch counts as a pull request for `triggers.base`. Each pair of tips is looked at once.
 */
export class PullRequests {
  readonly #repository: Repository
  readonly #configuration: () => Configuration
  readonly #ports: { readonly clock: Clock; readonly log: Log }
  readonly #seen = new Recent<string, true>(mostPairs)

  constructor(
    repository: Repository,
    configuration: () => Configuration,
    ports: { readonly clock: Clock; readonly log: Log },
  ) {
    this.#repository = repository
    this.#configuration = configuration
    this.#ports = ports
  }

  /** Merges the base into every watched branch that conflicts with it in traces alone. */
  async resolveAll(): Promise<void> {
    const { triggers } = this.#configuration()
    const { base } = triggers
    if (base === undefined || !(await this.#mayMove())) return
    const baseTip = await this.#repository.tip(base)
    if (baseTip === undefined) return
    for (const branch of await watchedBranches({ repository: this.#repository, branches: triggers.branches })) {
      const tip = branch === base ? undefined : await this.#repository.tip(branch)
      if (tip === undefined || this.#seen.get(`${tip} ${baseTip}`)) continue
      this.#seen.set(`${tip} ${baseTip}`, true)
      await this.#resolve({ branch, tip, base, baseTip }).catch(error =>
        this.#ports.log.warn({ branch, base, error: String(error) }, 'branch could not be merged with its base'),
      )
    }
  }

  /** No branch of a person's moves: either nobody works in this repository, or the branches are the remote's. */
  async #mayMove(): Promise<boolean> {
    const { traces, triggers } = this.#configuration()
    return triggers.remote === undefined ? !(await hasWorkTree(this.#repository.location)) : traces.push === true
  }

  async #resolve(request: { branch: string; tip: string; base: string; baseTip: string }): Promise<void> {
    const { clock, log } = this.#ports
    const { branch, tip, base } = request
    const importer = openImporter(this.#repository.location, 'resolve')
    try {
      const ports = { repository: this.#repository, importer, clock }
      const found = await resolveTraces(ports, { ...request, sign: this.#configuration().traces.sign })
      if (found.state === 'conflict') log.info({ branch, base, files: found.files }, 'branch conflicts with its base')
      if (found.state !== 'resolved') return
      const moved = await this.#move(branch, tip, found.commit)
      if (moved) log.info({ branch, base, commit: found.commit }, 'conflict in traces resolved')
    } finally {
      await importer.close()
    }
  }

  /** A branch that has moved meanwhile is another pair of tips, and looked at again. */
  async #move(branch: string, tip: string, commit: string): Promise<boolean> {
    const { remote } = this.#configuration().triggers
    if (remote !== undefined && !(await pushCommit(this.#repository, { remote, branch }, tip, commit))) return false
    const ref = `${this.#repository.heads}${branch}`
    return (await this.#repository.updateRefs([{ ref, new: commit, old: tip }], 'merge of the base')) === 'won'
  }
}
