import { spawn } from 'node:child_process'
import { expect, test } from 'vitest'
import { MAIN } from '../support/programs.js'

test('a bot without a token runs the playground until a signal', async () => {
  const child = spawn(process.execPath, [MAIN, 'bot'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const url = await new Promise<string>((resolve, reject) => {
    let said = ''
    child.stdout.on('data', part => {
      said += part
      const [, link] = /playground: (http:\/\/127\.0\.0\.1:\d+)\n/.exec(said) ?? []
      if (link) resolve(link)
    })
    child.once('exit', () => reject(new Error(`it ended, and had said: ${said}`)))
  })
  const page = await fetch(url)
  expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('Overscan playground')])
  const { commands } = (await (await fetch(`${url}/api/chat`)).json()) as { commands: { name: string }[] }
  expect(commands.map(({ name }) => name)).toContain('zoom')
  const ended = new Promise(resolve => child.once('exit', resolve))
  child.kill('SIGTERM')
  expect(await ended).toBe(0)
})
