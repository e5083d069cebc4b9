import { spawn } from 'node:child_process'

/**
 * Runs a program in the foreground and ends this process as that one ended.
 *
 * @param {string} node the Node to run it on
 * @param {string[]} words the script and its arguments
 * @param {NodeJS.ProcessEnv} [environment]
 * @param {boolean} [isTied] whether the program is told, by a closed channel, that this process has gone
 */
export function launch(node, words, environment = process.env, isTied = false) {
  // The channel closes when this process is gone, even by `kill -9`: that is how the other one knows.
  const stdio = isTied ? ['inherit', 'inherit', 'inherit', 'ipc'] : 'inherit'
  const child = spawn(node, words, {
    stdio: /** @type {import('node:child_process').StdioOptions} */ (stdio),
    env: environment,
  })
  // A terminal sends Ctrl-C to both of us, and a second one means "quit at once": then it is not passed on.
  const hasTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY
  const passOn = (/** @type {NodeJS.Signals} */ signal) => child.kill(signal)
  const leave = () => {}
  process.on('SIGTERM', passOn)
  for (const signal of ['SIGINT', 'SIGHUP']) process.on(signal, hasTerminal ? leave : passOn)

  child.once('error', error => {
    console.error(`orchestrate: ${node} could not be started (${error.message}).`)
    process.exitCode = 1
  })
  child.once('exit', (code, signal) => {
    for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.removeAllListeners(name)
    // Dying of the same signal tells a shell more than a number does.
    if (signal) process.kill(process.pid, signal)
    else process.exitCode = code ?? 1
  })
}
