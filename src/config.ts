import { z } from 'zod'
import { type ConfigFault, type ConfigValueKind, UserError } from './user-error.js'

/** What each kind of value can be, for people; {@link valueKindOf} finds it. */
const kinds = z.registry<ConfigValueKind>()

const text = (least = 1) => z.string().min(least).register(kinds, { kind: 'text', least })
const whole = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d+$/)
    .transform(Number)
    .pipe(z.number().min(min).max(max))
    .register(kinds, { kind: 'number', min, max })
const choice = <T extends string>(...of: T[]) => z.enum(of).register(kinds, { kind: 'choice', of })
const address = (...schemes: string[]) =>
  z.url({ protocol: new RegExp(`^(?:${schemes.join('|')})$`) }).regex(/^[^:]+:\/\//)
const server = (...schemes: string[]) => address(...schemes).register(kinds, { kind: 'address', schemes })
const page = () =>
  address('https', 'http')
    .transform(url => url.replace(/\/+$/, ''))
    .register(kinds, { kind: 'address', schemes: ['https', 'http'] })
const devices = () =>
  z
    .string()
    .regex(/^(?:(?:cuda|dml)(?::\d{1,2})?|coreml|webgpu|cpu)(?:,(?:(?:cuda|dml)(?::\d{1,2})?|coreml|webgpu|cpu))*$/)
    .transform(names => names.split(','))
    .register(kinds, { kind: 'devices' })

/** What people are told of a setting, besides how it is read. */
export type EnvVar = {
  /** The heading that it stands under. */
  readonly group: string
  /** Undefined is what it is when it is left out. */
  readonly schema: z.ZodOptional<z.ZodType> | z.ZodDefault<z.ZodType>
  /** What it does, its unit, and what happens without it where no default tells that. Names stand between backticks. */
  readonly description: string
  /** A value to begin with, where there is no default. */
  readonly example?: string
  /** Its value is never shown. */
  readonly secret?: true
  /** A bot on Discord can't do without it. */
  readonly required?: true
}

const DISCORD = 'Discord'
const MODELS = 'Models and devices'
const PAGES = 'Pages to draw on'
const LINE = 'The line'
const PLACES = 'Where things are kept'
const OPERATOR = 'Watching it'
const STANDINS = 'Stand-ins for Discord'

/** Every setting that the environment (or `.env`) can hold, in the order in which people read of them. */
export const ENV_VARS = {
  DISCORD_TOKEN: {
    group: DISCORD,
    schema: text().optional(),
    description:
      'The bot’s token, from https://discord.com/developers/applications → your application → Bot → Reset Token. Without it `npm start` opens a playground in the browser.',
    secret: true,
    required: true,
  },
  DISCORD_CLIENT_SECRET: {
    group: DISCORD,
    schema: text().optional(),
    description:
      'The application’s client secret, from its OAuth2 page there. With it, and with pages that Discord reaches (`PUBLIC_URL`), Vary (Region) opens them inside Discord; see docs/operating.md. Without it they open in the browser.',
    secret: true,
  },
  MODEL_FOLDER: {
    group: MODELS,
    schema: text().default('models'),
    description:
      'The folder where Stable Diffusion models lie: checkpoints (.safetensors), and folders as diffusers and Optimum write them.',
  },
  DEVICE: {
    group: MODELS,
    schema: devices().optional(),
    description:
      'What models are computed on. The first that works if left out. Several cards paint at once if they are named: `cuda:0,cuda:1`.',
  },
  HF_TOKEN: {
    group: MODELS,
    schema: text().optional(),
    description:
      'A token of Hugging Face’s, for `overscan models add` and `overscan setup`: opens what is not for everybody.',
    secret: true,
  },
  HF_ENDPOINT: {
    group: MODELS,
    schema: page().default('https://huggingface.co'),
    description: 'Where Hugging Face is, for the same two. A mirror has another address.',
  },
  CIVITAI_TOKEN: {
    group: MODELS,
    schema: text().optional(),
    description: 'An API key of Civitai’s, for `overscan models add`: some files come only with one.',
    secret: true,
  },
  PAGES_PORT: {
    group: PAGES,
    schema: whole(1, 65_535).optional(),
    description:
      'The port of the pages to draw masks on, which Vary (Region) gives links to. No port, no pages; the playground takes 8787, or any that is free.',
    example: '8787',
  },
  PAGES_HOST: {
    group: PAGES,
    schema: text().default('127.0.0.1'),
    description: 'The address of this machine that they listen on; `0.0.0.0` is all of them.',
  },
  PUBLIC_URL: {
    group: PAGES,
    schema: page().optional(),
    description:
      'How people reach the pages, through a proxy for instance. Without it links name the address and the port.',
    example: 'https://overscan.example.com',
  },
  QUEUE_LIMIT: {
    group: LINE,
    schema: whole(1, 10_000).default(100),
    description: 'The most requests that may wait in line before new ones are declined.',
  },
  QUEUE_LIMIT_PER_PERSON: {
    group: LINE,
    schema: whole(1, 10_000).default(10),
    description: 'The same for one person’s requests.',
  },
  QUEUE_LIMIT_PER_SERVER: {
    group: LINE,
    schema: whole(1, 10_000).optional(),
    description: 'The same for one server’s. Not limited if left out.',
  },
  PERSON_PICTURES_PER_HOUR: {
    group: LINE,
    schema: whole(1, Number.MAX_SAFE_INTEGER).optional(),
    description:
      'The most pictures an hour for each person, wherever they ask. Not limited if left out; what roles of a server may paint is set in Discord, with `/settings quota`.',
  },
  SERVER_PICTURES_PER_HOUR: {
    group: LINE,
    schema: whole(1, Number.MAX_SAFE_INTEGER).optional(),
    description: 'The same for each server.',
  },
  STOP_SECONDS: {
    group: LINE,
    schema: whole(0, 3600).default(30),
    description: 'So long may a picture that is being painted still take when the process is told to stop, in seconds.',
  },
  DATA_FOLDER: {
    group: PLACES,
    schema: text().default('data'),
    description: 'The folder of settings and of the line of requests, unless these are in Redis or PostgreSQL.',
  },
  REDIS_URL: {
    group: PLACES,
    schema: server('redis', 'rediss').optional(),
    description:
      'A Redis 7 or Valkey that all machines reach: the line is there, and `overscan worker` paints on other machines; see docs/operating.md.',
    example: 'redis://127.0.0.1:6379',
    secret: true,
  },
  DATABASE_URL: {
    group: PLACES,
    schema: server('postgres', 'postgresql').optional(),
    description: 'A PostgreSQL for the same. `REDIS_URL` goes first where both are set.',
    example: 'postgres://overscan@127.0.0.1/overscan',
    secret: true,
  },
  PICTURE_FOLDER: {
    group: PLACES,
    schema: text().optional(),
    description:
      'A folder that all machines share, for pictures on their way. Without it they go through Redis or PostgreSQL.',
  },
  LOG_LEVEL: {
    group: OPERATOR,
    schema: choice('trace', 'debug', 'info', 'warn', 'error', 'silent').default('info'),
    description:
      'How much is logged, as lines of JSON. Where it is left out the playground logs from `warn` on and the demo nothing.',
  },
  OPERATOR_PORT: {
    group: OPERATOR,
    schema: whole(1, 65_535).optional(),
    description: 'The port of health, metrics and the board of all jobs. Without it that web server is not opened.',
    example: '9090',
  },
  OPERATOR_HOST: {
    group: OPERATOR,
    schema: text().default('127.0.0.1'),
    description: 'The address of this machine that it listens on; `0.0.0.0` is all of them.',
  },
  OPERATOR_PASSWORD: {
    group: OPERATOR,
    schema: text(8).optional(),
    description: 'The password of the board, whose user is `overscan`. Without it there is no board.',
    secret: true,
  },
  DISCORD_API: {
    group: STANDINS,
    schema: page().default('https://discord.com/api'),
    description: 'Where Discord is. Only a stand-in for Discord needs another value here and in the next two.',
  },
  DISCORD_CDN: {
    group: STANDINS,
    schema: page().default('https://cdn.discordapp.com'),
    description: 'Where its files are.',
  },
  DISCORD_MEDIA: {
    group: STANDINS,
    schema: page().default('https://media.discordapp.net'),
    description: 'Where it shows pictures in other sizes.',
  },
  DISCORD_OPENAPI: {
    group: STANDINS,
    schema: text().optional(),
    description:
      'A file with Discord’s own description of its API (OpenAPI), for `overscan demo`: the stand-in holds the bot to it.',
  },
} as const satisfies Record<string, EnvVar>

export type EnvVarName = keyof typeof ENV_VARS

/** In the order of the table. */
export const envVarNames = Object.keys(ENV_VARS) as EnvVarName[]

export function isEnvVar(name: string): name is EnvVarName {
  return Object.hasOwn(ENV_VARS, name)
}

/** Whether what it holds is nobody's business. */
export function isSecretEnvVar(name: string): boolean {
  return isEnvVar(name) && 'secret' in ENV_VARS[name]
}

export function valueKindOf(name: EnvVarName): ConfigValueKind {
  return kinds.get(ENV_VARS[name].schema.unwrap())!
}

/** What a setting is when it is left out, as one would write it; undefined if it is nothing then. */
export function defaultValueOf(name: EnvVarName): string | undefined {
  const value = ENV_VARS[name].schema.parse(undefined)
  return value === undefined ? undefined : String(value)
}

type Environment = Readonly<Record<string, string | undefined>>

export type Config = z.infer<z.ZodObject<{ [Name in EnvVarName]: (typeof ENV_VARS)[Name]['schema'] }>>

/** What is wrong with the values of these settings. */
export function malformedEnvVars(environment: Environment, names: readonly EnvVarName[] = envVarNames): ConfigFault[] {
  return names.flatMap(name => {
    if (resultOf(name, environment).success) return []
    return [{ what: 'malformed', name, found: shown(name, environment[name]!), values: valueKindOf(name) }]
  })
}

/** @throws ProblemError `configuration-invalid` with every setting that is */
export function parseConfig(environment: Environment): Config {
  return parseEnvVars(environment, envVarNames)
}

/** Some settings, for what has no use for the others. @throws ProblemError `configuration-invalid` */
export function parseEnvVars<Name extends EnvVarName>(environment: Environment, names: readonly Name[]) {
  const faults = malformedEnvVars(environment, names)
  if (faults.length > 0) throw new UserError({ code: 'configuration-invalid', faults })
  const found = names.map(name => [name, resultOf(name, environment).data] as const)
  return Object.fromEntries(found.filter(([, value]) => value !== undefined)) as Pick<Config, Name>
}

/** A line like `DISCORD_TOKEN=` in .env means: not set. */
function resultOf(name: EnvVarName, environment: Environment) {
  return ENV_VARS[name].schema.safeParse(environment[name] || undefined)
}

/** Longer values are cut off, in characters. */
const LONGEST = 60

/** As much of a value as others may see; an address may hold a password. */
function shown(name: EnvVarName, value: string): string | undefined {
  if (isSecretEnvVar(name) || value.includes('@')) return undefined
  return value.length > LONGEST ? `${value.slice(0, LONGEST)}…` : value
}
