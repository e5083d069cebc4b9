import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { WorkflowStatus } from '../controller/board.ts'
import type { CommittedWorkflow, Edited, WorkflowEdit } from '../controller/edit-workflow.ts'
import { mergeWorkflows } from '../difference/merge.ts'
import { foldRun } from '../runtime/fold.ts'
import type { Store } from '../store/store.ts'
import { compareRuns } from '../trace/compare.ts'
import { ProblemDocument } from './contract.ts'
import { type Guards, requireRun, sees } from './guard.ts'
import { Problem } from './problem.ts'
import {
  CompareAnswer,
  CompareQuery,
  MergeAnswer,
  MergeRequest,
  PlanAnswer,
  PlanQuery,
  WorkflowCommitted,
  WorkflowDetail,
  WorkflowEditRequest,
} from './workflows-contract.ts'

/** What the routes of one workflow, and of changes, need. */
export interface WorkflowsOptions {
  readonly store: Pick<Store, 'read' | 'workflowOf'>
  /** What is true of each workflow on each branch that is watched. */
  workflows(): readonly WorkflowStatus[]
  /** A workflow as it is committed; undefined where there is none. Throws `Problem`. */
  workflow(name: string, branch: string | undefined): Promise<CommittedWorkflow | undefined>
  /** Commits an edit. Throws `Problem`. */
  edit(name: string, edit: WorkflowEdit): Promise<Edited>
  /** What a change would do. Throws `Problem`. */
  plan(change: z.infer<typeof PlanQuery>): Promise<object>
}

const tags = ['workflows']
const Name = z.object({ '*': z.string().describe('Its path below workflows/, without the ending.') })
const Branch = z.strictObject({ branch: z.string().optional() })

/** Adds the routes that show and edit a workflow, and that tell what a change is. */
export function addWorkflows(app: FastifyInstance, options: WorkflowsOptions, guards: Guards): void {
  addReading(app, options, guards)
  addEditing(app, options, guards)
  addChanges(app, options, guards)
}

function addReading(app: FastifyInstance, options: WorkflowsOptions, { needs }: Guards): void {
  const schema = {
    ...{ tags, summary: 'A workflow as it is committed.', params: Name, querystring: Branch },
    response: { 200: WorkflowDetail, 404: ProblemDocument },
  }
  app.get('/api/workflows/*', { onRequest: needs.read, schema }, async request => {
    const { branch: wanted } = request.query as z.infer<typeof Branch>
    const name = nameOf(request)
    const found = sees(request, name) ? await options.workflow(name, wanted) : undefined
    if (!found) {
      const detail = `There is no workflow ${name}.`
      throw new Problem(404, 'UNKNOWN_WORKFLOW', detail, 'GET /api/workflows lists them.')
    }
    const status = options.workflows().find(each => each.workflow === name && each.branch === found.branch)
    return { ...found, conditions: status?.conditions ?? [] }
  })
}

function addEditing(app: FastifyInstance, { edit }: WorkflowsOptions, { needs, permit }: Guards): void {
  const schema = {
    ...{ tags, summary: 'Commits a workflow.', params: Name, body: WorkflowEditRequest },
    response: { 200: WorkflowCommitted, 409: ProblemDocument, 422: ProblemDocument },
  }
  app.put('/api/workflows/*', { onRequest: needs.write, schema }, async request => {
    const wanted = request.body as z.infer<typeof WorkflowEditRequest>
    const name = nameOf(request)
    permit(request, name, name)
    const edited = await edit(name, { ...wanted, author: authorOf(request) })
    if (edited.result === 'committed') return { revision: edited.revision, path: edited.path }
    if (edited.result === 'unsound') {
      const detail = edited.diagnostics.map(({ message }) => message).join(' ')
      throw new Problem(422, 'INVALID', detail, undefined, { diagnostics: edited.diagnostics })
    }
    const { merged, conflicts, revision } = edited
    const hint = 'Look at `merged`, and send what it should be, with `revision` as the base.'
    throw new Problem(409, 'MOVED', `Somebody has changed ${name} since.`, hint, { merged, conflicts, revision })
  })
}

function addChanges(app: FastifyInstance, { store, plan }: WorkflowsOptions, { needs, needsAll }: Guards): void {
  const onRequest = needs.read
  const merge = { tags, summary: 'Merges two texts of a workflow; nothing is saved.', body: MergeRequest }
  app.post('/api/merge', { onRequest, schema: { ...merge, response: { 200: MergeAnswer } } }, request => {
    const { base, ours, theirs, path } = request.body as z.infer<typeof MergeRequest>
    return mergeWorkflows(base, ours, theirs, path)
  })
  const compare = { tags: ['runs'], summary: 'Two runs, step by step.', querystring: CompareQuery }
  const compared = { 200: CompareAnswer, 404: ProblemDocument }
  app.get('/api/compare', { onRequest, schema: { ...compare, response: compared } }, request => {
    const { a, b } = request.query as z.infer<typeof CompareQuery>
    const [before, after] = [a, b].map(id => {
      requireRun(request, id, store)
      return foldRun(store.read(id))
    }) as [ReturnType<typeof foldRun>, ReturnType<typeof foldRun>]
    return compareRuns(before, after)
  })
  const planned = { tags, summary: 'What a change would do; nothing is done.', querystring: PlanQuery }
  app.get('/api/plan', { onRequest: needsAll, schema: { ...planned, response: { 200: PlanAnswer } } }, request => {
    return plan(request.query as z.infer<typeof PlanQuery>)
  })
}

function nameOf({ params }: FastifyRequest): string {
  return (params as z.infer<typeof Name>)['*']
}

/** The owner commits as git knows them; everybody else under the name of their token. */
function authorOf({ caller }: FastifyRequest): WorkflowEdit['author'] {
  if (!caller || caller.kind === 'owner') return undefined
  const plain = caller.name.replace(/[<>\p{Cc}]/gu, ' ').trim()
  // Git takes no name of marks alone.
  const name = /[\p{L}\p{N}]/u.test(plain) ? plain : 'unnamed'
  return { name, email: name.includes('@') ? name : `${name.replace(/\s+/g, '-')}@orchestrate.invalid` }
}
