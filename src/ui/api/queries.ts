import { QueryClient, useQuery, type UseQueryResult } from '@tanstack/react-query'
import type { Chart, RunLine, Workflow, WorkflowLine } from './answers.ts'
import { ApiProblem, ask } from './ask.ts'

/** What has been asked for, and when to ask again. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 2000,
      // While the daemon is started anew nobody answers; everything else it says is meant.
      retry: (_count, error) => error instanceof ApiProblem && error.status === 0,
      retryDelay: count => Math.min(8000, 500 * 2 ** count),
    },
  },
})

/** The address of a workflow, whose name may hold folders. */
export function workflowPath(name: string): string {
  return `/workflows/${name.split('/').map(encodeURIComponent).join('/')}`
}

export interface RunFilter {
  readonly workflow?: string | undefined
  readonly status?: string | undefined
}

/** The newest runs. */
export function useRuns(filter: RunFilter): UseQueryResult<readonly RunLine[]> {
  const wanted = Object.entries(filter).filter(([, value]) => value !== undefined && value !== '') as [string, string][]
  const words = new URLSearchParams([...wanted, ['limit', '100']]).toString()
  return useQuery({
    queryKey: ['runs', words],
    queryFn: async ({ signal }) => (await ask<{ runs: RunLine[] }>(`/api/runs?${words}`, signal)).runs,
    placeholderData: before => before,
  })
}

export function useWorkflows(): UseQueryResult<readonly WorkflowLine[]> {
  return useQuery({
    queryKey: ['workflows'],
    queryFn: async ({ signal }) => (await ask<{ workflows: WorkflowLine[] }>('/api/workflows', signal)).workflows,
  })
}

/** A workflow as it is committed on a branch; without one, on the branch that is checked out. */
export function useWorkflow(name: string, branch: string | undefined): UseQueryResult<Workflow> {
  const words = branch === undefined ? '' : `?branch=${encodeURIComponent(branch)}`
  return useQuery({
    queryKey: ['workflows', name, branch],
    queryFn: ({ signal }) => ask<Workflow>(`/api${workflowPath(name)}${words}`, signal),
  })
}

export function useChart(runId: string): UseQueryResult<Chart> {
  return useQuery({
    queryKey: ['chart', runId],
    queryFn: ({ signal }) => ask<Chart>(`/api/runs/${encodeURIComponent(runId)}/chart`, signal),
  })
}
