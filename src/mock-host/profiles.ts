/** How fast a simulated host is, and how many requests it answers at once. */
export interface Profile {
  readonly firstTokenMs: number
  readonly perTokenMs: number
  readonly slots: number
}

/** Speeds of an 8-billion-parameter model on the named cards, rounded; `instant` does not wait at all. */
export const profiles = {
  instant: { firstTokenMs: 0, perTokenMs: 0, slots: 64 },
  /** Like an A100. */
  fast: { firstTokenMs: 60, perTokenMs: 9, slots: 16 },
  /** Like an RTX 4090. */
  medium: { firstTokenMs: 120, perTokenMs: 14, slots: 8 },
  /** Like an RTX 3090. */
  slow: { firstTokenMs: 250, perTokenMs: 20, slots: 4 },
} as const satisfies Record<string, Profile>

export type ProfileName = keyof typeof profiles
