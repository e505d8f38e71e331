import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { drawingRoutes } from '../../src/http/drawing-routes.js'
import { startPages } from '../../src/http/server.js'
import { createSignedLinks } from '../../src/http/signed-links.js'
import type { RunningServer } from '../../src/listen.js'

const links = createSignedLinks('token')
const errors: Error[] = []
let pages: RunningServer
let token: string

beforeAll(async () => {
  const unused = () => expect.unreachable('the request is invalid')
  const service = {
    open: unused,
    picture: unused,
    submit: unused,
    jobState: () => undefined,
    describeProblem: () => '',
  }
  const routes = drawingRoutes(links, () => service as never)
  const onError = (error: Error) => void errors.push(error)
  pages = await startPages(routes, { port: 0, host: '127.0.0.1', home: 'editor', onError })
  token = await links.signTarget({ person: '1', channel: '1', message: '1', index: 0 })
})
afterAll(async () => {
  await pages.close()
  expect(errors).toEqual([])
})

/** The status line of the answer to these bytes. */
function send(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const { port, hostname } = new URL(pages.url)
    const socket = connect(Number(port), hostname, () => socket.write(text))
    socket.once('data', part => {
      resolve(part.toString('latin1').split('\r\n', 1)[0]!)
      socket.destroy()
    })
    socket.once('error', reject)
  })
}

const HOST = 'Host: 127.0.0.1\r\n'

test.each([
  ['no host', 'GET / HTTP/1.0\r\n\r\n'],
  ['an empty host', 'GET / HTTP/1.1\r\nHost: \r\n\r\n'],
  ['a host that is none', 'GET / HTTP/1.1\r\nHost: [\r\n\r\n'],
  ['a host with a path', 'GET / HTTP/1.1\r\nHost: a b/%%\r\n\r\n'],
])('%s is refused', async (_, request) => {
  expect(await send(request)).toMatch(/^HTTP\/1\.1 4(?:00|21) /)
})

test('the token is looked at before a body comes', async () => {
  const head = `POST /api/drawing HTTP/1.1\r\n${HOST}Content-Type: multipart/form-data; boundary=x\r\n`
  // The body never comes.
  expect(await send(`${head}Content-Length: 10000000\r\n\r\n`)).toMatch(/ 403 /)
  expect(await send(`${head}Transfer-Encoding: chunked\r\n\r\n`)).toMatch(/ 403 /)
})

test.each([
  ['text/plain', 'no form', 400],
  ['application/json', '{}', 400],
  ['multipart/form-data', '--x', 400],
  ['multipart/form-data; boundary=y', '--x\r\n\r\n--x--', 400],
  ['', '', 400],
  ['multipart/form-data; boundary=x', 'x'.repeat(17 * 1024 * 1024), 413],
])('a body that is no form, or too large, gets a sentence: %s', async (type, body, status) => {
  const headers = { authorization: `Bearer ${token}`, ...(type && { 'content-type': type }) }
  const response = await fetch(`${pages.url}/api/drawing`, { method: 'POST', headers, body })
  expect(response.status).toBe(status)
  expect(await response.json()).toEqual({ error: expect.stringMatching(/\.$/) })
})
