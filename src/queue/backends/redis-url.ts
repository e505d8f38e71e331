/** One Redis server, or one of several. */
export type RedisNode = { readonly host: string; readonly port: number }

/** What `REDIS_URL` says. */
export type RedisTarget = {
  /** One server; or several nodes of a cluster, or several sentinels. */
  readonly nodes: readonly RedisNode[]
  /** The sentinels are asked for the primary of this name. */
  readonly sentinel?: {
    readonly primary: string
    readonly username?: string
    readonly password?: string
  }
  readonly username?: string
  readonly password?: string
  readonly database: number
  readonly tls: boolean
}

const REDIS_PORT = 6379
const SENTINEL_PORT = 26_379

/**
 * Reads `REDIS_URL`, as `config.ts` accepts it:
 * - `redis://user:password@host:6379/0`, or `rediss://…` for TLS
 * - nodes of a cluster: several of these, with commas between them
 * - `redis+sentinel://user:password@host:26379,host:26379/primary/0`, or `rediss+sentinel://…`. The credentials are those of Redis;
 *   those of the sentinels are in `?sentinelUsername=…&sentinelPassword=…`
 */
export function parseRedisUrl(text: string): RedisTarget {
  if (/^rediss?\+sentinel:/.test(text)) return parseSentinelUrl(text)
  const urls = text.split(/\s*,\s*(?=rediss?:)/).map(url => new URL(url))
  const [first] = urls
  return {
    nodes: urls.map(({ hostname, port }) => ({ host: withoutBrackets(hostname), port: Number(port || REDIS_PORT) })),
    ...credentialsIn(first!),
    database: Number(first!.pathname.slice(1) || 0),
    tls: first!.protocol === 'rediss:',
  }
}

/** The servers without credentials, for messages. */
export function redisHosts(text: string): string {
  const hosts = parseRedisUrl(text).nodes.map(({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`)
  return hosts.join(', ')
}

function parseSentinelUrl(text: string): RedisTarget {
  // A URL can have one host only: the others are parsed one by one.
  const [, scheme, user = '', hosts = '', rest = ''] = /^(rediss?)\+sentinel:\/\/([^@/]*@)?([^/]*)(.*)$/.exec(text)!
  const nodes = hosts.split(',').map(host => new URL(`redis://${host}`))
  const url = new URL(`redis://${user}host${rest}`)
  const [primary = '', database] = url.pathname.slice(1).split('/')
  const [username, password] = ['sentinelUsername', 'sentinelPassword'].map(name => url.searchParams.get(name))
  return {
    nodes: nodes.map(({ hostname, port }) => ({
      host: withoutBrackets(hostname),
      port: Number(port || SENTINEL_PORT),
    })),
    sentinel: { primary: decodeURIComponent(primary), ...(username && { username }), ...(password && { password }) },
    ...credentialsIn(url),
    database: Number(database ?? 0),
    tls: scheme === 'rediss',
  }
}

function credentialsIn({ username, password }: URL): Pick<RedisTarget, 'username' | 'password'> {
  return {
    ...(username && { username: decodeURIComponent(username) }),
    ...(password && { password: decodeURIComponent(password) }),
  }
}

/** Of an IPv6 address in a URL. */
function withoutBrackets(host: string): string {
  return host.replace(/^\[|\]$/g, '')
}
