import { z } from 'zod'
import { type ConfigFault, type ConfigValueKind, UserError } from './user-error.js'

/** What values each schema accepts, for messages and docs. Read by {@link valueKindOf}. */
const kinds = z.registry<ConfigValueKind>()

const text = (minLength = 1) => z.string().min(minLength).register(kinds, { kind: 'text', minLength })
const integer = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d+$/)
    .transform(Number)
    .pipe(z.number().min(min).max(max))
    .register(kinds, { kind: 'number', min, max })
const choice = <T extends string>(...choices: T[]) => z.enum(choices).register(kinds, { kind: 'choice', choices })
const url = (...schemes: string[]) => z.url({ protocol: new RegExp(`^(?:${schemes.join('|')})$`) }).regex(/^[^:]+:\/\//)
const serverUrl = (...schemes: string[]) => url(...schemes).register(kinds, { kind: 'url', schemes })
const webUrl = () =>
  url('https', 'http')
    .transform(value => value.replace(/\/+$/, ''))
    .register(kinds, { kind: 'url', schemes: ['https', 'http'] })
const devices = () =>
  z
    .string()
    .regex(/^(?:(?:cuda|dml)(?::\d{1,2})?|coreml|webgpu|cpu)(?:,(?:(?:cuda|dml)(?::\d{1,2})?|coreml|webgpu|cpu))*$/)
    .transform(names => names.split(','))
    .register(kinds, { kind: 'devices' })

/** A setting that the program reads from the environment or from `.env`. */
export type EnvVar = {
  /** Its heading in `.env.example` and in the docs. */
  readonly group: string
  /** Parses `undefined` to the default. */
  readonly schema: z.ZodOptional<z.ZodType> | z.ZodDefault<z.ZodType>
  /** What it does, its unit, and what happens without it. Names are in backticks. */
  readonly description: string
  /** An example value, where there is no default. */
  readonly example?: string
  /** Never shown in messages and logs. */
  readonly secret?: true
  /** A bot on Discord needs it. */
  readonly required?: true
}

const DISCORD = 'Discord'
const MODELS = 'Models and devices'
const PAGES = 'Web pages'
const QUEUE = 'Queue'
const STORAGE = 'Storage'
const MONITORING = 'Admin'
const EMULATOR = 'Discord emulator'

/** Every setting, in the order of `.env.example` and the docs. */
export const ENV_VARS = {
  DISCORD_TOKEN: {
    group: DISCORD,
    schema: text().optional(),
    description:
      'The bot’s token, from https://discord.com/developers/applications → your application → Bot → Reset Token. Without it `npm start` opens the playground in the browser.',
    secret: true,
    required: true,
  },
  DISCORD_CLIENT_SECRET: {
    group: DISCORD,
    schema: text().optional(),
    description:
      'The application’s client secret, from its OAuth2 page. With it and `PUBLIC_URL`, Vary (Region) opens the editor inside Discord (see docs/operating.md). Without it the editor opens in the browser.',
    secret: true,
  },
  MODEL_FOLDER: {
    group: MODELS,
    schema: text().default('models'),
    description:
      'The folder with Stable Diffusion models: checkpoints (.safetensors), and folders in the layout of diffusers or Optimum.',
  },
  DEVICE: {
    group: MODELS,
    schema: devices().optional(),
    description:
      'The device that runs models. Default: the first one that works. Name several to paint on several cards at once: `cuda:0,cuda:1`.',
  },
  HF_TOKEN: {
    group: MODELS,
    schema: text().optional(),
    description: 'A Hugging Face access token for `overscan models add` and `overscan setup`. Needed for gated models.',
    secret: true,
  },
  HF_ENDPOINT: {
    group: MODELS,
    schema: webUrl().default('https://huggingface.co'),
    description: 'The URL of Hugging Face for the same two commands. Change it to use a mirror.',
  },
  CIVITAI_TOKEN: {
    group: MODELS,
    schema: text().optional(),
    description: 'A Civitai API key for `overscan models add`. Some files need one.',
    secret: true,
  },
  PAGES_PORT: {
    group: PAGES,
    schema: integer(1, 65_535).optional(),
    description:
      'The port of the editor, the web page that Vary (Region) links to. Without a port the editor is off. The playground uses 8787 or any free port.',
    example: '8787',
  },
  PAGES_HOST: {
    group: PAGES,
    schema: text().default('127.0.0.1'),
    description: 'The address that the web pages listen on. `0.0.0.0` listens on all addresses.',
  },
  PUBLIC_URL: {
    group: PAGES,
    schema: webUrl().optional(),
    description:
      'The public URL of the web pages, for example behind a proxy. Without it links contain the address and the port.',
    example: 'https://overscan.example.com',
  },
  QUEUE_LIMIT: {
    group: QUEUE,
    schema: integer(1, 10_000).default(100),
    description: 'The maximum number of waiting requests. New requests are declined above it.',
  },
  QUEUE_LIMIT_PER_PERSON: {
    group: QUEUE,
    schema: integer(1, 10_000).default(10),
    description: 'The maximum number of waiting requests per person.',
  },
  QUEUE_LIMIT_PER_SERVER: {
    group: QUEUE,
    schema: integer(1, 10_000).optional(),
    description: 'The maximum number of waiting requests per server. Default: no limit.',
  },
  PERSON_PICTURES_PER_HOUR: {
    group: QUEUE,
    schema: integer(1, Number.MAX_SAFE_INTEGER).optional(),
    description:
      'The maximum number of pictures per hour and person, in all servers together. Default: no limit. Quotas for the roles of a server are set in Discord with `/settings quota`.',
  },
  SERVER_PICTURES_PER_HOUR: {
    group: QUEUE,
    schema: integer(1, Number.MAX_SAFE_INTEGER).optional(),
    description: 'The maximum number of pictures per hour and server. Default: no limit.',
  },
  STOP_SECONDS: {
    group: QUEUE,
    schema: integer(0, 3600).default(30),
    description: 'How long a running picture can take to finish when the process gets a signal to stop, in seconds.',
  },
  DATA_FOLDER: {
    group: STORAGE,
    schema: text().default('data'),
    description: 'The folder for settings and the queue, unless they are in Redis or PostgreSQL.',
  },
  REDIS_URL: {
    group: STORAGE,
    schema: serverUrl('redis', 'rediss').optional(),
    description:
      'A Redis 7 or Valkey server that all machines can reach. The queue is stored there, and `overscan worker` can paint on other machines (see docs/scaling.md).',
    example: 'redis://127.0.0.1:6379',
    secret: true,
  },
  DATABASE_URL: {
    group: STORAGE,
    schema: serverUrl('postgres', 'postgresql').optional(),
    description: 'A PostgreSQL server for the same purpose. If both are set, `REDIS_URL` wins.',
    example: 'postgres://overscan@127.0.0.1/overscan',
    secret: true,
  },
  PICTURE_FOLDER: {
    group: STORAGE,
    schema: text().optional(),
    description:
      'A folder that all machines share, for the pictures of queued requests. Without it they are stored in Redis or PostgreSQL.',
  },
  LOG_LEVEL: {
    group: MONITORING,
    schema: choice('trace', 'debug', 'info', 'warn', 'error', 'silent').default('info'),
    description:
      'How much is logged, as lines of JSON. If it isn’t set, the playground logs from `warn` up and the demo logs nothing.',
  },
  OPERATOR_PORT: {
    group: MONITORING,
    schema: integer(1, 65_535).optional(),
    description:
      'The port of the admin server: health checks, metrics and the job board. Without a port the admin server is off.',
    example: '9090',
  },
  OPERATOR_HOST: {
    group: MONITORING,
    schema: text().default('127.0.0.1'),
    description: 'The address that the admin server listens on. `0.0.0.0` listens on all addresses.',
  },
  OPERATOR_PASSWORD: {
    group: MONITORING,
    schema: text(8).optional(),
    description: 'The password of the job board; the user is `overscan`. Without it the job board is off.',
    secret: true,
  },
  DISCORD_API: {
    group: EMULATOR,
    schema: webUrl().default('https://discord.com/api'),
    description: 'The URL of Discord’s API. Change it and the next two only to use a Discord emulator.',
  },
  DISCORD_CDN: {
    group: EMULATOR,
    schema: webUrl().default('https://cdn.discordapp.com'),
    description: 'The URL of Discord’s files.',
  },
  DISCORD_MEDIA: {
    group: EMULATOR,
    schema: webUrl().default('https://media.discordapp.net'),
    description: 'The URL of Discord’s resized pictures.',
  },
  DISCORD_OPENAPI: {
    group: EMULATOR,
    schema: text().optional(),
    description:
      'A file with Discord’s OpenAPI document, for `overscan demo`: the emulator then validates every request of the bot.',
  },
} as const satisfies Record<string, EnvVar>

export type EnvVarName = keyof typeof ENV_VARS

/** In the order of {@link ENV_VARS}. */
export const envVarNames = Object.keys(ENV_VARS) as EnvVarName[]

export function isEnvVar(name: string): name is EnvVarName {
  return Object.hasOwn(ENV_VARS, name)
}

/** Whether its value must not be shown. */
export function isSecretEnvVar(name: string): boolean {
  return isEnvVar(name) && 'secret' in ENV_VARS[name]
}

export function valueKindOf(name: EnvVarName): ConfigValueKind {
  return kinds.get(ENV_VARS[name].schema.unwrap())!
}

/** The default as text, as it is written in `.env`; undefined if there is none. */
export function defaultValueOf(name: EnvVarName): string | undefined {
  const value = ENV_VARS[name].schema.parse(undefined)
  return value === undefined ? undefined : String(value)
}

/** Like `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>

export type Config = z.infer<z.ZodObject<{ [Name in EnvVarName]: (typeof ENV_VARS)[Name]['schema'] }>>

/** One fault for each setting whose value is invalid. */
export function malformedEnvVars(environment: Environment, names: readonly EnvVarName[] = envVarNames): ConfigFault[] {
  return names.flatMap(name => {
    if (parseEnvVar(name, environment).success) return []
    return [{ kind: 'malformed', name, value: redactedValue(name, environment[name]!), expected: valueKindOf(name) }]
  })
}

/** @throws UserError `configuration-invalid` with every invalid setting */
export function parseConfig(environment: Environment): Config {
  return parseEnvVars(environment, envVarNames)
}

/** Only these settings: faults in others are ignored. @throws UserError `configuration-invalid` */
export function parseEnvVars<Name extends EnvVarName>(environment: Environment, names: readonly Name[]) {
  const faults = malformedEnvVars(environment, names)
  if (faults.length > 0) throw new UserError({ code: 'configuration-invalid', faults })
  const values = names.map(name => [name, parseEnvVar(name, environment).data] as const)
  return Object.fromEntries(values.filter(([, value]) => value !== undefined)) as Pick<Config, Name>
}

/** An empty value, like the line `DISCORD_TOKEN=`, means not set. */
function parseEnvVar(name: EnvVarName, environment: Environment) {
  return ENV_VARS[name].schema.safeParse(environment[name] || undefined)
}

/** Longer values are truncated in messages. */
const MAX_SHOWN_CHARACTERS = 60

/** The value for messages; undefined if it is secret. A URL with an @ may contain a password. */
function redactedValue(name: EnvVarName, value: string): string | undefined {
  if (isSecretEnvVar(name) || value.includes('@')) return undefined
  return value.length > MAX_SHOWN_CHARACTERS ? `${value.slice(0, MAX_SHOWN_CHARACTERS)}…` : value
}
