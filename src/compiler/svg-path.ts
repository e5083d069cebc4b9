import type { Point } from './layout.ts'

const radius = 6
const headLength = 7
const headWidth = 4

/** The path data of a line with rounded corners. */
export function roundedPath(points: readonly Point[]): string {
  const [first, ...rest] = points
  if (!first) return ''
  const parts = rest.map((corner, index) => {
    const next = rest[index + 1]
    if (!next) return `L${at(corner)}`
    const before = rest[index - 1] ?? first
    const cut = Math.min(radius, distance(before, corner) / 2, distance(corner, next) / 2)
    return `L${at(towards(corner, before, cut))}Q${at(corner)} ${at(towards(corner, next, cut))}`
  })
  return `M${at(first)}${parts.join('')}`
}

/** The path data of the arrow head at the end of a line. */
export function arrowHead(points: readonly Point[]): string {
  const tip = points.at(-1)
  const before = points.at(-2)
  if (!tip || !before) return ''
  const base = towards(tip, before, headLength)
  const length = distance(before, tip) || 1
  const across = { x: ((tip.y - before.y) / length) * headWidth, y: ((before.x - tip.x) / length) * headWidth }
  const left = { x: base.x + across.x, y: base.y + across.y }
  const right = { x: base.x - across.x, y: base.y - across.y }
  return `M${at(tip)}L${at(left)}L${at(right)}z`
}

function towards(from: Point, to: Point, by: number): Point {
  const length = distance(from, to) || 1
  return { x: from.x + ((to.x - from.x) / length) * by, y: from.y + ((to.y - from.y) / length) * by }
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y)
}

function at({ x, y }: Point): string {
  return `${Math.round(x * 10) / 10} ${Math.round(y * 10) / 10}`
}
