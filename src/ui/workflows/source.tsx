import type { ReactElement } from 'react'
import type { Diagnostic } from '../../model/diagnostic.ts'

/** The text of a file with its line numbers; lines with a problem are marked. */
export function Source({ text, diagnostics }: { text: string; diagnostics: readonly Diagnostic[] }): ReactElement {
  const worst = new Map(
    diagnostics.toSorted(a => (a.severity === 'error' ? 1 : -1)).map(({ span, severity }) => [span.line, severity]),
  )
  return (
    <section aria-label="Source" tabIndex={0} className="min-h-0 overflow-auto bg-panel py-2">
      <pre className="w-max min-w-full">
        {text.split('\n').map((line, index) => {
          const severity = worst.get(index + 1)
          const tone = severity === 'error' ? 'bg-bad-bg' : severity === undefined ? '' : 'bg-running-bg'
          return (
            <div key={index} id={`line-${index + 1}`} className={`flex px-2 ${tone}`}>
              <span aria-hidden="true" className="w-10 shrink-0 pr-3 text-right text-dim select-none">
                {index + 1}
              </span>
              <span>{line || ' '}</span>
            </div>
          )
        })}
      </pre>
    </section>
  )
}
