/** Why an edit was not made; the text is then as it was. */
export type EditRefusal = 'Unreadable' | 'NoSuchPlace' | 'NameTaken' | 'NotLocal'

/** An edit that cannot be made, or not without touching more of the text than it should. */
export class EditRefused extends Error {
  override readonly name = 'EditRefused'
  readonly reason: EditRefusal

  constructor(reason: EditRefusal, message: string) {
    super(message)
    this.reason = reason
  }
}
