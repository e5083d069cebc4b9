import type { ReactElement } from 'react'

/** The head of a table; it stays in sight while the rows are scrolled. */
export function TableHead({ heads }: { heads: readonly string[] }): ReactElement {
  return (
    <thead className="sticky top-0 bg-bg text-small text-dim">
      <tr className="border-b border-line">
        {heads.map(head => (
          <th key={head} scope="col" className="px-4 py-1.5 font-normal">
            {head}
          </th>
        ))}
      </tr>
    </thead>
  )
}
