import { type Client, Events } from 'discord.js'
import { throwDiscordProblem } from './discord-problem.js'
import type { GatewayWatch } from './gateway-watch.js'

/**
 * Log in and wait until every shard is ready. While Discord can't be reached, discord.js tries again and again.
 *
 * @param signal ends the attempt
 * @throws UserError `login-refused`, `discord-unreachable`, `discord-rejected`; OperatorError where Discord refuses the login; the
 *   signal's reason. The client is destroyed then.
 */
export async function logIn(
  client: Client,
  token: string,
  { refused }: Pick<GatewayWatch, 'refused'>,
  signal?: AbortSignal,
): Promise<Client<true>> {
  const ready = new Promise<Client<true>>(resolve => client.once(Events.ClientReady, resolve))
  const aborted = new Promise<never>((_, reject) => {
    if (signal?.aborted) reject(signal.reason)
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  // Where the login fails too, its error says less than `refused`.
  const login = client.login(token).then(
    () => ready,
    error => Promise.race([refused, Promise.resolve().then(() => throwDiscordProblem(error))]),
  )
  try {
    return await Promise.race([refused, aborted, login])
  } catch (error) {
    await client.destroy()
    throw error
  }
}
