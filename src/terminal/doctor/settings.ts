import { parseConfig } from '../../config.js'
import type { Check, Group } from './check.js'

const settings: Check = {
  id: 'settings',
  title: 'Settings',
  late: { seconds: 5, state: 'wrong', says: 'they can’t be read' },
  async run({ environment }) {
    const { DISCORD_CLIENT_SECRET, PUBLIC_URL, PAGES_PORT, REDIS_URL, DATABASE_URL } = parseConfig(environment)
    const idle = [
      ...(PAGES_PORT === undefined && PUBLIC_URL !== undefined
        ? ['PUBLIC_URL: there are no pages without PAGES_PORT']
        : []),
      ...(PAGES_PORT === undefined && DISCORD_CLIENT_SECRET !== undefined
        ? ['DISCORD_CLIENT_SECRET: there is no Activity without PAGES_PORT']
        : []),
      ...(REDIS_URL && DATABASE_URL ? ['DATABASE_URL: REDIS_URL is taken'] : []),
    ]
    if (idle.length === 0) return { state: 'right', says: 'all of them can be read' }
    return idle.map(says => ({
      state: 'warning' as const,
      says: `of no use is ${says}`,
      todo: 'Set what it needs, or take it out of .env.',
    }))
  },
}

const token: Check = {
  id: 'token-set',
  title: 'Token',
  after: ['settings'],
  late: { seconds: 5, state: 'wrong', says: 'it can’t be read' },
  async run({ config, starts }) {
    if (starts === 'bot') return { state: 'right', says: 'DISCORD_TOKEN is set' }
    if (!config.REDIS_URL && !config.DATABASE_URL) {
      return {
        state: 'right',
        says: 'there is no DISCORD_TOKEN, so “npm start” opens the playground, which needs none',
      }
    }
    return {
      state: 'wrong',
      says: 'there is no DISCORD_TOKEN, and with REDIS_URL or DATABASE_URL set no playground either',
      todo: 'Put the token into .env; “overscan setup” asks for it. A machine that only paints (“overscan worker”) needs none.',
    }
  },
}

export const settingsGroup: Group = { title: 'Settings', checks: [settings, token] }
