import { malformedEnvVars } from '../../config.js'
import { problemMessage } from '../../i18n/i18n.js'
import type { ConfigFault } from '../../user-error.js'
import { envFileFaults, environmentFaults } from '../env/config-faults.js'
import { readEnvFile } from '../env/env-file.js'
import { unusedEnvVars } from '../env/unused-env-vars.js'
import type { Check, CheckGroup, Finding } from './check.js'

/** Checks that read settings depend on this one. Unknown names don’t stop them. */
const settings: Check = {
  id: 'settings',
  title: 'Settings',
  timeout: { seconds: 5, state: 'error', says: 'the settings can’t be read' },
  async run({ environment, config }) {
    const faults = malformedEnvVars(environment)
    if (faults.length > 0) return faults.map(faultFound)
    const unused = unusedEnvVars(config)
    if (unused.length === 0) return { state: 'ok', says: 'all are valid' }
    return unused.map(({ name, why }) => ({
      state: 'warning',
      says: `${name} has no effect: ${why}`,
      todo: 'Set what it needs, or remove it from .env.',
    }))
  },
}

const names: Check = {
  id: 'setting-names',
  title: 'Setting names',
  timeout: { seconds: 5, state: 'error', says: '.env can’t be read' },
  async run({ environment, envFile }) {
    const text = await readEnvFile(envFile)
    const faults = [...envFileFaults(text), ...environmentFaults(environment, text)]
    return faults.length > 0 ? faults.map(faultFound) : { state: 'ok', says: 'all are known' }
  },
}

function faultFound(fault: ConfigFault): Finding {
  return { state: 'error', says: problemMessage({ code: 'configuration-invalid', faults: [fault] }) }
}

const token: Check = {
  id: 'token-set',
  title: 'Token',
  dependsOn: ['settings'],
  timeout: { seconds: 5, state: 'error', says: 'the token can’t be read' },
  async run({ config, starts }) {
    if (starts === 'bot') return { state: 'ok', says: 'DISCORD_TOKEN is set' }
    if (!config.REDIS_URL && !config.DATABASE_URL) {
      return {
        state: 'ok',
        says: 'DISCORD_TOKEN isn’t set, so “npm start” opens the playground, which doesn’t need it',
      }
    }
    return {
      state: 'error',
      says: 'DISCORD_TOKEN isn’t set, and “npm start” doesn’t open the playground while REDIS_URL or DATABASE_URL is set',
      todo: 'Add the token to .env, or run “overscan setup”. A machine that only paints (“overscan worker”) doesn’t need it.',
    }
  },
}

export const settingsGroup: CheckGroup = { title: 'Settings', checks: [settings, names, token] }
