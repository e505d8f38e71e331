import { z } from 'zod'
import { type ConfigFault, type ConfigValueKind, UserError } from './user-error.js'

/** What values each schema accepts, for messages and docs. Read by {@link valueKindOf}. */
const kinds = z.registry<ConfigValueKind>()

const text = (minLength = 1) => z.string().min(minLength).register(kinds, { kind: 'text', minLength })
/** Secrets are sent in HTTP headers. Discord's token may follow the word that its documentation puts before it. */
const ascii = () =>
  z
    .string()
    .regex(/^(?:Bot )?[\x21-\x7e]+$/)
    .register(kinds, { kind: 'ascii' })
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
/** One or more servers, or sentinels: `parseRedisUrl` explains it. */
const redisUrl = () =>
  z
    .string()
    .refine(isRedisUrl)
    .register(kinds, { kind: 'url', schemes: ['redis', 'rediss', 'redis+sentinel', 'rediss+sentinel'] })
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

/** The shards of this process, as ids, and the number of shards of all processes. */
export type ShardRange = { readonly ids: readonly number[]; readonly total: number }

/** Discord's limit is far above what any bot needs: a shard serves up to 2,500 servers. */
const MAX_SHARDS = 4096

const shards = () =>
  z
    .string()
    .transform((text, context) => parseShards(text) ?? invalid(context))
    .register(kinds, { kind: 'shards' })

function invalid(context: z.RefinementCtx<string>): never {
  context.issues.push({ code: 'custom', input: context.value, message: 'invalid' })
  return z.NEVER
}

/** `auto`, `4` (all of 4), `2/16` (one of 16) or `0-3/16`. */
function parseShards(text: string): ShardRange | 'auto' | undefined {
  if (text === 'auto') return text
  const [, first, last, total] = (/^(?:(\d{1,4})(?:-(\d{1,4}))?\/)?(\d{1,4})$/.exec(text) ?? []).map(Number)
  if (total === undefined || total < 1 || total > MAX_SHARDS) return undefined
  const [from, to] = Number.isNaN(first) ? [0, total - 1] : [first!, Number.isNaN(last) ? first! : last!]
  if (from > to || to >= total) return undefined
  return { ids: Array.from({ length: to - from + 1 }, (_, index) => from + index), total }
}

function isRedisUrl(value: string): boolean {
  const sentinels = /^rediss?\+sentinel:\/\/(?:[^@/\s]*@)?([^@/\s]+)\/[^/?\s]+(?:\/\d+)?(?:\?\S*)?$/.exec(value)
  if (sentinels) return sentinels[1]!.split(',').every(host => URL.canParse(`redis://${host}`))
  return value.split(/\s*,\s*(?=rediss?:)/).every(one => {
    if (!/^rediss?:\/\/./.test(one) || !URL.canParse(one)) return false
    const { hostname, pathname } = new URL(one)
    return !hostname.includes(',') && /^(?:\/\d*)?$/.test(pathname)
  })
}

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
    schema: ascii().optional(),
    description:
      'The bot’s token, from https://discord.com/developers/applications → your application → Bot → Reset Token. Without it `npm start` opens the playground in the browser.',
    secret: true,
    required: true,
  },
  DISCORD_CLIENT_SECRET: {
    group: DISCORD,
    schema: ascii().optional(),
    description:
      'The application’s client secret, from its OAuth2 page. With it and `PUBLIC_URL`, Vary (Region) opens the editor inside Discord (see docs/operating.md). Without it the editor opens in the browser.',
    secret: true,
  },
  SHARDS: {
    group: DISCORD,
    schema: shards().default('auto'),
    description:
      'The gateway connections (shards) of this process. `auto` opens as many as Discord recommends. A bot in very many servers can run as several processes that share `REDIS_URL` or `DATABASE_URL`: `0-3/16` opens shards 0 to 3 of 16 (see docs/scaling.md).',
  },
  BOT_STATUS: {
    group: DISCORD,
    schema: choice('on', 'off').default('on'),
    description: 'Whether the bot’s status in Discord shows which models paint, and how many requests wait.',
  },
  MODEL_FOLDER: {
    group: MODELS,
    schema: text().default('models'),
    description:
      'The folder with Stable Diffusion models: checkpoints (.safetensors), and folders in the layout of diffusers or Optimum.',
  },
  MODEL: {
    group: MODELS,
    schema: text().optional(),
    description:
      'The model that paints where neither the request nor `/settings defaults` names one: an installed model, or `fill`. Default: the best installed model for each request.',
    example: 'fill',
  },
  DEVICE: {
    group: MODELS,
    schema: devices().optional(),
    description:
      'The device that runs models. Default: the first one that works. Name several to paint on several cards at once: `cuda:0,cuda:1`.',
  },
  CUDA_FOLDER: {
    group: MODELS,
    schema: text().optional(),
    description:
      'The folder for the CUDA libraries that `overscan setup cuda` downloads. Default: the folder cuda in `DATA_FOLDER`.',
    example: 'data/cuda',
  },
  PYPI_ENDPOINT: {
    group: MODELS,
    schema: webUrl().default('https://pypi.org/simple'),
    description: 'The URL of the package index for the same command. Change it to use a mirror.',
  },
  HF_TOKEN: {
    group: MODELS,
    schema: ascii().optional(),
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
    schema: ascii().optional(),
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
    schema: redisUrl().optional(),
    description:
      'A Redis 7 or Valkey server that all machines can reach. The queue is stored there, and `overscan worker` can paint on other machines. Clusters, sentinels and TLS: see docs/scaling.md.',
    example: 'redis://127.0.0.1:6379',
    secret: true,
  },
  REDIS_CA: {
    group: STORAGE,
    schema: text().optional(),
    description:
      'A file with the certificates (PEM) of the authority that signed the certificate of Redis, for `rediss://`. Default: the public authorities that Node knows.',
    example: 'redis-ca.pem',
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
  UPDATE_NOTICE: {
    group: MONITORING,
    schema: choice('on', 'off').default('on'),
    description:
      'Whether a newer version of Overscan is announced: in a terminal after a command, and in the log of a bot or worker. For it, the npm registry is asked at most once a day. Never in CI.',
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

/** The values of all secret settings, and of those that may hold a password. */
export function secretValues(environment: Environment): string[] {
  const names = envVarNames.filter(name => isSecretEnvVar(name) || environment[name]?.includes('@'))
  return names.flatMap(name => environment[name] || [])
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
  return names.flatMap((name): ConfigFault[] => {
    const mark = quotationMarkOf(environment[name] ?? '')
    if (mark !== undefined) return [{ kind: 'quotes', name, mark }]
    if (parseEnvVar(name, environment).success) return []
    return [{ kind: 'malformed', name, value: redactedValue(name, environment[name]!), expected: valueKindOf(name) }]
  })
}

/** Word processors write these. dotenv takes only straight quotes away, and Docker's `--env-file` not even those. */
const TYPOGRAPHIC_QUOTES = /^[“”„‟«»‘’‚‛‹›″′]|[“”„‟«»‘’‚‛‹›″′]$/
const STRAIGHT_QUOTES = /^(["']).*\1$/s

/** A quotation mark around the value that would become part of it; undefined if there is none. */
function quotationMarkOf(value: string): string | undefined {
  return TYPOGRAPHIC_QUOTES.exec(value)?.[0] ?? STRAIGHT_QUOTES.exec(value)?.[1]
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
