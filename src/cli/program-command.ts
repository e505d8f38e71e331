import { basename, relative, sep } from 'node:path'
import type { Environment } from '../config.js'

/**
 * How to run this program again from where it was called, like `npx overscan`, `overscan` or `node dist/main.js`.
 *
 * @param script absolute path of the running script, as in `process.argv[1]`
 */
export function programCommand(script: string, environment: Environment, folder: string): string {
  // npm exec, which is npx.
  if (environment.npm_command === 'exec') return 'npx overscan'
  // A link of npm, or the file that its script on Windows runs.
  if (basename(script) === 'overscan' || script.includes(`${sep}node_modules${sep}`)) return 'overscan'
  const path = relative(folder, script)
  return `node ${path === '' || path.startsWith('..') ? script : path}`
}

/** The command that starts the bot, as it works where this program was called. */
export function startCommand(script: string, environment: Environment, folder: string): string {
  // `npm run setup` in a clone.
  if (environment.npm_lifecycle_event === 'setup') return 'npm start'
  return `${programCommand(script, environment, folder)} bot`
}
