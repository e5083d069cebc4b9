/** Something that is not as it should be: what, where, what a person can do, and what can be done for them. */
export interface Finding {
  /** In one word, for programs: `FileMode`, `DatabaseDamaged`. */
  readonly kind: string
  readonly message: string
  readonly place: string
  readonly hint: string
  /** Puts it right without harm, and says what it did. Absent where only a person can. */
  readonly repair?: () => string
}

/** One thing that was looked at: what there is, and what is wrong with it. */
export interface Check {
  readonly name: string
  readonly fact: string
  readonly findings: readonly Finding[]
}
