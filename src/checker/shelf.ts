import type { Agent } from '../model/agent.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import { isMap } from '../model/json.ts'
import { nearest } from '../model/nearest.ts'
import type { Skill } from '../model/skill.ts'
import { type Document, mostDiagnostics } from '../parser/document.ts'
import { agentName } from './agent.ts'
import type { Library } from './library.ts'

/** Files of a workspace that are sound by themselves, and what their front matter was read from. */
export interface AgentFile {
  readonly agent: Agent
  readonly document: Document
}
export interface SkillFile {
  readonly skill: Skill
  readonly document: Document
}

/** What a workspace has of agents and skills, by name, and what is to be said of names that do not fit together. */
export interface Shelved extends Pick<Library, 'agents' | 'skills'> {
  readonly diagnostics: readonly Diagnostic[]
}

/**
 * Gives agents and skills their names. An agent has that of its file, and the one it gives itself where no other agent
 * has it: workflows may use either. Of two files with the same name, the first path has it.
 */
export function shelve(agentFiles: readonly AgentFile[], skillFiles: readonly SkillFile[]): Shelved {
  const diagnostics: Diagnostic[] = []
  const skills = new Map<string, { skill: Skill; path: string }>()
  for (const { skill, document } of skillFiles.toSorted(byPath)) {
    const owner = skills.get(skill.name)
    if (owner) diagnostics.push(taken(document, skill.name, owner.path, 'Give this skill and its folder another name.'))
    else skills.set(skill.name, { skill, path: document.path })
  }
  const agents = new Map<string, { agent: Agent; path: string }>()
  const sorted = agentFiles.toSorted(byPath)
  for (const { agent, document } of sorted) {
    const name = agentName(document.path)
    const owner = agents.get(name)
    if (owner) diagnostics.push(taken(document, name, owner.path, 'Give this file another name.'))
    else agents.set(name, { agent, path: document.path })
  }
  diagnostics.push(...addTitles(agents, sorted), ...sorted.flatMap(file => unknownSkills(file, skills)))
  return { agents, skills, diagnostics }
}

/** Adds the names that agents give themselves, as far as each means one agent only. */
function addTitles(agents: Map<string, { agent: Agent; path: string }>, files: readonly AgentFile[]): Diagnostic[] {
  const diagnostics: Diagnostic[] = []
  const titled = files.filter(({ agent, document }) => agent.name !== '' && agent.name !== agentName(document.path))
  for (const [title, namesakes] of Map.groupBy(titled, ({ agent }) => agent.name)) {
    const [first, ...others] = namesakes
    const owner = agents.get(title)?.path
    if (first && owner === undefined && others.length === 0) {
      agents.set(title, { agent: first.agent, path: first.document.path })
    }
    for (const { document } of owner === undefined ? others : namesakes) {
      const hint = `Workflows find this agent as \`${agentName(document.path)}\`.`
      diagnostics.push(taken(document, title, owner ?? first?.document.path ?? '', hint))
    }
  }
  return diagnostics
}

/**
 * The skill that an agent or a step names: by its name, or by the path of its folder or file, or the end of that.
 *
 * @example findSkill(skills, './skills/writing/tables') // the one of skills/writing/tables/SKILL.md
 */
export function findSkill(
  skills: Library['skills'],
  written: string,
): { readonly skill: Skill; readonly path: string } | undefined {
  const named = skills.get(written)
  if (named) return named
  const parts = written.split('/').filter(part => !['', '.', '..', 'SKILL.md'].includes(part))
  if (parts.length === 0) return undefined
  const end = `/${parts.join('/')}/SKILL.md`
  return [...skills.values()].find(({ path }) => `/${path}`.endsWith(end))
}

/** What to try where there is no skill of that name. */
export function skillHint(skills: Library['skills'], written: string): string {
  const near = nearest(written, skills.keys())
  if (near !== undefined) return `Did you mean \`${near}\`?`
  const name = written.split('/').findLast(part => part !== '' && part !== 'SKILL.md') ?? written
  return `Create \`skills/${name}/SKILL.md\`.`
}

function unknownSkills({ agent, document }: AgentFile, skills: Library['skills']): Diagnostic[] {
  const list = isMap(document.value) ? document.value['skills'] : undefined
  const unknown = agent.skills.filter(written => !findSkill(skills, written)).slice(0, mostDiagnostics)
  return unknown.map(written => {
    const index = Array.isArray(list) ? list.indexOf(written) : -1
    const span = document.spanOf(index === -1 ? ['skills'] : ['skills', index])
    const message = `There is no skill \`${written}\`; the agent has to do without.`
    return { code: 'UNKNOWN_SKILL', severity: 'warning', message, span, hint: skillHint(skills, written) }
  })
}

function taken(document: Document, name: string, owner: string, hint: string): Diagnostic {
  const message = `"${name}" is the name of ${owner}, too.`
  return { code: 'NAME_TAKEN', severity: 'warning', message, span: document.spanOf(['name']), hint }
}

function byPath(a: { readonly document: Document }, b: { readonly document: Document }): number {
  return a.document.path < b.document.path ? -1 : 1
}
