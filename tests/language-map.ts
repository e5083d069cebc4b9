import { sentencesOfFiles } from './language/sentences-of-files.ts'
import { sentencesOfSteps } from './language/sentences-of-steps.ts'
import { sentencesOfTexts } from './language/sentences-of-texts.ts'
import type { Sentence } from './language/sentence.ts'

/** Every promise of the workflow language, with the tests that fail when it is broken. */
export const languageMap: readonly Sentence[] = [...sentencesOfFiles, ...sentencesOfSteps, ...sentencesOfTexts]
