import { PermissionFlagsBits } from 'discord.js'
import { expect, test } from 'vitest'
import { INVITE_PERMISSIONS, inviteLink, permissionsToPost, userInstallLink } from '../../../src/bot/discord/invite.js'

test('the invite link asks for the permissions that the bot needs, and for no others', () => {
  const { origin, pathname, searchParams } = new URL(inviteLink('123', '456'))
  expect(origin + pathname).toBe('https://discord.com/oauth2/authorize')
  expect(searchParams.get('client_id')).toBe('123')
  expect(searchParams.get('guild_id')).toBe('456')
  expect(searchParams.get('integration_type')).toBe('0')
  expect(searchParams.get('scope')).toBe('bot applications.commands')
  const bits = BigInt(searchParams.get('permissions')!)
  const asked = Object.entries(PermissionFlagsBits).flatMap(([name, bit]) => (bits & bit ? [name] : []))
  expect(asked.toSorted()).toEqual([
    'AttachFiles',
    'ReadMessageHistory',
    'SendMessages',
    'SendMessagesInThreads',
    'ViewChannel',
  ])
  expect(new URL(inviteLink('123')).searchParams.has('guild_id')).toBe(false)
})

test('an installation for a person asks for no permissions', () => {
  const { searchParams } = new URL(userInstallLink('123'))
  expect(Object.fromEntries(searchParams)).toEqual({
    client_id: '123',
    integration_type: '1',
    scope: 'applications.commands',
  })
})

test('the invite link includes what is needed to post, in channels and in threads', () => {
  for (const one of [...permissionsToPost(false), ...permissionsToPost(true)]) expect(INVITE_PERMISSIONS).toContain(one)
  expect(permissionsToPost(true)).not.toContain('SendMessages')
})
