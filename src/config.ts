import { z } from 'zod'
import { ProblemError } from './problem.js'

const url = z.url({ protocol: /^https?$/ }).transform(text => text.replace(/\/+$/, ''))

/** Every setting that the environment (or `.env`) can hold; `.env.example` explains them to people. */
const schema = z.object({
  DISCORD_TOKEN: z.string().min(1).optional(),
  DISCORD_CLIENT_SECRET: z.string().min(1).optional(),
  DISCORD_API: url.default('https://discord.com/api'),
  DISCORD_CDN: url.default('https://cdn.discordapp.com'),
  DISCORD_MEDIA: url.default('https://media.discordapp.net'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
  DATA_FOLDER: z.string().min(1).default('data'),
  PERSON_PICTURES_PER_HOUR: z.coerce.number().int().min(1).optional(),
  SERVER_PICTURES_PER_HOUR: z.coerce.number().int().min(1).optional(),
  QUEUE_LIMIT_PER_PERSON: z.coerce.number().int().min(1).max(10_000).default(10),
  QUEUE_LIMIT_PER_SERVER: z.coerce.number().int().min(1).max(10_000).optional(),
  QUEUE_LIMIT: z.coerce.number().int().min(1).max(10_000).default(100),
  REDIS_URL: z.url({ protocol: /^rediss?$/ }).optional(),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  OPERATOR_PORT: z.coerce.number().int().min(1).max(65_535).optional(),
  OPERATOR_HOST: z.string().min(1).default('127.0.0.1'),
  OPERATOR_PASSWORD: z.string().min(8).optional(),
  PAGES_PORT: z.coerce.number().int().min(1).max(65_535).optional(),
  PAGES_HOST: z.string().min(1).default('127.0.0.1'),
  PUBLIC_URL: url.optional(),
  STOP_SECONDS: z.coerce.number().int().min(0).max(3600).default(30),
  PICTURE_FOLDER: z.string().min(1).optional(),
  MODEL_FOLDER: z.string().min(1).optional(),
  DEVICE: z
    .string()
    .regex(/^(?:(?:cuda|dml)(?::\d{1,2})?|coreml|webgpu|cpu)(?:,(?:(?:cuda|dml)(?::\d{1,2})?|coreml|webgpu|cpu))*$/, {
      error:
        'It can be cuda, dml, coreml, webgpu or cpu; cuda:1 is the second card, and several stand with commas between',
    })
    .transform(text => text.split(','))
    .optional(),
})

export type Config = z.infer<typeof schema>

/** The names of all of them. */
export const SETTINGS: readonly string[] = Object.keys(schema.shape)

/** @throws ProblemError `setting-wrong` with every setting that is */
export function parseConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  // A line like `DISCORD_TOKEN=` in .env means: not set.
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''))
  const result = schema.safeParse(set)
  if (result.success) return result.data
  const detail = result.error.issues.map(issue => `${issue.path.join('.')}: ${issue.message}`).join('; ')
  throw new ProblemError({ code: 'setting-wrong', detail })
}
