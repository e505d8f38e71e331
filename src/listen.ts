import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import type { Hono } from 'hono'
import { UserError } from './user-error.js'

/** Where a server listens. Port 0 takes a free port. */
export type ListenAddress = { readonly port: number; readonly host: string }

export type RunningServer = { readonly url: string; close(): Promise<void> }

/**
 * Serve an app over HTTP.
 *
 * @param setting the name of the setting that the port comes from, for the problem
 * @throws UserError `port-taken`
 */
export async function listen(app: Hono, { port, host }: ListenAddress, setting: string): Promise<RunningServer> {
  const server = serve({ fetch: app.fetch, port, hostname: host })
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve)
    server.once('error', cause => {
      const isTaken = (cause as NodeJS.ErrnoException).code === 'EADDRINUSE'
      reject(isTaken ? new UserError({ code: 'port-taken', port, setting }, { cause }) : cause)
    })
  })
  const { port: actualPort } = server.address() as AddressInfo
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actualPort}`,
    async close() {
      const closed = new Promise(resolve => server.close(resolve))
      // Event streams never end by themselves.
      if ('closeAllConnections' in server) server.closeAllConnections()
      await closed
    },
  }
}
