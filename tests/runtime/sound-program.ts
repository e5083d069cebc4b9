import { check } from '../../src/checker/check.ts'
import { compile } from '../../src/compiler/compile.ts'
import type { Program } from '../../src/compiler/program.ts'
import type { RunCreated } from '../../src/model/journal-event.ts'
import type { Json } from '../../src/model/json.ts'
import type { StepSource } from '../../src/model/step-source.ts'
import type { Workflow } from '../../src/model/workflow.ts'
import type { WorkflowSource } from '../../src/model/workflow-source.ts'
import { parseWorkflow } from '../../src/parser/parse.ts'
import { type LoadedProgram, loadProgram } from '../../src/runtime/chart-logic.ts'
import { generatedLibrary } from '../generators/workflow-source.ts'

export interface SoundProgram {
  readonly source: WorkflowSource
  readonly workflow: Workflow
  /** As the compiler made it. */
  readonly compiled: Program
  /** As it comes out of the journal: it has been through JSON. */
  readonly program: Program
  readonly loaded: LoadedProgram
}

/** Parses, checks, compiles and loads a workflow. */
export function soundProgram(source: WorkflowSource): SoundProgram {
  const { workflow, diagnostics, places } = check(
    parseWorkflow(JSON.stringify(source), 'workflows/w.yaml'),
    generatedLibrary,
  )
  if (!workflow)
    throw new Error(`not sound: ${JSON.stringify(diagnostics.map(({ code, message }) => [code, message]))}`)
  const compiled = compile(workflow, places)
  const program = JSON.parse(JSON.stringify(compiled)) as Program
  return { source, workflow, compiled, program, loaded: loadProgram(program) }
}

/** The program of some steps. */
export function programOfSteps(...steps: StepSource[]): SoundProgram {
  return soundProgram({ steps })
}

/** What a run of a program begins with: every input has its default, or a value of its kind. */
export function createdFor(program: Program, given: Readonly<Record<string, Json>> = {}): RunCreated {
  const inputs = Object.entries(program.inputs).map(([name, input]) => [
    name,
    (Object.hasOwn(given, name) ? given[name] : undefined) ??
      input.default ??
      { string: 'tea', integer: 3, boolean: true }[String(input.schema['type'])] ??
      null,
  ])
  return {
    type: 'run-created',
    workflow: program.workflow,
    case: 'default',
    programHash: program.hash,
    sourceHash: 's',
    sourcePath: 'workflows/w.yaml',
    branch: 'main',
    isDirty: false,
    trigger: 'commit',
    inputs: Object.fromEntries(inputs) as Record<string, Json>,
  }
}
