import { Command } from 'commander'
import { expect, it } from 'vitest'
import { commandGroups } from '../../src/cli/commands.ts'

it('lists each command beside the module that adds it', async () => {
  for (const { names, load } of commandGroups) {
    const program = new Command()
    ;(await load())(program)
    expect(program.commands.map(command => command.name())).toEqual(names)
  }
})
