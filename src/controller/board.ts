import type { Program } from '../compiler/program.ts'
import type { Repository } from '../git/repository.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import type { Clock, Log } from '../runtime/ports.ts'
import { type Condition, Conditions, type Truth } from './conditions.ts'
import { isSuspended, obstacles } from './declared-runs.ts'
import type { Evaluation } from './evaluate.ts'
import type { Declaration, Evaluator } from './evaluator.ts'
import type { Memory } from './memory.ts'

/** A workflow as it is in force on a branch: of the commit that was acted on, or the last one in which it was sound. */
export interface InForce {
  readonly branch: string
  readonly revision: string
  readonly evaluation: Evaluation & { readonly program: Program }
  readonly isSuspended: boolean
}

/** What is true of a workflow on a branch, in the manner of Kubernetes. */
export interface WorkflowStatus {
  readonly branch: string
  readonly workflow: string
  readonly path: string
  readonly suspend: boolean
  /** The commit that was acted on at last. */
  readonly observedRevision: string
  /** The last commit in which it was sound, where that is another one. */
  readonly lastGoodRevision?: string
  readonly conditions: readonly Condition[]
  readonly diagnostics: readonly Diagnostic[]
}

/** What was seen of a branch. */
export interface Seen {
  readonly branch: string
  readonly revision: string
  /** The commit that was acted on before; undefined when this is not news. */
  readonly before?: string | undefined
  /** A newer commit that is not acted on, and why. */
  readonly refused?: { readonly revision: string; readonly reason: string } | undefined
}

interface BranchState extends Seen {
  readonly declaration: Declaration
}

export interface BoardOptions {
  readonly repository: Pick<Repository, 'currentBranch'>
  readonly evaluator: Pick<Evaluator, 'evaluate'>
  readonly memory: Memory
  readonly clock: Pick<Clock, 'now'>
  readonly log: Log
}

/** What is in force on each branch that is watched, and what is true of each workflow there. */
export class Board {
  readonly #options: BoardOptions
  readonly #branches = new Map<string, BranchState>()
  readonly #conditions: Conditions
  /** Last good revisions of workflows that are not sound now, by branch and workflow. */
  readonly #good: Map<string, string>

  constructor(options: BoardOptions) {
    this.#options = options
    this.#conditions = new Conditions(options.memory, () => options.clock.now())
    const good = [...options.memory.recallAll('good')]
    this.#good = new Map(good.flatMap(([key, value]) => (typeof value === 'string' ? [[key, value]] : [])))
  }

  /**
   * Takes in what a look at a branch has found, and answers with what the branch declares; undefined where that is no
   * news. Durable when it resolves.
   */
  async observe(seen: Seen): Promise<Declaration | undefined> {
    const { evaluator } = this.#options
    const declaration = await evaluator.evaluate(seen.revision, seen.branch)
    const known = this.#branches.get(seen.branch)
    const isSame = known?.declaration === declaration && known.refused?.revision === seen.refused?.revision
    this.#branches.set(seen.branch, { ...seen, declaration })
    if (isSame) return undefined
    const before = seen.before === undefined ? undefined : await evaluator.evaluate(seen.before, seen.branch)
    this.#keepGood(seen, declaration, before)
    const truths = new Map<string, Truth[]>()
    for (const evaluation of declaration.workflows) {
      truths.set(keyOf(seen.branch, evaluation.workflow), this.#truthsOf(seen, declaration, evaluation))
    }
    this.#conditions.update(seen.branch, truths)
    return declaration
  }

  /** The status of every workflow on every branch. */
  statuses(): WorkflowStatus[] {
    return [...this.#branches.values()].flatMap(({ branch, revision, declaration }) =>
      declaration.workflows.map(evaluation => {
        const { workflow, path, diagnostics } = evaluation
        const good = this.#good.get(keyOf(branch, workflow))
        return {
          ...{ branch, workflow, path, suspend: isSuspended(declaration, workflow), observedRevision: revision },
          ...(good !== undefined && { lastGoodRevision: good }),
          conditions: this.#conditions.of(keyOf(branch, workflow)),
          diagnostics,
        }
      }),
    )
  }

  /** The workflows that schedules and webhooks start: of the branch that is checked out, or else of the first one. */
  async inForce(): Promise<InForce[]> {
    const current = (await this.#options.repository.currentBranch()) ?? ''
    const state = this.#branches.get(current) ?? [...this.#branches.values()].toSorted(byBranch)[0]
    if (!state) return []
    const found = await Promise.all(state.declaration.workflows.map(each => this.#inForce(state, each)))
    return found.flatMap(each => each ?? [])
  }

  async #inForce({ branch, revision, declaration }: BranchState, evaluation: Evaluation): Promise<InForce | undefined> {
    const { program, workflow } = evaluation
    const suspended = isSuspended(declaration, workflow)
    if (program) return { branch, revision, evaluation: { ...evaluation, program }, isSuspended: suspended }
    const good = this.#good.get(keyOf(branch, workflow))
    if (good === undefined) return undefined
    try {
      const { workflows } = await this.#options.evaluator.evaluate(good, branch)
      const last = workflows.find(each => each.workflow === workflow)
      if (!last?.program) return undefined
      return {
        ...{ branch, revision: good, isSuspended: suspended },
        evaluation: { ...last, program: last.program },
      }
    } catch (error) {
      // The commit may be gone after the branch was rewritten.
      this.#options.log.warn({ workflow, branch, revision: good, error }, 'last good revision cannot be read')
      return undefined
    }
  }

  #keepGood({ branch, before }: Seen, declaration: Declaration, was: Declaration | undefined): void {
    const changed = new Map<string, string | undefined>()
    const wereSound = new Set(was?.workflows.filter(({ program }) => program).map(({ workflow }) => workflow))
    for (const { workflow, program } of declaration.workflows) {
      const key = keyOf(branch, workflow)
      if (program && this.#good.has(key)) changed.set(key, undefined)
      else if (!program && wereSound.has(workflow)) changed.set(key, before)
    }
    if (changed.size === 0) return
    this.#options.memory.remember('good', changed)
    for (const [key, value] of changed) {
      if (value === undefined) this.#good.delete(key)
      else this.#good.set(key, value)
    }
  }

  #truthsOf({ branch, refused }: Seen, declaration: Declaration, evaluation: Evaluation): Truth[] {
    const { workflow, program } = evaluation
    const problems = obstacles(evaluation, branch)
    const good = this.#good.get(keyOf(branch, workflow))
    const message = [
      ...problems.slice(0, 3).map(({ code, message: text, span }) => `${span.path}:${span.line} ${code} ${text}`),
      ...(good === undefined ? [] : [`Schedules and webhooks go on with ${good.slice(0, 12)}.`]),
    ].join(' ')
    const suspended = isSuspended(declaration, workflow)
    return [
      problems.length === 0
        ? { type: 'Ready', status: 'True', reason: 'Sound', message: '' }
        : { type: 'Ready', status: 'False', reason: program ? 'InputUnset' : 'Invalid', message },
      {
        type: 'Suspended',
        status: suspended ? 'True' : 'False',
        reason: suspended ? 'Configured' : 'NotConfigured',
        message: '',
      },
      ...(refused
        ? [{ type: 'Verified' as const, status: 'False' as const, reason: 'Unsigned', message: refused.reason }]
        : []),
    ]
  }
}

function keyOf(branch: string, workflow: string): string {
  return `${branch}\n${workflow}`
}

function byBranch(a: Seen, b: Seen): number {
  return a.branch < b.branch ? -1 : 1
}
