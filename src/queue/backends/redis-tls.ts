import { connect as connectPlain } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { OperatorError } from '../../known-causes/cause.js'
import { REDIS_EXPECTS_TLS, TLS_NOT_SPOKEN } from '../../known-causes/server-causes.js'

const PROBE_TIMEOUT_MS = 2000

/**
 * Whether a Redis speaks TLS although its URL does not ask for it, or the other way round. Its errors don't tell: it closes the connection,
 * or waits for more.
 *
 * @param url of one server; others are not probed
 */
export async function tlsMismatch(url: string): Promise<OperatorError | undefined> {
  if (!URL.canParse(url)) return undefined
  const { protocol, hostname, port } = new URL(url)
  const address = { host: hostname.replace(/^\[(.*)\]$/, '$1') || '127.0.0.1', port: Number(port || 6379) }
  if (protocol === 'redis:') return (await speaksTls(address)) ? new OperatorError(REDIS_EXPECTS_TLS) : undefined
  if (protocol === 'rediss:') return (await speaksRedis(address)) ? new OperatorError(TLS_NOT_SPOKEN) : undefined
  return undefined
}

type Address = { readonly host: string; readonly port: number }

async function speaksTls(address: Address): Promise<boolean> {
  // Nothing is sent, so it does not matter who answers.
  const socket = connectTls({ ...address, rejectUnauthorized: false })
  return new Promise(resolve => {
    const end = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('secureConnect', () => end(true))
    socket.once('error', () => end(false))
    socket.setTimeout(PROBE_TIMEOUT_MS, () => end(false))
  })
}

async function speaksRedis(address: Address): Promise<boolean> {
  const socket = connectPlain(address)
  return new Promise(resolve => {
    const end = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', () => socket.write('PING\r\n'))
    // "+PONG", or an error like "-NOAUTH".
    socket.once('data', data => end(/^[+-]/.test(data.toString('latin1'))))
    socket.once('error', () => end(false))
    socket.once('close', () => end(false))
    socket.setTimeout(PROBE_TIMEOUT_MS, () => end(false))
  })
}
