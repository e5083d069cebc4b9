import { join } from 'node:path'
import type { Repository } from './repository.ts'

/** Where the state of a workspace lives: inside its folder, or for a bare repository inside that. */
export function stateFolder(root: string, repository: Repository | undefined): string {
  const location = repository?.location
  if (location && location.workTree === undefined) return join(location.gitDir, 'orchestrate')
  return join(location?.workTree ?? root, '.orchestrate')
}
