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
  if (isPackage(script)) return 'overscan'
  const path = relative(folder, script)
  return `node ${path === '' || path.startsWith('..') ? script : path}`
}

/** Whether the script is a link of npm, or the file that its script on Windows runs. */
function isPackage(script: string): boolean {
  return basename(script) === 'overscan' || script.includes(`${sep}node_modules${sep}`)
}

/** How to update what is running: the package of `npx`, a global one, or a clone. */
export function updateCommand(script: string, environment: Environment): string {
  if (environment.npm_command === 'exec') return '“npx overscan@latest”'
  return isPackage(script) ? '“npm install --global overscan@latest”' : '“git pull”, then “npm install”'
}

/** The command that starts the bot, as it works where this program was called. */
export function startCommand(script: string, environment: Environment, folder: string): string {
  // `npm run setup` in a clone.
  if (environment.npm_lifecycle_event === 'setup') return 'npm start'
  return `${programCommand(script, environment, folder)} bot`
}
