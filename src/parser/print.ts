import type { WorkflowSource } from '../model/workflow-source.ts'
import { printMarkdown } from './print-markdown.ts'
import { orderWorkflow } from './print-order.ts'
import { printYaml } from './print-yaml.ts'

/** The text of a workflow in one of its spellings: reading it gives the same workflow back. */
export function printWorkflow(source: WorkflowSource, format: 'yaml' | 'markdown'): string {
  const workflow = orderWorkflow(source)
  return format === 'yaml' ? printYaml(workflow) : printMarkdown(workflow)
}
