import type { CauseRow, ErrorFacts, KnownCause } from './cause.js'

const says = (pattern: RegExp) => (error: ErrorFacts) => pattern.test(error.message)
const hasCode =
  (...codes: string[]) =>
  (error: ErrorFacts) =>
    codes.includes(error.code)
const cause = (sentence: string, todo: string) => (): KnownCause => ({ says: sentence, todo })

export const REDIS_EXPECTS_TLS: KnownCause = {
  says: 'Redis expects TLS, but its URL doesn’t ask for it',
  todo: 'Write rediss:// (with two s) in REDIS_URL.',
}

export const TLS_NOT_SPOKEN: KnownCause = {
  says: 'The server doesn’t use TLS, but its URL asks for it',
  todo: 'Write redis:// in REDIS_URL (with one s), or leave sslmode out of DATABASE_URL. Or turn TLS on at the server.',
}

/** Rows about Redis, whose errors begin with a word in capitals. Inside of a script that word comes later. */
const REDIS_CAUSES: readonly CauseRow[] = [
  {
    id: 'redis-replica',
    matches: says(/(?:^|[\s-])READONLY You can't write/),
    explain: cause('Redis is a read-only replica', 'Set REDIS_URL to the primary.'),
  },
  {
    id: 'redis-permission',
    matches: says(/(?:^|[\s-])NOPERM\b/),
    explain: ({ message }) => ({
      says: `The Redis user isn’t allowed to do what Overscan needs (${message})`,
      todo: 'Give the user in REDIS_URL its keys, channels and commands: ACL SETUSER NAME ~overscan:* &overscan:* +@all -@admin -@dangerous. In a cluster its keys begin with {overscan}.',
    }),
  },
  {
    id: 'redis-cluster',
    matches: says(/(?:^|[\s-])(?:CROSSSLOT|MOVED \d+|CLUSTERDOWN)\b/),
    explain: ({ message }) => ({
      says: `The Redis Cluster doesn’t work, or the user isn’t allowed to ask about it (${message})`,
      todo: 'Check it with redis-cli --cluster check HOST:PORT. Allow the user in REDIS_URL the command CLUSTER.',
    }),
  },
  {
    id: 'redis-database',
    matches: says(/^ERR (?:DB index is out of range|invalid DB index|SELECT is not allowed)/),
    explain: cause(
      'Redis has no database of that number',
      'Correct the number at the end of REDIS_URL. The first database is 0: redis://host:6379/0.',
    ),
  },
  {
    id: 'redis-password',
    matches: says(/^(?:WRONGPASS|NOAUTH)\b|^ERR (?:Client sent AUTH|invalid password|AUTH .*without any password)/),
    explain: ({ message }) => ({
      says: `Redis rejects the user or the password (${message.split(' ', 1)[0]})`,
      todo: 'Correct the user and the password in REDIS_URL. Write special characters of the password percent-encoded.',
    }),
  },
  {
    id: 'redis-memory',
    matches: says(/(?:^|[\s-])OOM command not allowed/),
    explain: cause('The memory of Redis is full', 'Raise maxmemory in redis.conf, or set PICTURE_FOLDER.'),
  },
  {
    id: 'redis-disk',
    matches: says(/(?:^|[\s-])MISCONF\b/),
    explain: cause('Redis can’t write to its disk', 'Free up disk space on the Redis server, and look into its log.'),
  },
  {
    id: 'redis-replicas-missing',
    matches: says(/^(?:NOREPLICAS|MASTERDOWN)\b/),
    explain: cause('Redis has lost its primary or its replicas', 'Check the Redis servers and their connections.'),
  },
  {
    id: 'redis-clients',
    matches: says(/^ERR max number of clients reached/),
    explain: cause('Redis takes no more connections', 'Raise maxclients in redis.conf.'),
  },
  {
    id: 'redis-speaks-tls',
    matches: says(/^Protocol error, got "\\x15"/),
    explain: () => REDIS_EXPECTS_TLS,
  },
]

/** Rows about TLS, for Redis, PostgreSQL and Discord. */
const TLS_CAUSES: readonly CauseRow[] = [
  {
    id: 'tls-not-spoken',
    matches: error =>
      error.code === 'ERR_SSL_WRONG_VERSION_NUMBER' ||
      /wrong version number|packet length too long/.test(error.message),
    explain: () => TLS_NOT_SPOKEN,
  },
  {
    id: 'tls-unknown-authority',
    matches: hasCode(
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'SELF_SIGNED_CERT_IN_CHAIN',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'UNABLE_TO_GET_ISSUER_CERT',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    ),
    explain: ({ code }) => ({
      says: `The server’s certificate is self-signed, or signed by an authority that this machine doesn’t know (${code})`,
      todo: 'Set REDIS_CA (for Redis) or NODE_EXTRA_CA_CERTS (in the environment, not in .env) to the file with the authority’s certificate (PEM).',
    }),
  },
  {
    id: 'tls-expired',
    matches: hasCode('CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID'),
    explain: ({ code }) => ({
      says: `The server’s certificate isn’t valid today (${code})`,
      todo: 'Renew the certificate, or set this machine’s clock: timedatectl set-ntp true.',
    }),
  },
  {
    id: 'tls-other-name',
    matches: hasCode('ERR_TLS_CERT_ALTNAME_INVALID'),
    explain: ({ message }) => ({
      says: `The server’s certificate is for another name (${message})`,
      todo: 'Write the name that is in the certificate into REDIS_URL or DATABASE_URL.',
    }),
  },
]

/** Rows about PostgreSQL, by SQLSTATE. */
const POSTGRES_CAUSES: readonly CauseRow[] = [
  {
    id: 'postgres-password',
    matches: hasCode('28P01', '28000'),
    explain: ({ message }) => ({
      says: `PostgreSQL rejects the user or the password (${message})`,
      todo: 'Correct the user and the password in DATABASE_URL. Write special characters of the password percent-encoded.',
    }),
  },
  {
    id: 'postgres-database',
    matches: hasCode('3D000'),
    explain: ({ message }) => ({
      says: `PostgreSQL has no such database (${message})`,
      todo: 'Create it (createdb NAME), or correct DATABASE_URL.',
    }),
  },
  {
    id: 'postgres-permission',
    matches: hasCode('42501'),
    explain: ({ message }) => ({
      says: `The PostgreSQL user isn’t allowed to do what Overscan needs (${message})`,
      todo: 'Run this as the owner of the database: grant create on database NAME to USER;',
    }),
  },
  {
    id: 'postgres-replica',
    matches: hasCode('25006'),
    explain: cause('PostgreSQL is a read-only standby', 'Set DATABASE_URL to the primary.'),
  },
  {
    id: 'postgres-connections',
    matches: hasCode('53300'),
    explain: cause('PostgreSQL takes no more connections', 'Raise max_connections in postgresql.conf.'),
  },
  {
    id: 'postgres-without-tls',
    matches: says(/server does not support SSL connections/),
    explain: cause('PostgreSQL doesn’t use TLS', 'Leave sslmode out of DATABASE_URL, or turn TLS on at the server.'),
  },
]

/** Rows about the ports that Overscan listens on. */
const PORT_CAUSES: readonly CauseRow[] = [
  {
    id: 'port-privileged',
    matches: ({ code, syscall }) => syscall === 'listen' && code === 'EACCES',
    explain: ({ port }) => ({
      says: `Overscan isn’t allowed to listen on port ${port}`,
      todo: 'Set a port above 1023, and let a proxy forward to it.',
    }),
  },
  {
    id: 'address-not-here',
    matches: ({ code, syscall }) =>
      code === 'EADDRNOTAVAIL' || (['listen', 'getaddrinfo'].includes(syscall ?? '') && code === 'EAFNOSUPPORT'),
    explain: ({ address }) => ({
      says: `This machine doesn’t have the address ${address ?? 'in PAGES_HOST or OPERATOR_HOST'}`,
      todo: 'Set PAGES_HOST or OPERATOR_HOST to an address of this machine, or to 0.0.0.0 for all of them.',
    }),
  },
]

export const SERVER_CAUSES: readonly CauseRow[] = [...REDIS_CAUSES, ...TLS_CAUSES, ...POSTGRES_CAUSES, ...PORT_CAUSES]
