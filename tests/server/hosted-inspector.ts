import { createBrowserReceiver, type StatelyInspectionEvent } from '@statelyai/inspect'

/** What the page of the hosted inspector does, by the official receiver: it keeps what it is sent. */
const seen: StatelyInspectionEvent[] = []
createBrowserReceiver().subscribe(event => void seen.push(event))
Object.assign(globalThis, { seen })
