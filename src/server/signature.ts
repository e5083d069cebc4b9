import { createHmac } from 'node:crypto'

/** What is signed beside the bytes of a message: where it goes, when it was sent in seconds, and which one it is. */
export interface SignedPlace {
  readonly path: string
  readonly time: string
  readonly delivery: string
}

/** The signature of a message, HMAC-SHA256. A message to one path is none to another, though the key be the same. */
export function signatureOf(key: string, { path, time, delivery }: SignedPlace, bytes: Buffer | string): Buffer {
  return createHmac('sha256', key).update(`v1:${path}:${time}:${delivery}:`).update(bytes).digest()
}
