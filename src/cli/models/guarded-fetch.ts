import { lookup } from 'node:dns/promises'
import { BlockList, isIP } from 'node:net'
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

/**
 * `fetch` for addresses that come from outside. It follows redirects itself: to the web only, never from the internet into this
 * machine's network, and without tokens to another site.
 *
 * @throws UserError `redirect-refused`; what `fetch` throws
 */
export async function guardedFetch(url: string | URL, options: RequestInit = {}): Promise<Response> {
  const first = new URL(url)
  const headers = new Headers(options.headers)
  for (let next = first, hops = 0; ; hops++) {
    const response = await fetch(next, { ...options, headers, redirect: 'manual' })
    const location = response.headers.get('location')
    if (!REDIRECTS.has(response.status) || location === null) return response
    await response.body?.cancel()
    const target = URL.canParse(location, next.href) ? new URL(location, next) : undefined
    if (!target || hops === MAX_REDIRECTS) throw refused(first, target)
    await assertMayRedirect(first, target)
    if (target.origin !== first.origin) for (const name of OWN_HEADERS) headers.delete(name)
    next = target
  }
}

/** @throws UserError `redirect-refused` */
export async function assertMayRedirect(first: URL, target: URL): Promise<void> {
  const isWeb = target.protocol === 'https:' || (target.protocol === 'http:' && first.protocol === 'http:')
  if (!isWeb) throw refused(first, target)
  if (target.host === first.host || !(await isPrivate(target.hostname))) return
  // A mirror in the own network may redirect within it.
  if (!(await isPrivate(first.hostname))) throw refused(first, target)
}

function refused(from: URL, to: URL | undefined): UserError {
  return new UserError({ code: 'redirect-refused', from: from.host, to: to ? `${to.protocol}//${to.host}` : '?' })
}

/** Whether any address of a host belongs to this machine or its network. */
async function isPrivate(hostname: string): Promise<boolean> {
  const host = hostname.replace(/^\[|\]$/g, '')
  const addresses = isIP(host) ? [host] : (await lookup(host, { all: true })).map(({ address }) => address)
  return addresses.some(isPrivateAddress)
}

/** @param address IPv4 or IPv6; one that is mapped into IPv6 counts as what it is */
export function isPrivateAddress(address: string): boolean {
  const [, mapped] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address) ?? []
  if (mapped !== undefined) return isPrivateAddress(mapped)
  return PRIVATE.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
}
