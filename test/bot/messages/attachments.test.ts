import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { createAttachmentFetcher } from '../../../src/bot/messages/attachments.js'
import { problemIn } from '../../support/problems.js'

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  await Promise.all(stops.splice(0).map(stop => stop()))
})

async function host(answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  stops.push(
    () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  )
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('an attachment is fetched whole', async () => {
  const bytes = Buffer.from('a picture, let us say')
  const origin = await host((_, response) => response.end(bytes))
  const fetched = await createAttachmentFetcher([origin])({ url: `${origin}/attachments/1/2/a.png?ex=1`, size: 21 })
  expect(Buffer.from(fetched)).toEqual(bytes)
})

test.each([
  'https://example.org/a.png',
  'http://127.0.0.1:1/a.png',
  'file:///etc/passwd',
  'https://cdn.discordapp.com.example.org/a.png',
  'http://cdn.discordapp.com/a.png',
  'https://cdn.discordapp.com:444/a.png',
])('nothing is fetched from %s', async url => {
  const fetchAttachment = createAttachmentFetcher(['https://cdn.discordapp.com'])
  expect((await problemIn(fetchAttachment({ url, size: 1 })))?.code).toBe('attachment-host-not-allowed')
})

test('a redirect to another host is not followed', async () => {
  let reached = false
  const elsewhere = await host((_, response) => {
    reached = true
    response.end('inside')
  })
  const origin = await host((_, response) => response.writeHead(302, { location: elsewhere }).end())
  const problem = await problemIn(createAttachmentFetcher([origin])({ url: `${origin}/a.png`, size: 1 }))
  expect(problem?.code).toBe('attachment-unreachable')
  expect(reached).toBe(false)
})

test.each([403, 404])('status %i means that the attachment was deleted', async status => {
  const origin = await host((_, response) => response.writeHead(status).end())
  const problem = await problemIn(createAttachmentFetcher([origin])({ url: `${origin}/a.png`, size: 1 }))
  expect(problem?.code).toBe('attachment-deleted')
})

test('after a server error or a broken connection the person can try again', async () => {
  const failing = await host((_, response) => response.writeHead(503).end())
  const cut = await host((_, response) => {
    response.writeHead(200, { 'content-length': '1000' }).write('half')
    setImmediate(() => response.destroy())
  })
  for (const origin of [failing, cut]) {
    const problem = await problemIn(createAttachmentFetcher([origin])({ url: `${origin}/a.png`, size: 1 }))
    expect(problem?.code).toBe('attachment-unreachable')
  }
})

test('a file whose announced size is too large is not requested', async () => {
  let asked = false
  const origin = await host((_, response) => {
    asked = true
    response.end()
  })
  const problem = await problemIn(
    createAttachmentFetcher([origin])({ url: `${origin}/a.png`, size: 200 * 1024 * 1024 }),
  )
  expect(problem).toEqual({ code: 'file-too-large', megabytes: 200, limit: 64 })
  expect(asked).toBe(false)
})

test('a download stops when it exceeds the limit, whatever size was announced', async () => {
  const megabyte = Buffer.alloc(1024 * 1024)
  let sent = 0
  const origin = await host((_, response) => {
    const pour = () => {
      while (sent < 500) {
        sent++
        if (!response.write(megabyte)) {
          response.once('drain', pour)
          return
        }
      }
      response.end()
    }
    pour()
  })
  const problem = await problemIn(createAttachmentFetcher([origin])({ url: `${origin}/a.png`, size: 1 }))
  expect(problem?.code).toBe('file-too-large')
  expect(sent).toBeLessThan(200)
})

test('a body that never ends is given up, not only headers that never come', async () => {
  const origin = await host((_, response) => {
    response.writeHead(200)
    const timer = setInterval(() => response.write('x'), 20)
    response.on('close', () => clearInterval(timer))
  })
  const begin = performance.now()
  const problem = await problemIn(createAttachmentFetcher([origin], 300)({ url: `${origin}/a.png`, size: 1 }))
  expect(problem?.code).toBe('attachment-unreachable')
  expect(performance.now() - begin).toBeLessThan(20_000)
})
