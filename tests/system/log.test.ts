import { expect, test } from 'vitest'
import { createLog } from '../../src/system/log.ts'

function lines(level: string | undefined, isTerminal: boolean): string[] {
  const written: string[] = []
  const log = createLog(level, { isTerminal, write: line => written.push(line) })
  log.debug({}, 'details')
  log.info({ runId: 'r1', attempt: 2 }, 'attempt started')
  log.error({ text: '\u001b[2Jboo\u202e' }, 'host answered')
  return written
}

test('a log line is JSON with its level, fields and message', () => {
  const [first = '', ...rest] = lines('info', false)
  expect(JSON.parse(first)).toEqual({
    level: 'info',
    time: expect.any(Number),
    runId: 'r1',
    attempt: 2,
    msg: 'attempt started',
  })
  expect(rest).toHaveLength(1)
})

test('on a terminal it is a plain line, and text from elsewhere cannot steer the terminal', () => {
  const [first, second = ''] = lines('info', true)
  expect(first).toMatch(/^\d\d:\d\d:\d\d info {2}attempt started runId="r1" attempt=2\n$/)
  expect(second).toContain('boo')
  expect(second.trimEnd()).toMatch(/^[\x20-\x7e]*$/)
})

test('the level decides what is written; an unknown one means info', () => {
  expect(lines('debug', false)).toHaveLength(3)
  expect(lines('error', false)).toHaveLength(1)
  expect(lines('silent', false)).toHaveLength(0)
  expect(lines('shout', false)).toHaveLength(2)
  expect(lines(undefined, false)).toHaveLength(2)
})
