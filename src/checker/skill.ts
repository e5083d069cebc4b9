import type { Diagnostic } from '../model/diagnostic.ts'
import { foreignSkillFields, type Skill, skillBounds, skillNamePattern, SkillSource } from '../model/skill.ts'
import { present } from '../model/present.ts'
import { toolChoice } from '../model/tool-name.ts'
import type { SkillDocument } from '../parser/parse.ts'
import { type FrontMatterFields, sortFields } from './front-matter.ts'
import { Report } from './report.ts'
import { checkShape } from './shape.ts'

const fields: FrontMatterFields = {
  own: Object.keys(SkillSource.shape),
  texts: ['name', 'description', 'license', 'compatibility'],
  lists: ['allowed-tools'],
  foreign: foreignSkillFields,
  owner: 'a skill',
}

/** The name of the folder that a skill is in: `skills/tables/SKILL.md` is in `tables`. */
export function skillFolder(path: string): string {
  return path.split('/').at(-2) ?? ''
}

/**
 * Checks a skill. Whatever is wrong with its front matter is a warning: what is left of it, and its text, can still be
 * read. Undefined only where the file is no text.
 */
export function checkSkill(document: SkillDocument): { skill: Skill | undefined; diagnostics: readonly Diagnostic[] } {
  if (document.value === undefined) return { skill: undefined, diagnostics: document.diagnostics }
  const { own, foreign } = sortFields(fields, document)
  const report = new Report(own)
  const shaped = checkShape(
    SkillSource,
    own,
    () => fields.own,
    () => undefined,
  )
  report.diagnostics.push(...shaped.diagnostics)
  const source = shaped.value ?? {}
  checkName(source.name, report)
  checkTexts(source, report)
  const skill: Skill = {
    name: source.name || skillFolder(document.path),
    description: source.description ?? '',
    ...present({ license: source.license, compatibility: source.compatibility }),
    metadata: source.metadata ?? {},
    allowedTools: toolChoice(source['allowed-tools']).allow ?? [],
    foreign,
    body: document.body,
  }
  return { skill, diagnostics: report.all().map(asWarning) }
}

function checkName(name: string | undefined, report: Report): void {
  if (name === undefined) return
  const folder = skillFolder(report.document.path)
  const hint = `Write \`name: ${folder}\`, or leave it out.`
  if (!skillNamePattern.test(name) || name.length > skillBounds.name) {
    const message = `A skill is called by lower-case letters, digits and single hyphens, at most ${skillBounds.name}.`
    report.warning('SKILL_NAME', message, ['name'], skillNamePattern.test(folder) ? hint : 'Give it another name.')
  } else if (name !== folder) {
    report.warning('SKILL_NAME', `This skill is called "${name}", but its folder "${folder}".`, ['name'], hint)
  }
}

function checkTexts({ description, compatibility }: SkillSource, report: Report): void {
  if (!description) {
    const hint = 'Say in `description` what the skill does, and when to use it: by that an agent finds it.'
    report.warning('MISSING_FIELD', '`description` is missing.', ['description'], hint, 'key')
  }
  for (const [name, text] of Object.entries({ description, compatibility })) {
    const most = skillBounds[name as 'description' | 'compatibility']
    if (text === undefined || text.length <= most) continue
    const hint = 'Move what is not needed to choose the skill into its text.'
    report.warning('BAD_VALUE', `\`${name}\` has ${text.length} characters; the format allows ${most}.`, [name], hint)
  }
}

function asWarning(diagnostic: Diagnostic): Diagnostic {
  return diagnostic.severity === 'error' ? { ...diagnostic, severity: 'warning' } : diagnostic
}
