import '@xterm/xterm/css/xterm.css'
import { FitAddon } from '@xterm/addon-fit'
import { type ITheme, Terminal } from '@xterm/xterm'
import { type ReactElement, useEffect, useRef } from 'react'
import { useTheme } from '../app/theme.ts'
import { useRunStore } from '../live/run-store.ts'
import type { Chunk } from '../live/transcript.ts'
import { selectNothing } from './keys.ts'
import type { Selection } from './selection.ts'
import { terminalText } from './terminal-text.ts'

/** What the run says, as it comes. */
export function TerminalView({ selection }: { selection: Selection }): ReactElement {
  const place = useRef<HTMLDivElement>(null)
  const selected = selection.isChosen ? selection.path : undefined
  useEffect(() => {
    if (!place.current) return undefined
    const shown = new ShownTerminal(place.current)
    const show = (): void => shown.show(useRunStore.getState().live?.transcript ?? [], selected)
    show()
    const stops = [useRunStore.subscribe(show), useTheme.subscribe(() => shown.recolour())]
    return () => {
      for (const stop of stops) stop()
      shown.close()
    }
  }, [selected])
  return (
    <section
      aria-label="Terminal"
      className="flex min-h-0 flex-col border-l border-line bg-panel pt-2 pl-3 max-[900px]:h-[260px]"
    >
      {selected !== undefined && (
        <p className="pb-1 text-small text-dim">
          Only <code>{selected}</code>{' '}
          <button type="button" className="link" onClick={() => selectNothing(selection)}>
            Show everything
          </button>
        </p>
      )}
      <div ref={place} className="min-h-0 flex-1" />
    </section>
  )
}

/** An xterm that is told what is new, and begins anew where something before it has changed. */
class ShownTerminal {
  readonly #terminal = new Terminal({
    ...{ convertEol: false, disableStdin: true, cursorBlink: false, cursorInactiveStyle: 'none', scrollback: 20_000 },
    ...{ fontSize: 12, lineHeight: 1.15, fontFamily: monospace(), theme: themeNow(), screenReaderMode: false },
    minimumContrastRatio: 4.5,
  })
  readonly #fit = new FitAddon()
  readonly #resized: ResizeObserver
  #written: readonly Chunk[] = []

  constructor(place: HTMLElement) {
    this.#terminal.loadAddon(this.#fit)
    this.#terminal.open(place)
    // It takes no input: the tab key goes past it.
    this.#terminal.textarea?.setAttribute('tabindex', '-1')
    this.#resized = new ResizeObserver(() => this.#fit.fit())
    this.#resized.observe(place)
  }

  show(transcript: readonly Chunk[], path: string | undefined): void {
    const chunks = path === undefined ? transcript : transcript.filter(chunk => chunk.path === path)
    const known = this.#written.length
    const isLonger = chunks.length >= known && (known === 0 || chunks[known - 1] === this.#written[known - 1])
    if (!isLonger) this.#terminal.reset()
    const start = isLonger ? known : 0
    let text = ''
    for (let index = start; index < chunks.length; index++) {
      const chunk = chunks[index]
      if (chunk) text += terminalText(chunk, chunks[index - 1])
    }
    this.#written = chunks
    if (text !== '') this.#terminal.write(text)
  }

  recolour(): void {
    this.#terminal.options.theme = themeNow()
  }

  close(): void {
    this.#resized.disconnect()
    this.#terminal.dispose()
  }
}

function monospace(): string {
  return getComputedStyle(document.documentElement).getPropertyValue('--font-mono') || 'monospace'
}

/** The colours of the page, as they are now. */
function themeNow(): ITheme {
  const style = getComputedStyle(document.documentElement)
  const colour = (name: string): string => style.getPropertyValue(name).trim()
  return {
    background: colour('--panel'),
    foreground: colour('--text'),
    cursor: colour('--panel'),
    cyan: colour('--agent'),
    green: colour('--good'),
    red: colour('--bad'),
    brightBlack: colour('--dim'),
    selectionBackground: colour('--line'),
  }
}
