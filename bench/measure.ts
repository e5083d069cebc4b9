// What the benches of the language have in common: medians and lines.

/** The median time of calls, in milliseconds, after calls that are not counted. */
export function medianMs(act: () => void, runs = 7, warmUp = 2): number {
  for (let run = 0; run < warmUp; run += 1) act()
  const times = Array.from({ length: runs }, () => {
    const before = performance.now()
    act()
    return performance.now() - before
  })
  return median(times)
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

/** Prints one line: what was measured, its figure, and what is to be said of it. */
export function line(label: string, figure: string, note = ''): void {
  console.log(`${label.padEnd(58)} ${figure.padStart(12)}   ${note}`.trimEnd())
}

export const ms = (value: number): string => `${value.toFixed(1)} ms`
export const perStep = (value: number, steps: number): string => `${((value * 1000) / steps).toFixed(1)} µs a step`
export const times = (value: number, peer: number): string => `${(value / peer).toFixed(2)} ×`
