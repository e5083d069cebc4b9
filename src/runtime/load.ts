/** What a keeper has to do at a time. */
export interface Load {
  /** Attempts that work. */
  readonly attemptsWorking: number
  /** Attempts that wait until one of those has ended. */
  readonly attemptsQueued: number
  /** Runs that wait until another has ended. */
  readonly runsQueued: number
  /** Runs that only wait, for a person, an event or a time, and are not in memory. */
  readonly runsAsleep: number
  /** True once nothing more begins. */
  readonly isDraining: boolean
}
