// Two viewers, one of each protocol, for the bench of the inspector: they read, and say when a run is over for both.

const [url = '', token = ''] = process.argv.slice(2)
const headers = { authorization: `Bearer ${token}` }
let [frames, bytes, over] = [0, 0, 0]

const isEnd = {
  v5: (text: string): boolean =>
    text.startsWith('{"type":"@xstate.snapshot"') && text.includes('"status":"done","value":"ended"'),
  v4: (text: string): boolean => /^\{"type":"service.stop","sessionId":"[^/"]+\/0"\}$/.test(text),
}

const opened = (['v5', 'v4'] as const).map(protocol => {
  const socket = new WebSocket(`${url}/inspect/${protocol}`, { headers })
  socket.addEventListener('message', ({ data }) => {
    const text = String(data)
    frames += 1
    bytes += text.length
    if (!isEnd[protocol](text)) return
    over += 1
    if (over % 2 > 0) return
    process.send?.({ frames, bytes })
    ;[frames, bytes] = [0, 0]
  })
  socket.addEventListener('close', ({ code, reason }) =>
    process.stderr.write(`${protocol} closed: ${code} ${reason}\n`),
  )
  return new Promise(resolve => socket.addEventListener('open', resolve))
})
await Promise.all(opened)
process.send?.('ready')
