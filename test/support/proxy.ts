import { connect, createServer, type Socket } from 'node:net'
import { freePort } from './servers.js'

/** A network connection that can be cut: nothing gets through, but the sockets stay open. */
export type TcpProxy = {
  readonly port: number
  cut(): void
  /** What was sent meanwhile arrives now. */
  restore(): void
  close(): Promise<void>
}

/** @param targetPort a port of the loopback */
export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const port = await freePort()
  const sockets = new Set<Socket>()
  let isCut = false
  const server = createServer(client => {
    const target = connect(targetPort, '127.0.0.1')
    for (const [one, other] of [
      [client, target],
      [target, client],
    ] as const) {
      sockets.add(one)
      one.on('data', chunk => other.write(chunk))
      one.on('close', () => {
        sockets.delete(one)
        other.destroy()
      })
      one.on('error', () => other.destroy())
      if (isCut) one.pause()
    }
  })
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
  return {
    port,
    cut() {
      isCut = true
      for (const socket of sockets) socket.pause()
    },
    restore() {
      isCut = false
      for (const socket of sockets) socket.resume()
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
