import { type Command, InvalidArgumentError, Option } from 'commander'
import { type Fault, faultNames, parseFault } from '../mock-host/faults.ts'
import { type ProfileName, profiles } from '../mock-host/profiles.ts'
import { startMockHost } from '../mock-host/serve.ts'
import { nearest } from '../model/nearest.ts'
import { exitCodes } from './exit-codes.ts'

interface MockHostCommandOptions {
  readonly port: number
  readonly profile: ProfileName
  readonly seed: number
  readonly fault: readonly Fault[]
  readonly model: readonly string[]
  readonly name: string
  readonly log?: string
  readonly key?: string
}

/** Adds `orchestrate mock-host` to the program. */
export function addMockHost(program: Command): void {
  program
    .command('mock-host')
    .description('serve a simulated OpenAI-compatible model server until Ctrl-C')
    .option('--port <number>', 'the port to listen on, 0 for any that is free', portNumber, 0)
    .addOption(new Option('--profile <name>', 'how fast it is').choices(Object.keys(profiles)).default('fast'))
    .option('--seed <number>', 'another seed gives other answers', wholeNumber, 0)
    .option('--fault <name>', `what goes wrong, as 503 or 503:2 for two requests; may be repeated`, addFault, [])
    .option('--model <name>', 'a model that it serves (default: any); may be repeated', collect, [])
    .option('--name <name>', 'what it is called in the configuration that is printed', 'simulated')
    .option('--log <file>', 'a file that gets one line of JSON for each request')
    .option('--key <key>', 'refuse requests without this key')
    .addHelpText('after', `\nFaults: ${faultNames.join(', ')}`)
    .action(async (options: MockHostCommandOptions) => {
      process.exitCode = await serveMockHost(options)
    })
}

async function serveMockHost({ fault, model, name, ...options }: MockHostCommandOptions): Promise<number> {
  const stopped = stopSignal()
  await using host = await startMockHost({ ...options, faults: fault, ...(model.length > 0 && { models: model }) })
  // A program that starts one reads the address here.
  process.stdout.write(`${host.url}\n`)
  const models = `models:\n  default: { on: [${name}], name: ${model[0] ?? 'simulated'} }`
  process.stderr.write(
    `in orchestrate.yaml:\n\nhosts:\n  ${name}: { url: ${host.url} }\n${models}\n\nCtrl-C stops it\n`,
  )
  return (await stopped) === 'SIGINT' ? exitCodes.interrupted : exitCodes.fine
}

function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise(resolve => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, resolve)
  })
}

function addFault(text: string, faults: readonly Fault[]): Fault[] {
  const fault = parseFault(text)
  if (fault) return [...faults, fault]
  const near = nearest(text, faultNames)
  throw new InvalidArgumentError(near ? `Did you mean ${near}?` : `There are ${faultNames.join(', ')}.`)
}

function collect(value: string, values: readonly string[]): string[] {
  return [...values, value]
}

/** Reads a port for commander: 0 to 65535. */
export function portNumber(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (port <= 65_535) return port
  throw new InvalidArgumentError('Write a port between 0 and 65535.')
}

function wholeNumber(text: string): number {
  if (/^-?\d{1,15}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('Write a whole number.')
}
