import { describe, expect, test } from 'vitest'
import { parseConfig } from '../../src/config.js'
import { parseRedisUrl, redisHosts } from '../../src/queue/backends/redis-url.js'

describe('REDIS_URL', () => {
  test.each([
    ['redis://redis', { nodes: [{ host: 'redis', port: 6379 }], database: 0, tls: false }],
    [
      'rediss://ada:p%40%2Fw@10.0.0.5:6380/2',
      { nodes: [{ host: '10.0.0.5', port: 6380 }], username: 'ada', password: 'p@/w', database: 2, tls: true },
    ],
    ['redis://:pw@[::1]:7000', { nodes: [{ host: '::1', port: 7000 }], password: 'pw', database: 0, tls: false }],
    [
      'redis://:a,b@one:7000, redis://two:7001',
      {
        nodes: [
          { host: 'one', port: 7000 },
          { host: 'two', port: 7001 },
        ],
        password: 'a,b',
        database: 0,
        tls: false,
      },
    ],
    [
      'rediss+sentinel://ada:pw@one,[::1]:26380/painting/1?sentinelUsername=s&sentinelPassword=t%20u',
      {
        nodes: [
          { host: 'one', port: 26379 },
          { host: '::1', port: 26380 },
        ],
        sentinel: { primary: 'painting', username: 's', password: 't u' },
        username: 'ada',
        password: 'pw',
        database: 1,
        tls: true,
      },
    ],
  ])('%s', (url, target) => {
    expect(parseConfig({ REDIS_URL: url }).REDIS_URL).toBe(url)
    expect(parseRedisUrl(url)).toEqual(target)
    expect(redisHosts(url)).not.toMatch(/pw|ada/)
  })

  test.each([
    'redis',
    'redis://',
    'http://redis',
    'redis://one:x',
    'redis://one/zero',
    'redis://one,two',
    'redis://one,http://two',
    'redis+sentinel://one',
    'redis+sentinel:///painting',
    'redis+sentinel://one:x/painting',
    'redis+sentinel://one/painting/zero',
  ])('%s is refused', url => {
    expect(() => parseConfig({ REDIS_URL: url })).toThrow(
      expect.objectContaining({ problem: expect.objectContaining({ code: 'configuration-invalid' }) }),
    )
  })
})
