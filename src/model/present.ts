/** A value without its undefined fields, as its type says. */
export type Present<T> = { [Key in keyof T]: Exclude<T[Key], undefined> }

/** A copy without the fields that are undefined: an absent field and an undefined one are the same JSON. */
export function present<T extends object>(value: T): Present<T> {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as Present<T>
}
