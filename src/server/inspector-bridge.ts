import { createHash } from 'node:crypto'

/** The page that hands frames to the hosted Stately inspector, in another window, once a person has agreed to it. */

const style = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
main { max-width: 38rem; margin: 4rem auto; padding: 0 1rem }
button { font: inherit; padding: .5rem 1rem; cursor: pointer }
`

// A message goes to the window that we opened, and only at an address of Stately. What it says first tells us which.
const script = `
'use strict'
const hosted = 'https://stately.ai/inspect'
const isStately = origin => /^https:\\/\\/([a-z0-9-]+\\.)*stately\\.ai$/.test(origin)
const say = text => { document.getElementById('state').textContent = text }
const open = document.getElementById('open')
const stop = document.getElementById('stop')
let inspector, socket, origin
const end = text => {
  say(text)
  if (inspector && origin) inspector.postMessage({ type: '@statelyai.disconnected' }, origin)
  if (socket) socket.close()
  inspector = socket = origin = undefined
  open.disabled = false
  stop.hidden = true
}
const connect = () => {
  const address = new URL('/inspect/v5' + location.search, location.href)
  address.protocol = address.protocol.replace('http', 'ws')
  const opened = socket = new WebSocket(address)
  let count = 0
  opened.onmessage = ({ data }) => {
    if (opened !== socket) return
    if (inspector.closed) return end('The inspector was closed. Nothing is sent any more.')
    inspector.postMessage(JSON.parse(data), origin)
    count += 1
    say('Connected: ' + count + ' frames were handed over.')
  }
  opened.onclose = ({ reason }) => { if (opened === socket) end('The connection to Orchestrate has ended' + (reason ? ': ' + reason : '.')) }
}
addEventListener('message', event => {
  if (!inspector || event.source !== inspector || !isStately(event.origin)) return
  if (!event.data || event.data.type !== '@statelyai.connected') return
  origin = event.origin
  // It may have been loaded anew, and then knows nothing: it is told everything again.
  if (socket) { const old = socket; socket = undefined; old.close() }
  say('Connected.')
  connect()
})
open.addEventListener('click', () => {
  inspector = window.open(hosted, 'xstateinspector')
  if (!inspector) return say('The browser has kept the window from opening. Allow it, and try again.')
  open.disabled = true
  stop.hidden = false
  say('Waiting for the inspector.')
})
stop.addEventListener('click', () => end('Nothing is sent any more.'))
`

const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

/** Self-contained; the run is in its own address: `?run=`, without it all that are live. */
export const bridgePage = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Stately inspector</title>
<style>${style}</style></head>
<body><main>
<h1>Open in the Stately inspector?</h1>
<p>The inspector is a page of another company, at <strong>stately.ai</strong>. If you open it, this page hands over
the statecharts of your runs, their states and their events: names of steps, conditions and descriptions from your
workflows. Inputs, outputs, prompts and secrets stay here.</p>
<p>Until you press the button nothing leaves this machine, and nothing is loaded from elsewhere.</p>
<p><button id="open">Send to stately.ai and open it</button> <button id="stop" hidden>Stop</button></p>
<p id="state" role="status">Nothing has been sent.</p>
</main><script>${script}</script></body>
</html>
`

/** Nothing but this page's own script runs, and it speaks to our server alone; only the window it opens is elsewhere. */
export const bridgeHeaders: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': [
    "default-src 'none'",
    `script-src ${hash(script)}`,
    `style-src ${hash(style)}`,
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  // Otherwise the window that is opened could not answer.
  'cross-origin-opener-policy': 'same-origin-allow-popups',
  'referrer-policy': 'no-referrer',
}
