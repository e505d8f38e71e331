import { lookup } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { Agent, fetch } from 'undici'
import { UserError } from '../../user-error.js'

const MAX_REDIRECTS = 8

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/** Addresses of this machine and of its network (RFC 6890): loopback, private, link-local, shared, unspecified. */
const PRIVATE = new BlockList()
for (const [address, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const) {
  PRIVATE.addSubnet(address, prefix, 'ipv4')
}
for (const [address, prefix] of [
  ['::', 127],
  ['64:ff9b::', 96],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const) {
  PRIVATE.addSubnet(address, prefix, 'ipv6')
}

/** Headers that belong to the site that a request was made to. */
const OWN_HEADERS = ['authorization', 'cookie']

/** How names become addresses, and which of these belong to this machine or its network. Tests have their own. */
export type Network = { readonly lookup: typeof lookup; readonly isPrivate: (address: string) => boolean }

/** Thrown instead of a connection. */
class PrivateAddressError extends Error {
  override readonly name = 'PrivateAddressError'
}

/**
 * `fetch` for addresses that come from outside. It follows redirects itself: to the web only, never from the internet into this
 * machine's network, and without tokens to another site. Addresses are checked where connections are made: a name may have
 * another one each time.
 *
 * @throws UserError `redirect-refused`; what `fetch` throws
 */
export async function guardedFetch(
  url: string | URL,
  options: RequestInit = {},
  network: Network = { lookup, isPrivate: isPrivateAddress },
): Promise<Response> {
  const first = new URL(url)
  const headers = new Headers(options.headers)
  const guard = createGuard(network)
  let next = first
  try {
    for (let hops = 0; ; hops++) {
      guard.checkLiteral(next.hostname)
      const init = { ...options, headers, redirect: 'manual', dispatcher: guard.agent } as const
      const response = await fetch(next, init)
      const location = response.headers.get('location')
      if (!REDIRECTS.has(response.status) || location === null) return response
      await response.body?.cancel()
      const target = URL.canParse(location, next.href) ? new URL(location, next) : undefined
      if (!target || hops === MAX_REDIRECTS || !isWeb(target, first)) throw refused(first, target)
      if (target.origin !== first.origin) for (const name of OWN_HEADERS) headers.delete(name)
      guard.beginRedirect()
      next = target
    }
  } catch (error) {
    if (error instanceof PrivateAddressError || (error as Error).cause instanceof PrivateAddressError) {
      throw refused(first, next)
    }
    throw error
  } finally {
    // Ends the connections, once the body is read.
    void guard.agent.close()
  }
}

function isWeb({ protocol }: URL, first: URL): boolean {
  return protocol === 'https:' || (protocol === 'http:' && first.protocol === 'http:')
}

/**
 * Connections of one request and its redirects. The first one may go anywhere: its address is the operator's. Where that is on the
 * internet, no redirect leads into this machine's network. A mirror in the own network may redirect within it.
 */
function createGuard({ lookup, isPrivate }: Network) {
  let isRedirected = false
  let startedPrivate = false

  /** @throws PrivateAddressError */
  function check(addresses: readonly string[]): void {
    if (!addresses.some(isPrivate)) return
    if (!isRedirected) startedPrivate = true
    else if (!startedPrivate) throw new PrivateAddressError()
  }

  const checkedLookup: LookupFunction = (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, [])
      try {
        check(addresses.map(({ address }) => address))
      } catch (refusal) {
        return callback(refusal as Error, [])
      }
      if (options.all) callback(null, addresses)
      else callback(null, addresses[0]!.address, addresses[0]!.family)
    })
  }

  return {
    agent: new Agent({ connect: { lookup: checkedLookup } }),
    beginRedirect(): void {
      isRedirected = true
    },
    /** No name is looked up for an address. @throws PrivateAddressError */
    checkLiteral(hostname: string): void {
      const host = hostname.replace(/^\[|\]$/g, '')
      if (isIP(host)) check([host])
    },
  }
}

function refused(from: URL, to: URL | undefined): UserError {
  return new UserError({ code: 'redirect-refused', from: from.host, to: to ? `${to.protocol}//${to.host}` : '?' })
}

/** @param address IPv4 or IPv6; one that is mapped into IPv6 counts as what it is */
export function isPrivateAddress(address: string): boolean {
  const [, mapped] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address) ?? []
  if (mapped !== undefined) return isPrivateAddress(mapped)
  return PRIVATE.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
}
