import { randomUUID } from 'node:crypto'
import { Hono } from 'hono'
import type { Config } from '../../config.js'
import { startPages } from '../../http/server.js'
import { listen } from '../../listen.js'
import { readBody } from '../../read-body.js'
import { UserError } from '../../user-error.js'
import type { Check, CheckGroup, Finding } from './check.js'
import { problemFinding } from './check.js'

/** For a request to a page. */
const REQUEST_TIMEOUT_MS = 10_000

/** A path that every Overscan server answers in the same way. */
const PAGE_PATH = '/paint'

const pages: Check = {
  id: 'pages',
  title: 'Pages',
  dependsOn: ['settings'],
  timeout: { seconds: 30, state: 'warning', says: 'the web pages don’t respond' },
  async run({ config, starts }, signal) {
    if (starts === 'playground') {
      await withTestServer(config.PAGES_PORT ?? 0, '127.0.0.1', undefined, async () => {})
      return { state: 'ok', says: 'the playground’s page can be opened' }
    }
    const { PAGES_PORT: port, PAGES_HOST: host, PUBLIC_URL: publicUrl } = config
    if (port === undefined) return { state: 'skipped', says: 'PAGES_PORT isn’t set, so the editor is off' }
    const localUrl = localUrlOf(host, port)
    const token = randomUUID()
    try {
      return await withTestServer(port, host, token, async () => [
        { state: 'ok', says: `port ${port} on ${host} is free` },
        ...(await checkPublicUrl(config, `/doctor/${token}`, token, signal)),
      ])
    } catch (error) {
      if (!(error instanceof UserError) || error.problem.code !== 'port-taken') throw error
      const page = await fetchPage(`${localUrl}${PAGE_PATH}`, signal)
      if (page.text === undefined || !/<title>[^<]*Overscan/.test(page.text)) return problemFinding(error)
      const says = `port ${port} is in use by Overscan’s own pages`
      const todo =
        'If this bot is running, that is expected: stop it to check the rest. Otherwise set another PAGES_PORT.'
      return [
        { state: 'error', says, todo },
        ...(publicUrl ? await checkPublicUrl(config, PAGE_PATH, page.text, signal) : []),
      ]
    }
  },
}

/**
 * Serve the pages while `work` runs.
 *
 * @param token that `/doctor/<token>` answers, to recognize this server
 * @throws UserError `port-taken`, `pages-not-built`
 */
async function withTestServer<T>(
  port: number,
  host: string,
  token: string | undefined,
  work: () => Promise<T>,
  publicUrl?: string,
) {
  const routes = new Hono().get('/doctor/:token', context => {
    return context.req.param('token') === token ? context.text(token) : context.notFound()
  })
  const onError = (error: Error) => {
    throw error
  }
  const server = await startPages(routes, { port, host, publicUrl, home: 'editor', onError })
  return work().finally(() => server.close())
}

/** Whether PUBLIC_URL leads to this server: the page there has to be the expected one. */
async function checkPublicUrl(
  { PUBLIC_URL: publicUrl }: Config,
  path: string,
  expected: string,
  signal: AbortSignal,
): Promise<Finding[]> {
  if (publicUrl === undefined) return []
  const { text, status, reason } = await fetchPage(`${publicUrl}${path}`, signal)
  if (text === expected) return [{ state: 'ok', says: `${publicUrl} leads to these pages` }]
  return [{ state: 'warning', ...publicUrlFault(publicUrl, status, reason) }]
}

function publicUrlFault(publicUrl: string, status: number | undefined, reason: string | undefined) {
  if (reason !== undefined) {
    const says = `${publicUrl} can’t be reached from this machine: ${reason}`
    return {
      says,
      todo: 'Check the host name, the certificate and the proxy. Some networks can’t reach their own public address.',
    }
  }
  if (status === 421) {
    const says = `${publicUrl} reaches this machine, but with another host name (421)`
    return { says, todo: 'Make the proxy forward the host name. In nginx: proxy_set_header Host $host;' }
  }
  const says = `${publicUrl} leads to another server: it answers ${status}, but without Overscan’s page`
  return { says, todo: 'Make the proxy forward all requests to PAGES_HOST and PAGES_PORT, or correct PUBLIC_URL.' }
}

/** The largest page has 20 kB. */
const MAX_PAGE_BYTES = 1024 * 1024

type FetchedPage = { readonly text?: string; readonly status?: number; readonly reason?: string }

async function fetchPage(url: string, signal: AbortSignal): Promise<FetchedPage> {
  try {
    const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]) })
    return { text: (await readBody(response, MAX_PAGE_BYTES)).toString(), status: response.status }
  } catch (error) {
    const { message, code } = ((error as Error).cause ?? error) as NodeJS.ErrnoException
    return { reason: message || String(code) }
  }
}

/** The URL of a server on this machine. One that listens on all addresses is reachable on the loopback. */
function localUrlOf(host: string, port: number): string {
  const name = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`
}

const admin: Check = {
  id: 'operator',
  title: 'Admin server',
  dependsOn: ['settings'],
  timeout: { seconds: 15, state: 'warning', says: 'the port can’t be checked' },
  async run({ config, starts }) {
    const { OPERATOR_PORT: port, OPERATOR_HOST: host, PAGES_PORT } = config
    if (port === undefined || starts === 'playground') return { state: 'skipped', says: 'OPERATOR_PORT isn’t set' }
    if (port === PAGES_PORT) {
      const says = `OPERATOR_PORT and PAGES_PORT are both ${port}`
      return { state: 'error', says, todo: 'Set one of them to another port.' }
    }
    const server = await listen(new Hono(), { port, host }, 'OPERATOR_PORT')
    await server.close()
    return { state: 'ok', says: `port ${port} on ${host} is free` }
  },
}

export const pagesGroup: CheckGroup = { title: 'Web pages and ports', checks: [pages, admin] }
