import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { parse } from 'yaml'
import { createProgram } from '../../src/cli/program.js'
import { shellWords } from './markdown.js'

// Checks commands in the documentation without running them.

type Compose = { services: Record<string, { profiles?: string[] }> }

const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }
const { services } = parse(readFileSync('compose.yaml', 'utf8'), { merge: true }) as Compose
const bench = readFileSync('bench/main.ts', 'utf8')
const benches = [...bench.matchAll(/^ {2}'?([\w-]+)'?: bench\w+,$/gm)].map(([, name]) => name!)
const benchOptions = [...bench.matchAll(/^ {4}(\w+): \{ type: '(?:boolean|string)'/gm)].map(([, name]) => `--${name}`)

/** ID in a documented command stands for an id of the reader. */
const ID = '1234567890123456789'

/** Options of other programs. */
const FOREIGN: Record<string, string> = {
  '--ignore-scripts': 'npm',
  '--profile': 'docker compose',
  '--gpus': 'docker run',
  '--env-file': 'docker run',
  '--max-semi-space-size': 'node',
  '--v8-pool-size': 'node',
}

/** What is wrong with a command; undefined if nothing is, or if it belongs to another program. */
export function commandFault(command: string): string | undefined {
  const own = command.replace(/^(?:[A-Z_]+=\S+ )+/, '').replaceAll(/\bID\b/g, ID)
  const [name = '', first = '', ...rest] = shellWords(own)
  if (name === 'npm' && first === 'run') return wrongScript(rest)
  if (name === 'npm') return ['install', 'start', 'test', 'version'].includes(first) ? undefined : `npm ${first}?`
  if (name === 'node') {
    const [script, ...args] = [first, ...rest].filter(word => FOREIGN[word.split('=')[0]!] !== 'node')
    return script === 'dist/main.js' ? wrongArguments(args) : `node ${script}?`
  }
  if (name === 'npx') return ['overscan', 'overscan@latest'].includes(first) ? wrongArguments(rest) : `npx ${first}?`
  if (name === 'overscan') return wrongArguments([first, ...rest].filter(Boolean))
  if (name === 'docker' && first === 'compose') return wrongCompose(rest)
  return undefined
}

function wrongScript([name = '', ...rest]: readonly string[]): string | undefined {
  if (!Object.hasOwn(scripts, name)) return `there is no script ${name}`
  if (name !== 'bench') return undefined
  const [, chosen = '', ...options] = rest
  if (rest.length > 0 && !benches.includes(chosen)) return `there is no benchmark ${chosen}`
  return options.find(option => option.startsWith('--') && !benchOptions.includes(option))
}

function wrongCompose(words: readonly string[]): string | undefined {
  const profiles = Object.values(services).flatMap(({ profiles = [] }) => profiles)
  const after = (option: string) => words.flatMap((word, at) => (word === option ? [words[at + 1] ?? ''] : []))
  const profile = after('--profile').find(name => !profiles.includes(name))
  if (profile !== undefined) return `there is no profile ${profile}`
  const scaled = after('--scale').find(scaled => !Object.hasOwn(services, scaled.split('=')[0]!))
  if (scaled !== undefined || !words.includes('run')) return scaled
  const [service = '', ...rest] = words.slice(words.indexOf('run') + 1).filter(word => word !== '--rm')
  return Object.hasOwn(services, service) ? wrongArguments(rest) : `there is no service ${service}`
}

/** The command that the first of these words name, and the words after that. */
function commandOf(words: readonly string[]): { command: Command; rest: readonly string[] } {
  let command = createProgram()
  let at = 0
  for (; at < words.length; at++) {
    const next = command.commands.find(one => [one.name(), ...one.aliases()].includes(words[at]!))
    if (!next) break
    command = next
  }
  return { command, rest: words.slice(at) }
}

/** What is wrong with the arguments of `overscan`. */
function wrongArguments(words: readonly string[]): string | undefined {
  // “overscan …” is any of them.
  if (words.length === 0 || words[0] === '…') return undefined
  const { command, rest } = commandOf(words)
  if (!command.parent && words.every(word => ['--version', '--help'].includes(word))) return undefined
  if (!command.parent) return `there is no command ${words[0]}`
  command.exitOverride().configureOutput({ writeErr: () => {} })
  try {
    const { operands, unknown } = command.parseOptions([...rest])
    if (unknown.length > 0) return `there is no option ${unknown[0]}`
    const { registeredArguments: wanted } = command
    if (command.commands.length > 0 && wanted.length === 0 && operands.length > 0) {
      return `there is no command ${operands[0]}`
    }
    const last = wanted.at(-1)
    if (operands.length > wanted.length && !last?.variadic) return `${operands.at(-1)} is too much`
    // Prose names a command without what it works on; who gives some has to give all.
    const missing = wanted.slice(operands.length).find(({ required }) => required)
    if (rest.length > 0 && missing && operands.length > 0) return `<${missing.name()}> is missing`
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

/** What is wrong with inline code. */
export function inlineCodeFault(code: string): string | undefined {
  const words = shellWords(code)
  const [first = ''] = words
  if (first.startsWith('--')) {
    const option = first.split('=')[0]!
    return isOption(option) ? undefined : `nothing has an option ${option}`
  }
  // “models check”, “inpaint --strength”: what follows overscan.
  if (words.length > 1 && createProgram().commands.some(command => command.name() === first)) {
    const { command, rest } = commandOf(words)
    const ours = command.options.flatMap(({ long }) => (long ? [long] : []))
    const option = rest.find(word => word.startsWith('--') && !ours.includes(word))
    return option && `${command.name()} has no option ${option}`
  }
  return commandFault(code)
}

function isOption(name: string): boolean {
  const all = (command: Command): Command[] => [command, ...command.commands.flatMap(all)]
  const ours = all(createProgram()).flatMap(command => command.options.flatMap(({ long }) => (long ? [long] : [])))
  return [...ours, ...benchOptions, '--help', ...Object.keys(FOREIGN)].includes(name)
}
