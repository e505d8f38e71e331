import { malformedEnvVars } from '../../config.js'
import { problemMessage } from '../../i18n/i18n.js'
import type { ConfigFault } from '../../user-error.js'
import { envFileFaults, environmentFaults } from '../env/config-faults.js'
import { readEnvFile } from '../env/env-file.js'
import { unusedEnvVars } from '../env/unused-env-vars.js'
import type { Check, CheckGroup, Finding } from './check.js'

/** Without it nothing is known that goes by settings; names that are none keep nobody from looking at the rest. */
const settings: Check = {
  id: 'settings',
  title: 'Settings',
  timeout: { seconds: 5, state: 'wrong', says: 'they can’t be read' },
  async run({ environment, config }) {
    const faults = malformedEnvVars(environment)
    if (faults.length > 0) return faults.map(faultFound)
    const unused = unusedEnvVars(config)
    if (unused.length === 0) return { state: 'right', says: 'all of them can be read' }
    return unused.map(({ name, why }) => ({
      state: 'warning',
      says: `of no use is ${name}: ${why}`,
      todo: 'Set what it needs, or take it out of .env.',
    }))
  },
}

const names: Check = {
  id: 'setting-names',
  title: 'Their names',
  timeout: { seconds: 5, state: 'wrong', says: '.env can’t be read' },
  async run({ environment, envFile }) {
    const text = await readEnvFile(envFile)
    const faults = [...envFileFaults(text), ...environmentFaults(environment, text)]
    return faults.length > 0 ? faults.map(faultFound) : { state: 'right', says: 'all of them are known' }
  },
}

function faultFound(fault: ConfigFault): Finding {
  return { state: 'wrong', says: problemMessage({ code: 'configuration-invalid', faults: [fault] }) }
}

const token: Check = {
  id: 'token-set',
  title: 'Token',
  dependsOn: ['settings'],
  timeout: { seconds: 5, state: 'wrong', says: 'it can’t be read' },
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

export const settingsGroup: CheckGroup = { title: 'Settings', checks: [settings, names, token] }
