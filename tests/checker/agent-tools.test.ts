import fc from 'fast-check'
import { expect, test } from 'vitest'
import { splitNames, toolName } from '../../src/model/tool-name.ts'
import { cases } from '../generators/cases.ts'

test.each([
  ['files.read_file', 'files.read_file'],
  ['files/read_file', 'files.read_file'],
  ['mcp__files__read_file', 'files.read_file'],
  ['mcp__files__*', 'files.*'],
  ['mcp__files', 'files.*'],
  ['files/*', 'files.*'],
  ['mcp__my_server__do__it', 'my_server.do__it'],
  ['github/github-mcp-server/list_issues', 'github/github-mcp-server.list_issues'],
  ['Bash(cat /etc/*)', 'Bash(cat /etc/*)'],
  ['mcp__shell__run(git *)', 'shell.run(git *)'],
  ['  Read ', 'Read'],
  ['*', '*'],
  ['mcp__', 'mcp__'],
  ['/', '/'],
  ['files/', 'files/'],
])('the tool %j is called %j here', (written, expected) => {
  expect(toolName(written)).toBe(expected)
})

test('the name that a tool has here is not changed again', () => {
  const part = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/)
  fc.assert(
    fc.property(part, part, (server, tool) => {
      const name = `${server}.${tool}`
      for (const written of [name, `${server}/${tool}`, `mcp__${server}__${tool}`]) expect(toolName(written)).toBe(name)
    }),
    cases(200),
  )
})

test('names in a text come apart at commas and blanks, but not in parentheses', () => {
  expect(splitNames('Read, Bash(git add, git commit) Grep,,\nWeb')).toEqual([
    ...['Read', 'Bash(git add, git commit)', 'Grep', 'Web'],
  ])
  expect(splitNames('Bash(never closed, Read')).toEqual(['Bash(never', 'closed', 'Read'])
  expect(splitNames(' , ')).toEqual([])
})

test('what was joined by commas comes apart as it was', () => {
  const name = fc.stringMatching(/^[A-Za-z_.*/-]+(\([^()]*\))?$/)
  fc.assert(
    fc.property(fc.array(name), names => {
      expect(splitNames(names.join(', '))).toEqual(names)
    }),
    cases(200),
  )
})
