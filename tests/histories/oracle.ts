/** What was seen and done, in order, as the daemon's ports told it. */
export type Told =
  | { readonly type: 'seen'; readonly branch: string; readonly tip: string }
  | { readonly type: 'started'; readonly branch: string; readonly run: StartedRun }
  | { readonly type: 'marked'; readonly branch: string; readonly commit: string | undefined }

export interface StartedRun {
  readonly id: string
  readonly workflow: string
  readonly case: string
  readonly revision: string
}

/** The files of a commit, by path. */
export type Files = ReadonlyMap<string, string>

/** Git, as far as it is asked what is due. */
export interface Library {
  files(commit: string): Promise<Files>
  /** From the first parent's side, oldest first, without `from`; undefined where they are not in one line. */
  line(from: string, to: string): Promise<readonly string[] | undefined>
  /** Whether one commit is another one, or comes before it. */
  isBefore(commit: string, other: string): Promise<boolean>
}

/** What has to run of a commit on a branch: the whole text that a run depends on, by workflow and case. */
export function formsOf(files: Files, branch: string, read = branch): Map<string, string> {
  const forms = new Map<string, string>()
  for (const [path, text] of files) {
    const name = /^workflows\/([a-z-]+)\.yaml$/.exec(path)?.[1]
    if (name === undefined || text.includes('on: manual')) continue
    if (text.includes('branches: [main]') && branch !== 'main') continue
    const form = formOf(path, files, read)
    if (form === undefined) continue
    const cases = text.includes('cases:') ? ['one', 'two'] : ['default']
    for (const each of cases) forms.set(`${name} ${each}`, form)
  }
  return forms
}

/** Undefined for a workflow with a mistake in it, or in what it is made of. */
function formOf(path: string, files: Files, branch: string): string | undefined {
  const text = files.get(path)
  if (text === undefined || text.includes('nonsense')) return undefined
  const agents = [...text.matchAll(/agent: (\w+)/g)].map(([, name]) => `agents/${name}.agent.md`)
  const prompts = [...text.matchAll(/file: ([\w/.]+)/g)].map(([, name]) => name ?? '')
  const templates = [...text.matchAll(/use: (\w+)/g)].map(([, name]) => `workflows/templates/${name}.yaml`)
  const called = [...text.matchAll(/workflow: (\w+)/g)].map(([, name]) => `workflows/${name}.yaml`)
  const parts = [...agents, ...prompts, ...templates].map(part => formOf(part, files, branch))
  if (parts.includes(undefined) || called.some(child => !files.has(child))) return undefined
  // A called workflow that has a mistake is the called one's: the caller runs and fails.
  const below = called.map(child => [files.get(child), agentsOf(files.get(child) ?? '', files)])
  const watched = text.includes('paths:') ? [...files].filter(([file]) => file.startsWith('src/')).sort() : []
  return JSON.stringify([path, text, parts, below, watched, text.includes('run.branch') ? branch : ''])
}

function agentsOf(text: string, files: Files): (string | undefined)[] {
  return [...text.matchAll(/agent: (\w+)/g)].map(([, name]) => files.get(`agents/${name}.agent.md`))
}

/** Everything that is wrong with what was done: runs that were due and did not start, or started twice, or unasked. */
export async function complaints(told: readonly Told[], library: Library): Promise<string[]> {
  const oracle = new Oracle(library)
  for (const each of told) await oracle.hear(each)
  return oracle.complaints
}

interface BranchState {
  mark: string
  /** True until the mark moves: the branch left another one there, on which what reads its branch has run. */
  isFork: boolean
  seen: Set<string>
  /** Forms that were started since the mark moved, by workflow, case and, where each commit counts, commit. */
  started: Set<string>
}

class Oracle {
  readonly complaints: string[] = []
  readonly #library: Library
  readonly #branches = new Map<string, BranchState>()
  readonly #seenBefore = new Map<string, Set<string>>()
  readonly #ran = new Map<string, string>()

  constructor(library: Library) {
    this.#library = library
  }

