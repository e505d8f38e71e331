import { OAuth2Scopes, PermissionsBitField, type PermissionsString } from 'discord.js'

/** What the bot needs to post pictures in a channel, and in a thread. */
const TO_POST = ['ViewChannel', 'SendMessages', 'AttachFiles'] as const
const TO_POST_IN_THREADS = ['ViewChannel', 'SendMessagesInThreads', 'AttachFiles'] as const

/** The permissions that the bot asks a server for: to post, to reply, and to fetch its messages when a button is pressed. */
export const INVITE_PERMISSIONS = [
  ...TO_POST,
  'SendMessagesInThreads',
  'ReadMessageHistory',
] as const satisfies PermissionsString[]

const AUTHORIZE_URL = 'https://discord.com/oauth2/authorize'

/** The permissions that the bot needs to post pictures. */
export function permissionsToPost(isThread: boolean): readonly PermissionsString[] {
  return isThread ? TO_POST_IN_THREADS : TO_POST
}

/** The URL that adds the bot to a server, or grants it missing permissions. @param guild the server that is preselected */
export function inviteLink(application: string, guild?: string): string {
  return authorizeLink(application, {
    integration_type: '0',
    scope: [OAuth2Scopes.Bot, OAuth2Scopes.ApplicationsCommands].join(' '),
    permissions: String(new PermissionsBitField([...INVITE_PERMISSIONS]).bitfield),
    ...(guild !== undefined && { guild_id: guild }),
  })
}

/** The URL that installs the bot for a person, who can then use it in every server and in direct messages. */
export function userInstallLink(application: string): string {
  return authorizeLink(application, { integration_type: '1', scope: OAuth2Scopes.ApplicationsCommands })
}

function authorizeLink(application: string, parameters: Readonly<Record<string, string>>): string {
  return `${AUTHORIZE_URL}?${new URLSearchParams({ client_id: application, ...parameters })}`
}
