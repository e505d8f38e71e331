/** Discord's limit for a bot's files in an ordinary message, whatever limit the person has. In bytes. */
export const BOT_FILE_LIMIT_BYTES = 10 * 1024 * 1024
