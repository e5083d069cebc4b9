import { checkAgent } from '../checker/agent.ts'
import { check, type Checked, workflowName } from '../checker/check.ts'
import { checkConfiguration, defaultConfiguration } from '../checker/configuration.ts'
import type { Library } from '../checker/library.ts'
import { type AgentFile, shelve, type SkillFile } from '../checker/shelf.ts'
import { checkSkill } from '../checker/skill.ts'
import { compile } from '../compiler/compile.ts'
import { checkTemplate, templateName } from '../checker/template.ts'
import type { Program } from '../compiler/program.ts'
import type { Sources } from '../git/sources.ts'
import type { Configuration } from '../model/configuration.ts'
import { type Diagnostic, hasErrors, spanAt } from '../model/diagnostic.ts'
import { isMap } from '../model/json.ts'
import type { JsonSchema } from '../model/value-schema.ts'
import type { Document } from '../parser/document.ts'
import { parseAgent, parseConfiguration, parseSkill, parseWorkflow } from '../parser/parse.ts'
import { parsePrompt, type PromptDocument } from '../parser/prompt.ts'
import { closureKey } from './closure.ts'

/** Everything but the workflows of a workspace, read and checked. */
export interface Shelf {
  readonly library: Library
  readonly configuration: Configuration
  /** By path, of the files that are not workflows. */
  readonly diagnostics: ReadonlyMap<string, readonly Diagnostic[]>
}

/** A workflow of a workspace, read, checked and, when it is sound, compiled. */
export interface Evaluation {
  readonly path: string
  readonly workflow: string
  readonly source: string
  readonly diagnostics: readonly Diagnostic[]
  readonly program: Program | undefined
  readonly closureKey: string
}

/** Paths of the workflows among some files; templates are no workflows. */
export function workflowPaths(sources: Sources): string[] {
  return [...sources.files.keys()].filter(
    path => /^workflows\/.+\.(workflow\.md|ya?ml)$/.test(path) && !path.startsWith('workflows/templates/'),
  )
}

/** Reads and checks the agents, skills, schemas and configuration of a workspace. */
export async function readShelf(sources: Sources): Promise<Shelf> {
  const agentFiles: AgentFile[] = []
  const skillFiles: SkillFile[] = []
  const schemas = new Map<string, JsonSchema>()
  const prompts = new Map<string, PromptDocument>()
  const templates = new Map<string, Document>()
  const diagnostics = new Map<string, readonly Diagnostic[]>()
  let configuration = defaultConfiguration
  for (const path of sources.files.keys()) {
    if (/^agents\/.+\.agent\.md$/.test(path)) {
      const checked = await guarded(sources, path, text => withDocument(parseAgent(text, path), checkAgent))
      diagnostics.set(path, checked.diagnostics)
      if (checked.agent && checked.document) agentFiles.push({ agent: checked.agent, document: checked.document })
    } else if (/^skills\/(.+\/)?SKILL\.md$/.test(path)) {
      const checked = await guarded(sources, path, text => withDocument(parseSkill(text, path), checkSkill))
      diagnostics.set(path, checked.diagnostics)
      if (checked.skill && checked.document) skillFiles.push({ skill: checked.skill, document: checked.document })
    } else if (/^prompts\/.+\.md$/.test(path)) {
      const read = await guarded(sources, path, text => ({ prompt: parsePrompt(text, path), diagnostics: [] }))
      if (read.prompt) prompts.set(path, read.prompt)
    } else if (/^workflows\/templates\/.+\.ya?ml$/.test(path)) {
      const read = await guarded(sources, path, text => ({ template: parseWorkflow(text, path), diagnostics: [] }))
      if (read.template) templates.set(templateName(path), read.template)
    } else if (/^schemas\/.+\.json$/.test(path)) {
      const checked = await guarded(sources, path, text => ({ schema: parseSchema(text), diagnostics: [] }))
      if (checked.schema) schemas.set(path, checked.schema)
    } else if (path === 'orchestrate.yaml') {
      const checked = await guarded(sources, path, text => checkConfiguration(parseConfiguration(text, path)))
      diagnostics.set(path, checked.diagnostics)
      configuration = checked.configuration ?? defaultConfiguration
    }
  }
  const shelved = shelve(agentFiles, skillFiles)
  for (const found of shelved.diagnostics) {
    diagnostics.set(found.span.path, [...(diagnostics.get(found.span.path) ?? []), found])
  }
  const { agents, skills } = shelved
  const library = { agents, skills, schemas, prompts, templates, workflows: new Map() }
  for (const [, template] of templates) diagnostics.set(template.path, checkTemplate(template, library).diagnostics)
  return { library, configuration, diagnostics }
}

// Reading them all is dear, and few workflows call others.
const callable = new WeakMap<Sources, Promise<ReadonlyMap<string, Document>>>()

/** Every workflow of some files by name, read once. */
function workflowsOf(sources: Sources): Promise<ReadonlyMap<string, Document>> {
  const known = callable.get(sources) ?? readWorkflows(sources)
  callable.set(sources, known)
  return known
}

async function readWorkflows(sources: Sources): Promise<ReadonlyMap<string, Document>> {
  const documents = new Map<string, Document>()
  for (const path of workflowPaths(sources)) {
    const read = await guarded(sources, path, text => ({ document: parseWorkflow(text, path), diagnostics: [] }))
    if (read.document) documents.set(workflowName(path), read.document)
  }
  return documents
}

function withDocument<D, T extends object>(document: D, check: (document: D) => T): T & { readonly document: D } {
  return { ...check(document), document }
}

/** Reads, checks and compiles one workflow. The branch counts only where an expression reads `run.branch`. */
export async function evaluate(sources: Sources, library: Library, path: string, branch?: string): Promise<Evaluation> {
  let source = ''
  const read = await guarded(sources, path, text => {
    source = text
    return { document: parseWorkflow(text, path), diagnostics: [] }
  })
  const workflows = /\bworkflow\b/i.test(source) ? await workflowsOf(sources) : library.workflows
  const checked = read.document ? check(read.document, { ...library, workflows }) : { diagnostics: read.diagnostics }
  const {
    workflow,
    diagnostics,
    places = {},
    dependencies = [],
  }: Partial<Checked> & Pick<Checked, 'diagnostics'> = checked
  const readsBranch = branch !== undefined && /\brun\.branch\b/.test(source)
  const key = closureKey({ paths: [path, ...dependencies], ...(readsBranch && { branch }) }, sources.files)
  return {
    path,
    workflow: workflowName(path),
    source,
    diagnostics,
    program: workflow && !hasErrors(diagnostics) ? compile(workflow, places) : undefined,
    closureKey: key,
  }
}

/** Reads a file and what can be made of it; a file that is not text is a diagnostic, like any other problem in it. */
async function guarded<T extends { readonly diagnostics: readonly Diagnostic[] }>(
  sources: Sources,
  path: string,
  use: (text: string) => T,
): Promise<Partial<Omit<T, 'diagnostics'>> & { readonly diagnostics: readonly Diagnostic[] }> {
  let text: string
  try {
    text = await sources.read(path)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return { diagnostics: [{ code: 'UNREADABLE', severity: 'error', message, span: spanAt(path, [0], 0, 0) }] } as never
  }
  return use(text)
}

function parseSchema(text: string): JsonSchema | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isMap(value) ? (value as JsonSchema) : undefined
  } catch {
    return undefined
  }
}
