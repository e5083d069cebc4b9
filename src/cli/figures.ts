const thousands = new Intl.NumberFormat('en-US')

/** A length of time for people: `0.9 s`, `33.2 s`, `2 m 05 s`, `3 h 20 m`. */
export function formatTime(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds) / 1000
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 3600) return `${Math.floor(whole / 60)} m ${twoDigits(whole % 60)} s`
  return `${Math.floor(whole / 3600)} h ${twoDigits(Math.floor((whole % 3600) / 60))} m`
}

/** A whole number with its thousands apart: `9,840`. */
export function formatCount(count: number): string {
  return thousands.format(count)
}

/** An amount in USD with as many digits as it takes to be more than nothing: `$0.021`, `$12.40`. */
export function formatCost(costUsd: number): string {
  return `$${costUsd >= 1 ? costUsd.toFixed(2) : costUsd >= 0.001 ? costUsd.toFixed(3) : costUsd.toPrecision(1)}`
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0')
}
