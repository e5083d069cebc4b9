import type { ReactElement } from 'react'

/** A value as it is, or a text as it stands. */
export function JsonText({ value }: { value: unknown }): ReactElement {
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2)
  return (
    <pre
      tabIndex={0}
      className="overflow-x-auto rounded-md border border-line bg-bg px-3 py-2 break-words whitespace-pre-wrap"
    >
      {text}
    </pre>
  )
}
