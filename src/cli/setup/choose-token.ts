import { readFile } from 'node:fs/promises'
import { type Environment, parseEnvVars } from '../../config.js'
import { problemMessage } from '../../i18n/i18n.js'
import { UserError } from '../../user-error.js'
import { printLine } from '../print-line.js'
import { type DiscordAccount, fetchDiscordAccount } from './discord-account.js'
import type { Prompts } from './prompts.js'
import type { SetupOptions } from './setup-options.js'

const DEVELOPER_PORTAL = 'https://discord.com/developers/applications'

/**
 * A token that Discord accepts: from the options, the environment or the terminal, where a wrong one is asked for again.
 *
 * @throws UserError `token-missing`, `no-such-file`, those of {@link fetchDiscordAccount}
 */
export async function chooseToken(
  { token, tokenFile }: SetupOptions,
  environment: Environment,
  prompts: Prompts | undefined,
): Promise<{ token: string; account: DiscordAccount }> {
  const config = parseEnvVars(environment, ['DISCORD_API', 'DISCORD_TOKEN'])
  const fromFile = tokenFile === undefined ? undefined : await readTokenFile(tokenFile)
  let candidate = trimToken(token ?? fromFile ?? config.DISCORD_TOKEN ?? '')
  if (!candidate && prompts) {
    printLine(`The bot needs a token. Open ${DEVELOPER_PORTAL}, click New Application, then Bot and Reset Token.`)
    printLine('The token is saved with the settings, and sent only to Discord.')
  }
  for (;;) {
    if (!candidate && !prompts) throw new UserError({ code: 'token-missing' })
    if (!candidate) candidate = trimToken(await prompts!.password('Bot token'))
    try {
      return { token: candidate, account: await fetchDiscordAccount(candidate, config.DISCORD_API) }
    } catch (error) {
      const isWrongToken = error instanceof UserError && error.problem.code === 'login-refused'
      if (!isWrongToken || !prompts) throw error
      printLine(problemMessage(error.problem))
      candidate = ''
    }
  }
}

/** Without the `Bot ` of an Authorization header, which people copy along. */
function trimToken(token: string): string {
  return token.trim().replace(/^Bot\s+/, '')
}

async function readTokenFile(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(cause => {
    throw new UserError({ code: 'no-such-file', path }, { cause })
  })
}
