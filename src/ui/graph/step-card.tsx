import type { KeyboardEvent, ReactElement } from 'react'
import { glyphs } from '../../model/glyph.ts'
import { kindLooks } from '../../compiler/svg-look.ts'
import type { Graph } from '../api/answers.ts'
import { wordText } from '../app/status-words.ts'
import type { NodeView, SecondLine } from '../run/run-view.ts'
import { useIsTile } from './canvas.tsx'

export interface CardOptions {
  readonly node: Graph['nodes'][number]
  readonly isBlock: boolean
  /** Undefined where there is no run: the graph of a workflow. */
  readonly view?: NodeView | undefined
  /** The second line; without it, what the step does. */
  readonly line?: SecondLine | undefined
  /** The time it took, or takes. */
  readonly time?: string | undefined
  readonly isChosen?: boolean
  readonly isPale?: boolean
  onChoose?(): void
}

/** A step as a card, or a block as the frame around its steps. */
export function StepCard(options: CardOptions): ReactElement {
  const { node, isBlock, view, isChosen, isPale, onChoose } = options
  const isTile = useIsTile() && !isBlock
  const word = view?.word ?? 'waiting'
  return (
    <button
      type="button"
      data-node={node.id}
      data-status={view ? word : undefined}
      aria-label={isTile ? `${node.id}: ${wordText(word)}` : undefined}
      aria-pressed={isChosen ?? false}
      onClick={onChoose}
      onKeyDown={walk}
      className={`tone-${word} nopan flex h-full w-full flex-col rounded-md border text-left transition-colors ${isBlock ? 'border-dashed' : ''} ${isPale ? 'opacity-35' : ''}`}
      style={{
        borderColor: 'var(--tone-line)',
        background: isTile
          ? 'var(--tone-line)'
          : isBlock
            ? 'color-mix(in srgb, var(--panel) 55%, transparent)'
            : 'var(--tone-bg)',
        ...(isChosen && { outline: '2px solid var(--accent)', outlineOffset: '2px' }),
        ...(!isBlock && { borderLeftWidth: 3 }),
      }}
    >
      {isTile ? (
        <span className="m-auto text-[28px] leading-none text-bg" aria-hidden="true">
          {glyphs[word]}
        </span>
      ) : (
        <Texts {...options} />
      )}
    </button>
  )
}

function Texts({ node, isBlock, view, line, time }: CardOptions): ReactElement {
  const attempts = view?.step?.attempts.length ?? 0
  return (
    <span className={`flex gap-2 px-2 ${isBlock ? 'h-9 shrink-0 items-center' : 'h-full min-w-0 items-center'}`}>
      <Mark node={node} view={view} />
      <span className={`min-w-0 flex-1 ${isBlock ? 'flex items-baseline gap-2' : ''}`}>
        <span className="block overflow-hidden text-ellipsis whitespace-nowrap text-text font-semibold">
          {node.id}
          {view && <span className="sr-only">: {wordText(view.word)}.</span>}
        </span>
        <span className="flex gap-2 text-[11px] leading-[15px] text-dim">
          <Line {...(line ?? { text: node.label })} />
          {(time !== undefined || attempts > 1) && (
            <span className="whitespace-nowrap">
              {time}
              {attempts > 1 && (
                <>
                  {' '}
                  ×{attempts}
                  <span className="sr-only"> attempts</span>
                </>
              )}
            </span>
          )}
        </span>
      </span>
    </span>
  )
}

/** Where there is no room for all of it, the host stays to be read. */
function Line({ text, host }: SecondLine): ReactElement {
  const parts = [text, host].filter(part => part !== undefined && part !== '')
  return (
    <span className="flex min-w-0 flex-1 whitespace-pre" title={parts.join(' · ')}>
      {text !== '' && <span className="min-w-0 overflow-hidden text-ellipsis">{text}</span>}
      {parts.length === 2 && <span> · </span>}
      {host !== undefined && <span className="max-w-full shrink-0 overflow-hidden text-ellipsis">{host}</span>}
    </span>
  )
}

/** How it is; where there is no run, what kind of step it is. */
function Mark({ node, view }: Pick<CardOptions, 'node' | 'view'>): ReactElement {
  if (view && view.word !== 'waiting') {
    return (
      <span aria-hidden="true" className="w-[14px] text-center" style={{ color: 'var(--tone)' }}>
        {glyphs[view.word]}
      </span>
    )
  }
  return (
    <svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true" className="shrink-0 text-dim">
      <path
        d={kindLooks[node.kind].icon}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.3"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  )
}

const directions: Readonly<Record<string, readonly [x: number, y: number]>> = {
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
}

/** An arrow key goes to the nearest step that lies there, along the line if there is one. */
function walk(event: KeyboardEvent<HTMLButtonElement>): void {
  const direction = directions[event.key]
  if (!direction) return
  event.preventDefault()
  event.stopPropagation()
  const from = middleOf(event.currentTarget)
  const [x, y] = direction
  const others = [...document.querySelectorAll<HTMLButtonElement>('button[data-node]')].flatMap(button => {
    const to = middleOf(button)
    const along = (to.x - from.x) * x + (to.y - from.y) * y
    const aside = Math.abs((to.x - from.x) * y) + Math.abs((to.y - from.y) * x)
    return along > 4 ? [{ button, far: along + 2 * aside }] : []
  })
  const nearest = others.sort((a, b) => a.far - b.far)[0]
  nearest?.button.focus()
  nearest?.button.click()
}

function middleOf(button: HTMLElement): { readonly x: number; readonly y: number } {
  const { left, top, width } = button.getBoundingClientRect()
  // The head of a frame stands for the block.
  return { x: left + width / 2, y: top + 20 }
}
