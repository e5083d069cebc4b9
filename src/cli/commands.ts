import type { Command } from 'commander'

/** The names of some commands, and what adds them to the program. */
export interface CommandGroup {
  readonly names: readonly string[]
  readonly load: () => Promise<(program: Command) => void>
}

/** Every command, in the order in which help lists them. A module is loaded when one of its commands is called. */
export const commandGroups: readonly CommandGroup[] = [
  { names: ['init'], load: async () => (await import('./init.ts')).addInit },
  { names: ['demo'], load: async () => (await import('./demo.ts')).addDemo },
  { names: ['up'], load: async () => (await import('./up.ts')).addUp },
  { names: ['open'], load: async () => (await import('./open.ts')).addOpen },
  { names: ['run'], load: async () => (await import('./run.ts')).addRun },
  { names: ['check'], load: async () => (await import('./check.ts')).addCheck },
  { names: ['fmt'], load: async () => (await import('./fmt.ts')).addFmt },
  { names: ['convert'], load: async () => (await import('./convert.ts')).addConvert },
  { names: ['compile'], load: async () => (await import('./compile.ts')).addCompile },
  { names: ['runs'], load: async () => (await import('./runs.ts')).addRuns },
  { names: ['show'], load: async () => (await import('./show.ts')).addShow },
  { names: ['land'], load: async () => (await import('./land.ts')).addLand },
  { names: ['trace'], load: async () => (await import('./trace.ts')).addTrace },
  { names: ['diff'], load: async () => (await import('./diff.ts')).addDiff },
  { names: ['plan'], load: async () => (await import('./plan.ts')).addPlan },
  { names: ['compare'], load: async () => (await import('./compare.ts')).addCompare },
  { names: ['bisect'], load: async () => (await import('./bisect.ts')).addBisect },
  { names: ['merge-file'], load: async () => (await import('./merge-file.ts')).addMergeFile },
  { names: ['merge-run'], load: async () => (await import('./merge-run.ts')).addMergeRun },
  { names: ['textconv'], load: async () => (await import('./textconv.ts')).addTextconv },
  { names: ['git'], load: async () => (await import('./git-install.ts')).addGit },
  {
    names: ['pause', 'resume', 'step', 'cancel', 'answer', 'signal', 'retry', 'rollback', 'fork'],
    load: async () => (await import('./control.ts')).addControl,
  },
  { names: ['watch', 'logs'], load: async () => (await import('./watch.ts')).addWatch },
  { names: ['inspect'], load: async () => (await import('./inspect.ts')).addInspect },
  { names: ['replay'], load: async () => (await import('./replay.ts')).addReplay },
  { names: ['doctor'], load: async () => (await import('./doctor.ts')).addDoctor },
  { names: ['token'], load: async () => (await import('./token.ts')).addToken },
  { names: ['audit'], load: async () => (await import('./audit.ts')).addAudit },
  { names: ['mock-host'], load: async () => (await import('./mock-host.ts')).addMockHost },
  { names: ['explain'], load: async () => (await import('./explain.ts')).addExplain },
]
