import { existsSync } from 'node:fs'
import {
  ApplicationCommandType,
  type ChatInputCommandInteraction,
  Client,
  type ClientOptions,
  DiscordAPIError,
  EntryPointCommandHandlerType,
  Events,
  GatewayIntentBits,
  type Interaction,
  Partials,
  type RESTPostAPIApplicationCommandsJSONBody,
} from 'discord.js'
import sharp from 'sharp'
import { expect, onTestFinished } from 'vitest'
import {
  type DiscordEmulator,
  type DiscordEmulatorOptions,
  startDiscordEmulator,
} from '../../src/discord-emulator/emulator.js'
import { readHeader } from '../../src/inference/image/header.js'
import { shared } from '../support/shared.js'

const openapi = shared('reference/discord-openapi.json')

/** An emulator for the duration of a test, with Discord's OpenAPI document if it is available. */
export async function startEmulator(options: DiscordEmulatorOptions = {}): Promise<DiscordEmulator> {
  const discord = await startDiscordEmulator({
    readPictureSize: readHeader,
    ...(existsSync(openapi) && { openapi }),
    ...options,
  })
  onTestFinished(() => discord.close())
  return discord
}

/** A client of discord.js, not logged in. */
export function createClient(discord: DiscordEmulator, options: Partial<ClientOptions> = {}): Client {
  const client = new Client({
    intents: [GatewayIntentBits.Guilds, GatewayIntentBits.GuildMessages, GatewayIntentBits.DirectMessages],
    partials: [Partials.Channel],
    rest: { api: `${discord.url}/api`, cdn: discord.url, mediaProxy: discord.url },
    ...options,
  })
  onTestFinished(() => client.destroy())
  return client
}

/** A client of discord.js, logged in and ready. */
export async function loginClient(
  discord: DiscordEmulator,
  options: Partial<ClientOptions> = {},
): Promise<Client<true>> {
  const client = createClient(discord, options)
  const ready = new Promise<Client<true>>(resolve => client.once(Events.ClientReady, resolve))
  await client.login(discord.token)
  return ready
}

export const TRY = { name: 'try', description: 'Try something' } satisfies RESTPostAPIApplicationCommandsJSONBody

/** The entry point command, which bulk updates have to include. */
export const LAUNCH = {
  name: 'launch',
  type: ApplicationCommandType.PrimaryEntryPoint,
  handler: EntryPointCommandHandlerType.DiscordLaunchActivity,
} satisfies RESTPostAPIApplicationCommandsJSONBody

/** A logged-in bot with these commands. `settled` rejects with the first error of `answer`. */
export async function loginAnsweringClient(
  discord: DiscordEmulator,
  answer: (interaction: Interaction) => Promise<unknown>,
  commands: RESTPostAPIApplicationCommandsJSONBody[] = [TRY],
) {
  const client = await loginClient(discord)
  await client.application.commands.set(commands)
  const answers: Promise<unknown>[] = []
  client.on(Events.InteractionCreate, interaction => {
    const one = answer(interaction)
    one.catch(() => {})
    answers.push(one)
  })
  return { client, settled: () => Promise.all(answers) }
}

/** `/try` as Ada sends it and the bot receives it. */
export async function sendTryCommand(discord: DiscordEmulator) {
  const client = await loginClient(discord)
  await client.application.commands.set([TRY])
  const coming = new Promise<ChatInputCommandInteraction>(resolve =>
    client.once(Events.InteractionCreate, one => resolve(one as ChatInputCommandInteraction)),
  )
  const ada = discord.person('Ada')
  const sent = await ada.slash('try')
  return { client, ada, sent, interaction: await coming }
}

/** The error with which Discord refused a request. */
export async function rejectionOf(attempt: Promise<unknown>): Promise<DiscordAPIError> {
  const error = await attempt.then(
    () => undefined,
    cause => cause,
  )
  expect(error).toBeInstanceOf(DiscordAPIError)
  return error
}

export async function pngFile(name = 'a.png', width = 24, height = 16) {
  const create = { width, height, channels: 3 as const, background: '#89a' }
  return { name, data: await sharp({ create }).png().toBuffer() }
}

/** A file as an attachment of discord.js. */
export const toUpload = ({ name, data }: { name: string; data: Buffer }) => ({ attachment: data, name })
