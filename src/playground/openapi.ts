import { readFileSync } from 'node:fs'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'

type Schema = { [key: string]: unknown }
type Operation = { path: string; pattern: RegExp; methods: Schema; literals: number }

/** Checks bodies against Discord's OpenAPI document. */
export type Oracle = {
  /** What is wrong with a JSON request body; nothing for operations that the document does not know. */
  request(method: string, path: string, body: unknown): string[]
  /** What is wrong with a JSON response body. */
  response(method: string, path: string, status: number, body: unknown): string[]
}

/** Keys that discord.js sends with every message, which Discord takes although the document does not list them. */
const SENT_BY_ALL = { tts: { type: 'boolean' }, enforce_nonce: { type: 'boolean' }, nonce: {} }

/**
 * Keys that the document lacks although Discord documents them, by schema; each was seen to be needed by requests that
 * are right.
 */
const MISSING: Record<string, Schema> = {
  ApplicationCommandCreateRequest: { nsfw: { type: ['boolean', 'null'] } },
  ApplicationCommandUpdateRequest: { nsfw: { type: ['boolean', 'null'] } },
  ApplicationCommandPatchRequestPartial: { nsfw: { type: ['boolean', 'null'] } },
  ApplicationCommandAttachmentOption: { file_types: { type: 'array', maxItems: 10, items: { type: 'string' } } },
  ComponentEmojiForRequest: { animated: { type: 'boolean' } },
  IncomingWebhookUpdateRequestPartial: SENT_BY_ALL,
  IncomingWebhookInteractionRequest: SENT_BY_ALL,
  IncomingWebhookUpdateForInteractionCallbackRequestPartial: SENT_BY_ALL,
  IncomingWebhookRequestPartial: SENT_BY_ALL,
  MessageEditRequestPartial: SENT_BY_ALL,
}

/** @param file Discord's OpenAPI 3.1 document as JSON */
export function openapiOracle(file: string): Oracle {
  const text = readFileSync(file, 'utf8')
  const open = JSON.parse(text)
  const strict = JSON.parse(text)
  close(strict)
  const ajvs = { request: makeAjv(strict), response: makeAjv(open) }
  const compiled = new Map<string, ValidateFunction | undefined>()

  const operations: Operation[] = Object.entries(open.paths as Schema).map(([path, methods]) => ({
    path,
    pattern: new RegExp(`^${path.replaceAll(/\{[^}]+\}/g, '[^/]+')}$`),
    methods: methods as Schema,
    literals: path.split('/').filter(part => !part.startsWith('{')).length,
  }))
  // `/messages/@original` before `/messages/{id}`.
  operations.sort((one, other) => other.literals - one.literals)

  function check(direction: 'request' | 'response', method: string, path: string, where: string[], body: unknown) {
    const operation = operations.find(one => one.pattern.test(path) && one.methods[method.toLowerCase()])
    if (!operation) return []
    const pointer = ['paths', operation.path, method.toLowerCase(), ...where, 'content', 'application/json', 'schema']
    const key = pointer.map(part => part.replaceAll('~', '~0').replaceAll('/', '~1')).join('/')
    if (!compiled.has(direction + key)) {
      const there = pointer.reduce<unknown>((at, part) => (at as Schema | undefined)?.[part], open)
      const ref = `discord#/${key.split('/').map(encodeURIComponent).join('/')}`
      compiled.set(direction + key, there ? ajvs[direction].compile({ $ref: ref }) : undefined)
    }
    const validate = compiled.get(direction + key)
    if (!validate || validate(body)) return []
    return (validate.errors ?? []).map(error => {
      const extra = 'additionalProperty' in error.params ? `: ${error.params.additionalProperty}` : ''
      return `${error.instancePath || '/'} ${error.message}${extra}`
    })
  }

  return {
    request: (method, path, body) => check('request', method, path, ['requestBody'], body),
    response: (method, path, status, body) => check('response', method, path, ['responses', String(status)], body),
  }
}

function makeAjv(document: Schema): Ajv2020 {
  const ajv = new Ajv2020({ strict: false, allErrors: false, validateFormats: true })
  addFormats.default(ajv)
  ajv.addFormat('snowflake', /^(0|[1-9][0-9]*)$/)
  ajv.addFormat('nonce', /^.{0,25}$/s)
  ajv.addSchema(document, 'discord')
  return ajv
}

/**
 * The document leaves objects open, so that a misspelt key passes. Close those that requests reach, except the parts
 * of an `allOf`, which would exclude each other; then add what the document lacks.
 */
function close(document: { components: { schemas: Record<string, Schema> }; paths: Record<string, Schema> }): void {
  const { schemas } = document.components
  const reached = new Set<string>()
  const composed = new Set<string>()
  const walk = (node: unknown, inAllOf: boolean): void => {
    if (Array.isArray(node)) for (const one of node) walk(one, inAllOf)
    else if (node && typeof node === 'object') {
      for (const [key, value] of Object.entries(node)) {
        if (key !== '$ref') walk(value, key === 'allOf')
        else {
          const name = String(value).split('/').at(-1)!
          if (inAllOf) composed.add(name)
          if (reached.has(name)) continue
          reached.add(name)
          walk(schemas[name], false)
        }
      }
    }
  }
  for (const methods of Object.values(document.paths)) {
    for (const operation of Object.values(methods) as Schema[]) {
      const content = (operation.requestBody as Schema | undefined)?.content as Schema | undefined
      walk((content?.['application/json'] as Schema | undefined)?.schema, false)
    }
  }
  for (const name of reached) {
    const schema = schemas[name]!
    if (!schema.properties || composed.has(name)) continue
    Object.assign(schema.properties, MISSING[name])
    const { default_member_permissions: permissions } = schema.properties as Schema
    if (permissions)
      Object.assign(permissions, {
        oneOf: undefined,
        anyOf: undefined,
        type: ['string', 'integer', 'null'],
        minimum: undefined,
      })
    for (const key of Object.keys((permissions as Schema | undefined) ?? {})) {
      if ((permissions as Schema)[key] === undefined) delete (permissions as Schema)[key]
    }
    schema.additionalProperties ??= false
  }
}
