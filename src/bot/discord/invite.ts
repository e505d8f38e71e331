import { OAuth2Scopes, PermissionsBitField, type PermissionsString } from 'discord.js'

/** Without one of these the bot can't post in a channel; in a thread `SendMessagesInThreads` stands for the second. */
const TO_POST = ['ViewChannel', 'SendMessages', 'AttachFiles'] as const
const TO_POST_IN_THREADS = ['ViewChannel', 'SendMessagesInThreads', 'AttachFiles'] as const

/** All that the bot asks a server for: to post, to reply to what was posted, and to find it again when a button is pressed. */
export const INVITE_PERMISSIONS = [
  ...TO_POST,
  'SendMessagesInThreads',
  'ReadMessageHistory',
] as const satisfies PermissionsString[]

const AUTHORIZE = 'https://discord.com/oauth2/authorize'

/** What the bot has to be allowed in a place to post pictures there. */
export function permissionsToPost(isThread: boolean): readonly PermissionsString[] {
  return isThread ? TO_POST_IN_THREADS : TO_POST
}

/** Where somebody adds the bot to a server, or lets it have what it lacks there. @param guild the server to begin with */
export function inviteLink(application: string, guild?: string): string {
  return link(application, {
    integration_type: '0',
    scope: [OAuth2Scopes.Bot, OAuth2Scopes.ApplicationsCommands].join(' '),
    permissions: String(new PermissionsBitField([...INVITE_PERMISSIONS]).bitfield),
    ...(guild !== undefined && { guild_id: guild }),
  })
}

/** Where somebody takes the bot along to wherever they write. */
export function userInstallLink(application: string): string {
  return link(application, { integration_type: '1', scope: OAuth2Scopes.ApplicationsCommands })
}

function link(application: string, what: Readonly<Record<string, string>>): string {
  return `${AUTHORIZE}?${new URLSearchParams({ client_id: application, ...what })}`
}
