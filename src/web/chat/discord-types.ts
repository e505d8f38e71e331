/** What the chat page knows of Discord's objects: as much as it shows. */

export type User = {
  readonly id: string
  readonly username: string
  readonly global_name?: string | null
  readonly bot?: boolean
}

export type Attachment = {
  readonly id: string
  readonly filename: string
  readonly url: string
  readonly content_type?: string
  readonly width?: number | null
  readonly height?: number | null
  readonly size: number
}

export type Media = { readonly url: string; readonly width?: number | null; readonly height?: number | null }

export type SelectOption = {
  readonly label: string
  readonly value: string
  readonly description?: string
  readonly default?: boolean
}

/** Any component, of messages and of dialogs; which of these it has follows from its type. */
export type Component = {
  readonly type: number
  readonly id?: number
  readonly components?: readonly Component[]
  readonly component?: Component
  readonly accessory?: Component
  readonly content?: string
  readonly label?: string
  readonly description?: string
  readonly style?: number
  readonly url?: string
  readonly custom_id?: string
  readonly disabled?: boolean
  readonly emoji?: { readonly name?: string }
  readonly items?: readonly {
    readonly media: Media
    readonly description?: string | null
    readonly spoiler?: boolean
  }[]
  readonly media?: Media
  readonly file?: Media
  readonly name?: string
  readonly size?: number
  readonly spoiler?: boolean
  readonly divider?: boolean
  readonly accent_color?: number | null
  readonly options?: readonly SelectOption[]
  readonly placeholder?: string
  readonly min_values?: number
  readonly max_values?: number
  readonly min_length?: number
  readonly max_length?: number
  readonly required?: boolean
  readonly value?: string
  readonly default?: boolean
}

export type Message = {
  readonly id: string
  readonly author: User
  readonly content: string
  readonly timestamp: string
  readonly edited_timestamp: string | null
  readonly flags?: number
  readonly attachments: readonly Attachment[]
  readonly components?: readonly Component[]
  readonly mentions: readonly User[]
  readonly interaction_metadata?: { readonly user: User; readonly name?: string }
  readonly message_reference?: { readonly message_id?: string }
  readonly referenced_message?: Message | null
}

export type Localized = { readonly name: string; readonly name_localizations?: Readonly<Record<string, string>> | null }

export type CommandOption = Localized & {
  readonly type: number
  readonly description: string
  readonly description_localizations?: Readonly<Record<string, string>> | null
  readonly required?: boolean
  readonly autocomplete?: boolean
  readonly choices?: readonly (Localized & { readonly value: string | number })[]
  readonly options?: readonly CommandOption[]
  readonly min_value?: number
  readonly max_value?: number
  readonly max_length?: number
}

export type Command = CommandOption & { readonly id: string }

export type Chat = {
  readonly me: User
  readonly guild: { readonly name: string }
  readonly channel: { readonly id: string; readonly name?: string }
  readonly commands: readonly Command[]
  readonly roles: readonly { readonly id: string; readonly name: string }[]
  readonly messages: readonly Message[]
  /** Where the stand-in serves its files; this page serves them as well. */
  readonly host: string
}

/** An Activity that is open, and what its page is told of where. */
export type Activity = {
  readonly id: string
  readonly application: string
  readonly guild: string
  readonly channel: string
}

export type Modal = { readonly custom_id: string; readonly title: string; readonly components: readonly Component[] }

export const EPHEMERAL = 64
export const LOADING = 128