  async hear(told: Told): Promise<void> {
    const { branch } = told
    const state = this.#branches.get(branch)
    if (told.type === 'seen') {
      const seen = state?.seen ?? this.#seenBefore.get(branch) ?? new Set()
      seen.add(told.tip)
      if (!state) this.#seenBefore.set(branch, seen)
    } else if (told.type === 'started') await this.#started(told.branch, told.run, state)
    else if (told.commit === undefined) this.#branches.delete(branch)
    else {
      if (state) await this.#due(branch, state, told.commit)
      const seen = state ? new Set([told.commit]) : new Set([...(this.#seenBefore.get(branch) ?? []), told.commit])
      const isFork = !state && (await this.#isOnAnother(told.commit))
      this.#branches.set(branch, { mark: told.commit, isFork, seen, started: new Set() })
      this.#seenBefore.delete(branch)
    }
  }

  /** A branch whose history nobody shares has left no other one. */
  async #isOnAnother(commit: string): Promise<boolean> {
    for (const { mark } of this.#branches.values()) if (await this.#library.isBefore(commit, mark)) return true
    return false
  }

  async #started(branch: string, run: StartedRun, state: BranchState | undefined): Promise<void> {
    const what = `${run.workflow} ${run.case}`
    const say = (problem: string) => this.complaints.push(`${what} of ${run.revision} on ${branch} ${problem}`)
    if (!state) return void say('started before the branch had a mark')
    const { base, form } = await this.#changeAt(branch, what, run, state)
    if (form === undefined) return void say('is not sound, not asked for, or was never seen')
    if (base === form) return void say('is as it was')
    const key = JSON.stringify([what, form, (await this.#isEach(what, run.revision)) ? run.revision : ''])
    if (state.started.has(key)) say('started twice')
    state.started.add(key)
    this.#ran.set(run.id, form)
  }

  /** The form that a run has, and the one that it is held against. */
  async #changeAt(
    branch: string,
    what: string,
    { revision }: StartedRun,
    state: BranchState,
  ): Promise<{ base?: string | undefined; form?: string | undefined }> {
    const { mark, seen } = state
    const form = (await this.#forms(revision, branch)).get(what)
    if (!(await this.#isEach(what, revision))) {
      return seen.has(revision) ? { form, base: (await this.#formsAtMark(state, branch)).get(what) } : {}
    }
    for (const tip of seen) {
      const line = (await this.#library.line(mark, tip)) ?? [tip]
      const at = line.indexOf(revision)
      if (at >= 0) return { form, base: (await this.#formsBefore(line, at, state, branch)).get(what) }
    }
    return {}
  }

  async #due(branch: string, state: BranchState, tip: string): Promise<void> {
    const { mark, started } = state
    const line = (await this.#library.line(mark, tip)) ?? [tip]
    for (const [index, commit] of line.entries()) {
      const before = await this.#formsBefore(line, index, state, branch)
      const atMark = await this.#formsAtMark(state, branch)
      for (const [what, form] of await this.#forms(commit, branch)) {
        const isEach = await this.#isEach(what, commit)
        if (!isEach && commit !== tip) continue
        if ((isEach ? before : atMark).get(what) === form || (await this.#hasTrace(commit, what, form))) continue
        const key = JSON.stringify([what, form, isEach ? commit : ''])
        if (!started.has(key)) this.complaints.push(`${what} of ${commit} on ${branch} was due since ${mark}`)
      }
    }
  }

  /** Whether a commit holds the trace of a run that was started in this form. */
  async #hasTrace(commit: string, what: string, form: string): Promise<boolean> {
    const text = (await this.#library.files(commit)).get(`runs/${what.replace(' ', '/')}/run.json`)
    return text !== undefined && this.#ran.get(JSON.parse(text).id) === form
  }

  async #isEach(what: string, commit: string): Promise<boolean> {
    const text = (await this.#library.files(commit)).get(`workflows/${what.split(' ')[0]}.yaml`)
    return text?.includes('each: true') ?? false
  }

  async #formsBefore(line: readonly string[], index: number, state: BranchState, branch: string) {
    const commit = line[index - 1]
    return commit === undefined ? this.#formsAtMark(state, branch) : this.#forms(commit, branch)
  }

  async #formsAtMark({ mark, isFork }: BranchState, branch: string): Promise<Map<string, string>> {
    return formsOf(await this.#library.files(mark), branch, isFork ? `not ${branch}` : branch)
  }

  async #forms(commit: string, branch: string): Promise<Map<string, string>> {
    return formsOf(await this.#library.files(commit), branch)
  }
}
