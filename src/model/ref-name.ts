import { z } from 'zod'

// The rules of `git check-ref-format`, and no leading dash, so that a name is never taken for an option.
const forbiddenCharacters = /[\p{Cc} ~^:?*[\\]/u

/** True for a name that git accepts for a ref or a branch, and that is safe as an argument and as a path. */
export function isRefName(name: string): boolean {
  if (name === '' || name === '@' || name.startsWith('-') || name.endsWith('.')) return false
  if (forbiddenCharacters.test(name) || name.includes('..') || name.includes('@{')) return false
  return name.split('/').every(part => part !== '' && !part.startsWith('.') && !part.endsWith('.lock'))
}

/** A name that a branch or a remote can have. */
export const RefName = z.string().refine(isRefName, 'Write a name that git allows for a branch or a remote.')

/** The name of a branch; `*` and `**` stand for parts of it. */
export const BranchPattern = z
  .string()
  .refine(
    pattern => isRefName(pattern.replaceAll('*', 'x')),
    'Write a name that git allows for a branch, or a pattern.',
  )
