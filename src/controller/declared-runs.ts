import { type Diagnostic, hasErrors } from '../model/diagnostic.ts'
import type { Json } from '../model/json.ts'
import { commitCases, matches } from './commit-cases.ts'
import type { Evaluation } from './evaluate.ts'
import type { Declaration } from './evaluator.ts'
import { unsetInputs } from './inputs.ts'
import type { Evaluated } from './look.ts'

/** A run that a commit asks for, with all that it takes to start it. */
export interface DeclaredRun extends Evaluated {
  readonly evaluation: Evaluation
  readonly inputs: Readonly<Record<string, Json>>
}

const known = new WeakMap<Declaration, Map<string, readonly DeclaredRun[]>>()

/** The runs that a commit asks for on a branch; the same list for the same declaration and branch. */
export function declaredRuns(declaration: Declaration, branch: string): readonly DeclaredRun[] {
  const byBranch = known.get(declaration) ?? new Map<string, readonly DeclaredRun[]>()
  const runs = byBranch.get(branch) ?? declaration.workflows.flatMap(each => runsOf(each, declaration, branch))
  known.set(declaration, byBranch.set(branch, runs))
  return runs
}

function runsOf(evaluation: Evaluation, declaration: Declaration, branch: string): DeclaredRun[] {
  const { workflow, closureKey, program } = evaluation
  if (!program) return [{ workflow, case: 'default', closureKey, isSound: false, evaluation, inputs: {} }]
  const isEach = program.triggers.commit?.each ?? false
  return commitCases(program, branch).map(({ name, inputs }) => {
    const isSound = unsetInputs(program, inputs).length === 0 && !isSuspended(declaration, workflow)
    return { workflow, case: name, closureKey, isSound, isEach, evaluation, inputs }
  })
}

/** Whether the configuration of a commit keeps a workflow from being started by anything but a person. */
export function isSuspended({ configuration }: Pick<Declaration, 'configuration'>, workflow: string): boolean {
  return configuration.triggers.suspend.some(pattern => matches(pattern, workflow))
}

/** What keeps a workflow from being started by a commit: errors, and inputs that nothing gives. */
export function obstacles({ program, diagnostics }: Evaluation, branch: string): readonly Diagnostic[] {
  if (!program || hasErrors(diagnostics)) return diagnostics.filter(({ severity }) => severity === 'error')
  const isStuck = commitCases(program, branch).some(({ inputs }) => unsetInputs(program, inputs).length > 0)
  return isStuck ? diagnostics.filter(({ code }) => code === 'INPUT_UNSET') : []
}
