import { expect, test } from 'vitest'
import type { DiscordEmulator } from '../../src/discord-emulator/emulator.js'
import { LAUNCH, loginAnsweringClient, loginClient, rejectionOf, startEmulator, TRY } from './client.js'

/** A response of the token endpoint. */
async function token(
  discord: DiscordEmulator,
  form: Record<string, string>,
): Promise<[number, Record<string, unknown>]> {
  const body = new URLSearchParams({
    client_id: discord.applicationId,
    client_secret: discord.clientSecret,
    grant_type: 'authorization_code',
    ...form,
  })
  const response = await fetch(`${discord.url}/api/v10/oauth2/token`, { method: 'POST', body })
  return [response.status, (await response.json()) as Record<string, unknown>]
}

async function opened() {
  const discord = await startEmulator({ activities: true })
  const ada = discord.person('Ada', { locale: 'de' })
  const { activity } = await ada.launchActivity()
  const client_id = discord.applicationId
  const authorize = async () => {
    const given = await ada.rpc(activity!, 'AUTHORIZE', { client_id, response_type: 'code', scope: ['identify'] })
    return (given as { code: string }).code
  }
  return { discord, ada, activity: activity!, authorize }
}

test('an OAuth code works once, for ten minutes, with the client secret, and identifies the user', async () => {
  const { discord, ada, activity, authorize } = await opened()
  const code = await authorize()
  expect(await token(discord, { code, client_secret: 'wrong' })).toMatchObject([401, { error: 'invalid_client' }])
  expect(await token(discord, { code, grant_type: 'password' })).toMatchObject([400, {}])
  const [status, { access_token, scope }] = await token(discord, { code })
  expect([status, scope]).toEqual([200, 'identify'])
  expect(await token(discord, { code })).toMatchObject([400, { error: 'invalid_grant' }])
  const headers = { authorization: `Bearer ${access_token}` }
  const me = await fetch(`${discord.url}/api/v10/users/@me`, { headers })
  expect(await me.json()).toMatchObject({ id: ada.user.id, locale: 'de' })
  const about = await fetch(`${discord.url}/api/v10/oauth2/@me`, { headers })
  expect(await about.json()).toMatchObject({ scopes: ['identify'], user: { id: ada.user.id } })
  expect(await ada.rpc(activity, 'AUTHENTICATE', { access_token })).toMatchObject({ user: { id: ada.user.id } })
  // The access token does not authorize the bot's routes.
  expect((await fetch(`${discord.url}/api/v10/guilds/${discord.guild.id}`, { headers })).status).toBe(401)
  const late = await authorize()
  discord.clock.advance(11 * 60_000)
  expect(await token(discord, { code: late })).toMatchObject([400, { error: 'invalid_grant' }])
  expect(discord.violations).toEqual([])
})

test('an Activity instance lists its users until the last one leaves', async () => {
  const { discord, ada, activity } = await opened()
  const { rest } = await loginClient(discord)
  const path = `/applications/${discord.applicationId}/activity-instances/${activity}` as const
  const bob = discord.person('Bob')
  await expect(bob.rpc(activity, 'AUTHORIZE', {})).rejects.toThrow('Bob is not in that activity')
  expect((await bob.launchActivity()).activity).toBe(activity)
  expect(await rest.get(path)).toMatchObject({
    users: [ada.user.id, bob.user.id],
    location: { kind: 'gc', channel_id: discord.channel.id },
  })
  bob.leaveActivity(activity)
  ada.leaveActivity(activity)
  expect(await rejectionOf(rest.get(path))).toMatchObject({ status: 404 })
  expect(discord.violations).toEqual([])
})

test('a callback launches an Activity only if Activities are on', async () => {
  const discord = await startEmulator()
  const answers: unknown[] = []
  await loginAnsweringClient(discord, async interaction => {
    if (!interaction.isChatInputCommand()) return
    answers.push(await interaction.launchActivity().catch(error => error.status))
    await interaction.reply('no')
  })
  const sent = await discord.person('Ada').slash('try')
  await sent.acknowledged
  expect([answers, sent.activity()]).toEqual([[400], undefined])
})

test('a bulk update can’t leave out the entry point command', async () => {
  const discord = await startEmulator({ activities: true })
  const { application } = await loginClient(discord)
  expect(await rejectionOf(application.commands.set([TRY]))).toMatchObject({ code: 50_240 })
  await application.commands.set([TRY, LAUNCH])
  expect(discord.commands().map(({ name, type }) => [name, type])).toEqual([
    ['try', 1],
    ['launch', 4],
  ])
  expect(discord.violations).toEqual([])
})
