import type { ReactElement } from 'react'

/** Names and values, one line each; what is undefined is left out. */
export function Facts({ facts }: { facts: readonly (readonly [string, string | undefined])[] }): ReactElement {
  return (
    <dl className="grid grid-cols-[92px_1fr] gap-y-0.5">
      {facts.map(([name, value]) =>
        value === undefined ? null : (
          <div key={name} className="contents">
            <dt className="text-dim">{name}</dt>
            <dd className="min-w-0 break-words">{value}</dd>
          </div>
        ),
      )}
    </dl>
  )
}
