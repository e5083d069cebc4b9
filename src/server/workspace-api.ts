import type { FastifyInstance } from 'fastify'
import type { z } from 'zod'
import type { WorkflowStatus } from '../controller/board.ts'
import type { CheckedText } from '../controller/check-text.ts'
import type { HostStatus } from '../hosts/host-status.ts'
import { type Guards, sees } from './guard.ts'
import { CheckAnswer, CheckRequest, HostList, WorkflowList } from './contract.ts'

/** What the routes of workflows and hosts need. */
export interface WorkspaceOptions {
  /** What is true of each workflow on each branch that is watched. */
  workflows(): readonly WorkflowStatus[]
  hosts(): readonly HostStatus[]
  /** Reads a text as if it stood at a path of the workspace, among the workflows that may be seen. */
  check(path: string, source: string, isSeen: (workflow: string) => boolean): Promise<CheckedText>
}

/** Adds the routes that tell of workflows and hosts. */
export function addWorkspace(app: FastifyInstance, options: WorkspaceOptions, { needs }: Guards): void {
  const onRequest = needs.read
  app.get(
    '/api/workflows',
    {
      onRequest,
      schema: { tags: ['workflows'], summary: 'What is true of each workflow.', response: { 200: WorkflowList } },
    },
    request => ({ workflows: options.workflows().filter(({ workflow }) => sees(request, workflow)) }),
  )
  app.get(
    '/api/hosts',
    { onRequest, schema: { tags: ['hosts'], summary: 'The model servers.', response: { 200: HostList } } },
    () => ({ hosts: options.hosts() }),
  )
  app.post(
    '/api/check',
    {
      onRequest,
      schema: {
        ...{ tags: ['workflows'], summary: 'Checks a text; nothing is saved.' },
        ...{ body: CheckRequest, response: { 200: CheckAnswer } },
      },
    },
    request => {
      const { path, source } = request.body as z.infer<typeof CheckRequest>
      return options.check(path, source, workflow => sees(request, workflow))
    },
  )
}
