/** Discord's types of the options of a command. */
export const INTEGER = 4
export const BOOLEAN = 5
export const USER = 6
export const CHANNEL = 7
export const ROLE = 8
export const NUMBER = 10
export const ATTACHMENT = 11

export const NUMERIC_TYPES: readonly number[] = [INTEGER, NUMBER]
/** Their values are ids. */
export const MENTION_TYPES: readonly number[] = [USER, CHANNEL, ROLE]
