import { authorization, type DaemonProcess } from './daemon-process.ts'
import type { ScratchWorkspace } from './scratch-workspace.ts'

export interface Answer {
  readonly status: number
  readonly body: unknown
}

/** Asks the daemon of a workspace: with a body it posts, with its owner's token or another one. */
export function caller({ root }: ScratchWorkspace, { url }: DaemonProcess, token?: string) {
  return async (path: string, body?: object, method = body ? 'POST' : 'GET'): Promise<Answer> => {
    const response = await fetch(url + path, {
      method,
      headers: {
        ...(token === undefined ? authorization(root) : { authorization: `Bearer ${token}` }),
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    })
    return { status: response.status, body: await response.json() }
  }
}
