import type { ReactElement } from 'react'
import type { Diagnostic } from '../../model/diagnostic.ts'

const colours = { error: 'text-bad', warning: 'text-running', info: 'text-dim' } as const

/** What is wrong with a file, with place and remedy; a click goes to the line. */
export function Diagnostics({ diagnostics }: { diagnostics: readonly Diagnostic[] }): ReactElement {
  if (diagnostics.length === 0) return <></>
  return (
    <section
      aria-label="Problems"
      tabIndex={0}
      className="max-h-[32%] shrink-0 overflow-y-auto border-t border-line bg-panel px-4 py-2"
    >
      <ul className="flex flex-col gap-1.5">
        {diagnostics.map(({ code, severity, message, hint, span }) => (
          <li key={`${code} ${span.path} ${span.offset}`} className="flex gap-3">
            <button
              type="button"
              className="w-14 shrink-0 self-start text-right hover:underline"
              onClick={() => document.getElementById(`line-${span.line}`)?.scrollIntoView({ block: 'center' })}
            >
              <code>
                {span.line}:{span.column}
              </code>
            </button>
            <span className={`w-16 shrink-0 ${colours[severity]}`}>{severity}</span>
            <span>
              {message} <code className="text-dim">{code}</code>
              {hint !== undefined && <span className="block text-dim">{hint}</span>}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
