import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What a server does instead of its normal answer. Each fault applies to one request, in order. */
export type ServerFault =
  | { readonly status: number }
  /** The connection breaks after this many bytes. */
  | { readonly breakAfter: number }

/** A file server with ranges and entity tags, which records its requests. @param files by path */
export async function startFileServer(files: Map<string, Buffer>, options: { ranges?: boolean; tags?: boolean } = {}) {
  const { ranges = true, tags = true } = options
  const requests: { path: string; range: string | undefined; authorization: string | undefined }[] = []
  const faults: ServerFault[] = []
  const stalls = new Map<string, number>()
  let version = 1
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    const path = decodeURIComponent(new URL(request.url!, 'http://x').pathname)
    const { range, authorization } = request.headers
    requests.push({ path, range, authorization })
    const fault = faults.shift()
    if (fault && 'status' in fault) return response.writeHead(fault.status).end('no')
    const file = files.get(path)
    if (!file) return response.writeHead(404).end('none')
    const tag = `"${version}-${path}"`
    const [, from] = /^bytes=(\d+)-$/.exec(range ?? '') ?? []
    const isSame = request.headers['if-range'] === tag
    const start = ranges && from !== undefined && isSame ? Number(from) : 0
    if (start > 0 && start >= file.length) {
      return response.writeHead(416, { 'content-range': `bytes */${file.length}` }).end()
    }
    const rest = file.subarray(start)
    response.writeHead(start > 0 ? 206 : 200, {
      'content-length': rest.length,
      ...(start > 0 && { 'content-range': `bytes ${start}-${file.length - 1}/${file.length}` }),
      ...(tags && { etag: tag }),
      ...(file.toString('latin1', 0, 9) === '<!doctype' && { 'content-type': 'text/html; charset=utf-8' }),
    })
    const stall = stalls.get(path)
    if (stall !== undefined && stalls.delete(path)) return response.write(rest.subarray(0, stall))
    if (!fault) return response.end(rest)
    return response.write(rest.subarray(0, fault.breakAfter), () => setTimeout(() => response.destroy(), 50))
  }
  const server = createServer((request, response) => void answer(request, response))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    faults,
    /** The next response for this path stops after this many bytes. */
    stall(path: string, bytes: number) {
      stalls.set(path, bytes)
    },
    /** Give all files new entity tags. */
    change() {
      version++
    },
    close: () => new Promise(resolve => server.close(resolve).closeAllConnections()),
  }
}
