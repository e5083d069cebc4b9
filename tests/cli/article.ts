import { check } from '../../src/checker/check.ts'
import { emptyLibrary } from '../../src/checker/library.ts'
import { compile } from '../../src/compiler/compile.ts'
import type { Program } from '../../src/compiler/program.ts'
import type { JournalEvent, JournalEventBody } from '../../src/model/journal-event.ts'
import { parseWorkflow } from '../../src/parser/parse.ts'
import { foldRun } from '../../src/runtime/fold.ts'
import type { RunStatus } from '../../src/runtime/status.ts'

const source = `steps:
  - { id: fetch_brief, run: cat brief.md }
  - { id: outline, prompt: Outline it. }
  - id: drafts
    parallel:
      - { id: draft_intro, prompt: Begin. }
      - { id: draft_faq, prompt: Answer. }
  - id: route
    switch: \${steps.outline.output}
    cases:
      long: [{ id: long_form, prompt: At length. }]
    default: [{ id: short_form, prompt: In short. }]
  - id: review
    loop:
      max: 4
      steps:
        - { id: revise, prompt: Revise. }
        - { id: judge, prompt: Judge. }
  - id: last
    steps:
      - id: polish
        parallel: [{ id: spelling, prompt: Spell. }, { id: style, prompt: Style. }]
`

export const article: Program = compileText(source)

function compileText(text: string): Program {
  const { workflow, diagnostics, places } = check(parseWorkflow(text, 'workflows/write_article.yaml'), emptyLibrary)
  if (!workflow) throw new Error(JSON.stringify(diagnostics))
  return compile(workflow, places)
}

/** A run of the article after some events, one each second from the first second on. */
export function articleAfter(...bodies: readonly JournalEventBody[]): RunStatus {
  const created: JournalEventBody = {
    type: 'run-created',
    workflow: 'write_article',
    case: 'default',
    programHash: article.hash,
    sourceHash: 's',
    sourcePath: 'workflows/write_article.yaml',
    revision: '4f1c9abdeadbeef',
    isDirty: false,
    trigger: 'commit',
    inputs: {},
  }
  const events = [created, ...bodies].map((body, index): JournalEvent => {
    return { seq: index + 1, v: 1, runId: 'r', timeMs: (index + 1) * 1000, body }
  })
  return foldRun(events)
}

export function started(path: string, attempt = 1): JournalEventBody {
  return { type: 'attempt-started', path, attempt, deadlineMs: 0, key: path }
}

export function succeeded(path: string, tokens = 512): JournalEventBody[] {
  const usage = { inputTokens: tokens - 12, outputTokens: 12, costUsd: 0.021 }
  return [
    { type: 'attempt-succeeded', path, attempt: 1, output: 'ok', host: 'gpu-a', model: 'qwen3-32b', usage },
    { type: 'step-settled', path, status: 'succeeded', output: 'ok', attempts: 1 },
  ]
}

export function failed(path: string, attempt: number, retryAtMs?: number): JournalEventBody {
  const tries = [{ host: 'gpu-c', model: 'gpt-oss-120b', startedMs: 0, endedMs: 1 }]
  const failure = { reason: 'HostError' as const, message: '503\nService \u001b[31mUnavailable', tries }
  return { type: 'attempt-failed', path, attempt, failure, ...(retryAtMs !== undefined && { retryAtMs }) }
}

export function settled(path: string, status: 'succeeded' | 'failed' | 'skipped' | 'cancelled'): JournalEventBody {
  const error = { step: path, reason: 'HostError', message: '503' }
  return { type: 'step-settled', path, status, output: null, attempts: 0, ...(status === 'failed' && { error }) }
}
