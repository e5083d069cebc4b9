import type { PictureEdge } from './layout-implied.ts'
import type { StepWork } from './program.ts'

/** Who does the work of a step, which its colour tells: a model, a machine, a person, or the steps inside it. */
export type Tone = 'model' | 'machine' | 'person' | 'block'

interface KindLook {
  readonly tone: Tone
  /** Strokes in a square of 14 by 14. */
  readonly icon: string
}

/** How each step kind is drawn. */
export const kindLooks: Readonly<Record<StepWork['kind'], KindLook>> = {
  prompt: { tone: 'model', icon: 'M2 2.5h10v7H7L4.5 12V9.5H2z' },
  kilo: { tone: 'model', icon: 'M4.5 3.5 1.5 7l3 3.5M9.5 3.5l3 3.5-3 3.5' },
  run: { tone: 'machine', icon: 'M2.5 3.5 6 7l-3.5 3.5M7.5 11H12' },
  code: {
    tone: 'machine',
    icon: 'M5 2C2.5 2 4.5 6 2 7c2.5 1 .5 5 3 5M9 2c2.5 0 .5 4 3 5-2.5 1-.5 5-3 5',
  },
  tool: { tone: 'machine', icon: 'M5 1.5v3M9 1.5v3M3 4.5h8V7a4 4 0 0 1-8 0zM7 11v2' },
  http: {
    tone: 'machine',
    icon: 'M7 1.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 1 0 0-11M1.5 7h11M7 1.5c-3 3-3 8 0 11 3-3 3-8 0-11',
  },
  set: { tone: 'machine', icon: 'M3 5.5h8M3 9h8' },
  workflow: { tone: 'machine', icon: 'M1.5 2h4.5v4H1.5zM8 8h4.5v4H8zM3.8 6v4H8' },
  ask: { tone: 'person', icon: 'M4.5 4.5a2.6 2.6 0 1 1 3.6 2.4C7.3 7.3 7 7.8 7 8.7M7 11.5v.2' },
  wait: { tone: 'person', icon: 'M7 1.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 1 0 0-11M7 4v3.3l2.2 1.3' },
  parallel: { tone: 'block', icon: 'M3 2.5v9M7 2.5v9M11 2.5v9' },
  steps: { tone: 'block', icon: 'M2.5 3.5h9M2.5 7h9M2.5 10.5h9' },
  switch: { tone: 'block', icon: 'M7 1.5 12.5 7 7 12.5 1.5 7z' },
  loop: { tone: 'block', icon: 'M11.5 7A4.5 4.5 0 1 1 10 3.7M10.5 1.5v2.5H8' },
  each: { tone: 'block', icon: 'M2 5h7v7H2zM5 5V2h7v7H9' },
}

/** How each kind of line is drawn, by class. Dashed is what does not follow from success alone, or leads back. */
export const lineLooks: Readonly<Record<PictureEdge['kind'], string>> = {
  order: '',
  branch: '',
  start: '',
  back: 'dashed',
  error: 'dashed error',
  undo: 'dashed',
  finally: 'dashed',
}

interface Colours {
  readonly background: string
  readonly card: string
  readonly frame: string
  readonly line: string
  readonly edge: string
  readonly error: string
  readonly text: string
  readonly dim: string
  readonly tones: Readonly<Record<Tone, string>>
}

const light: Colours = {
  background: '#f7f8fa',
  card: '#ffffff',
  frame: '#eef1f5',
  line: '#d5dbe3',
  edge: '#7b8797',
  error: '#d94853',
  text: '#17202b',
  dim: '#566272',
  tones: { model: '#0b62d6', machine: '#116b33', person: '#6d3fc0', block: '#566272' },
}

const dark: Colours = {
  background: '#0e1116',
  card: '#1d242d',
  frame: '#151a21',
  line: '#2c3541',
  edge: '#7d899a',
  error: '#e0525b',
  text: '#e4e9ef',
  dim: '#98a4b3',
  tones: { model: '#6aaeff', machine: '#6bdc92', person: '#c3a6ff', block: '#98a4b3' },
}

/** Plain colours instead of variables, which not every viewer of SVG knows. */
function rulesOf(colours: Colours): string {
  const { background, card, frame, line, edge, error, text, dim, tones } = colours
  const tone = Object.entries(tones).map(
    ([name, colour]) => `.${name} .icon,.${name} .mark{stroke:${colour}}.${name} .bar{fill:${colour}}`,
  )
  return [
    `.page{fill:${background}}.card{fill:${card};stroke:${line}}.frame{fill:${frame};stroke:${line}}`,
    `.title{fill:${text}}.label,.name{fill:${dim}}.line{stroke:${edge}}.head{fill:${edge}}`,
    `.plate{fill:${card};stroke:${line}}.mark{fill:${card}}.maybe{stroke:${edge}}.error .line{stroke:${error}}.error .head{fill:${error}}`,
    ...tone,
  ].join('')
}

/** The style sheet of a picture: no font is fetched, and the colours follow the viewer’s theme. */
export const styleSheet = [
  'text{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif}',
  '.title{font-size:13px;font-weight:600}.label{font-size:11px}.name{font-size:11px}',
  '.icon,.line,.mark{fill:none;stroke-width:1.5;stroke-linecap:round;stroke-linejoin:round}',
  // What may be skipped, and what leads back.
  '.maybe,.dashed .line{stroke-dasharray:4 4}',
  rulesOf(light),
  `@media (prefers-color-scheme:dark){${rulesOf(dark)}}`,
].join('\n')
