import type { ReactElement } from 'react'
import type { Layout, Point, Rectangle } from '../../compiler/layout.ts'
import { lineText } from '../../compiler/layout-graph.ts'
import { arrowHead, roundedPath } from '../../compiler/svg-path.ts'

export interface LineOptions {
  readonly points: readonly Point[]
  readonly label?: string | undefined
  readonly labelBox?: Rectangle | undefined
  /** True for what leads back, or follows from something else than success. */
  readonly isDashed?: boolean
  readonly colour: string
  readonly isStrong?: boolean
}

/** A line with rounded corners, its arrow head, and its label on a plate. */
export function LineShape({ points, label, labelBox, isDashed, colour, isStrong }: LineOptions): ReactElement {
  return (
    <g>
      <path
        d={roundedPath(points)}
        fill="none"
        stroke={colour}
        strokeWidth={isStrong ? 2 : 1.4}
        strokeLinecap="round"
        {...(isDashed && { strokeDasharray: '4 4' })}
      />
      <path d={arrowHead(points)} fill={colour} />
      {label !== undefined && labelBox && (
        <>
          <rect {...labelBox} rx={4} fill="var(--bg)" />
          <text
            x={labelBox.x + labelBox.width / 2}
            y={labelBox.y + labelBox.height / 2}
            textAnchor="middle"
            dominantBaseline="central"
            fontSize={11}
            fill="var(--dim)"
          >
            {lineText(label)}
          </text>
        </>
      )}
    </g>
  )
}

/** A dot where a block is entered: it stands for the block itself, inside of it. */
export function EntryDots({ entries }: { entries: Layout['entries'] }): ReactElement {
  return (
    <>
      {entries.map(({ block, x, y, width }) => (
        <circle key={block} cx={x + width / 2} cy={y + width / 2} r={4} fill="var(--edge)" />
      ))}
    </>
  )
}
