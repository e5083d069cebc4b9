import type { Diagnostic } from './diagnostic.ts'

/** Something the person can put right: what is wrong, and what to do. Exit code 2 unless another is given. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly hint: string | undefined
  readonly exitCode: number

  constructor(message: string, hint?: string, exitCode = 2) {
    super(message)
    this.hint = hint
    this.exitCode = exitCode
  }
}

/** Files with errors in them: shown as diagnostics, exit code 2. */
export class InvalidFiles extends Error {
  override readonly name = 'InvalidFiles'
  readonly diagnostics: readonly Diagnostic[]
  /** The files' texts by path, for the lines shown. */
  readonly texts: ReadonlyMap<string, string>

  constructor(diagnostics: readonly Diagnostic[], texts: ReadonlyMap<string, string>) {
    super('There are errors in the files.')
    this.diagnostics = diagnostics
    this.texts = texts
  }
}
