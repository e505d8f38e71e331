import { readFileSync } from 'node:fs'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'

type Schema = { [key: string]: unknown }
type Operation = { path: string; pattern: RegExp; methods: Schema; literals: number }

/** Validates bodies against Discord's OpenAPI document. */
export type OpenApiValidator = {
  /** The errors of a JSON request body; none for operations that the document lacks. */
  request(method: string, path: string, body: unknown): string[]
  /** The errors of a response: an undocumented status, or those of its body. */
  response(method: string, path: string, status: number, body: unknown): string[]
}

/** Keys that discord.js sends with every message. Discord accepts them; the document lacks them. */
const CLIENT_KEYS = { tts: { type: 'boolean' }, enforce_nonce: { type: 'boolean' }, nonce: {} }

/** Keys that discord.js sends for an attachment that an edit keeps, in addition to its id. */
const KEPT_ATTACHMENT_KEYS = [
  'attachment',
  'name',
  'size',
  'url',
  'proxyURL',
  'height',
  'width',
  'contentType',
  'ephemeral',
  'duration',
  'flags',
]

/**
 * Keys that Discord documents and the OpenAPI document lacks, by schema. Valid requests were seen to need each of
 * them.
 */
const UNDOCUMENTED_KEYS: Record<string, Schema> = {
  ApplicationCommandCreateRequest: { nsfw: { type: ['boolean', 'null'] } },
  ApplicationCommandUpdateRequest: { nsfw: { type: ['boolean', 'null'] } },
  ApplicationCommandPatchRequestPartial: { nsfw: { type: ['boolean', 'null'] } },
  ApplicationCommandAttachmentOption: { file_types: { type: 'array', maxItems: 10, items: { type: 'string' } } },
  FileUploadComponentForModalRequest: { file_types: { type: 'array', maxItems: 10, items: { type: 'string' } } },
  MessageAttachmentRequest: Object.fromEntries(KEPT_ATTACHMENT_KEYS.map(key => [key, {}])),
  ComponentEmojiForRequest: { animated: { type: 'boolean' } },
  IncomingWebhookUpdateRequestPartial: CLIENT_KEYS,
  IncomingWebhookInteractionRequest: CLIENT_KEYS,
  IncomingWebhookUpdateForInteractionCallbackRequestPartial: CLIENT_KEYS,
  IncomingWebhookRequestPartial: CLIENT_KEYS,
  MessageEditRequestPartial: CLIENT_KEYS,
}

/** @param file Discord's OpenAPI 3.1 document as JSON */
export function createOpenApiValidator(file: string): OpenApiValidator {
  const text = readFileSync(file, 'utf8')
  const open = JSON.parse(text)
  const strict = JSON.parse(text)
  closeObjects(strict)
  allowErrorNames(open)
  allowForwards(open)
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

  /** A reference to the schema of a body; undefined if there is none. */
  function schemaAt(where: readonly string[]): string | undefined {
    let pointer = [...where]
    let node: unknown = open
    for (const part of where) node = (node as Schema | undefined)?.[part]
    const shared = (node as Schema | undefined)?.$ref
    if (typeof shared === 'string') pointer = shared.split('/').slice(1)
    pointer.push('content', 'application/json', 'schema')
    const there = pointer.reduce<unknown>((at, part) => (at as Schema | undefined)?.[part], open)
    const path = pointer.map(part => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')
    return there ? `discord#/${path}` : undefined
  }

  function check(direction: 'request' | 'response', where: readonly string[], body: unknown): string[] {
    const key = [direction, ...where].join(' ')
    if (!compiled.has(key)) {
      const $ref = schemaAt(where)
      compiled.set(key, $ref === undefined ? undefined : ajvs[direction].compile({ $ref }))
    }
    const validate = compiled.get(key)
    if (!validate || validate(body)) return []
    // With several alternatives, the deepest error belongs to the one that was meant.
    const errors = [...(validate.errors ?? [])].sort((one, other) => depth(other) - depth(one))
    return errors.slice(0, 8).map(error => {
      const extra = 'additionalProperty' in error.params ? `: ${error.params.additionalProperty}` : ''
      return `${error.instancePath || '/'} ${error.message}${extra}`
    })
  }

  const operationOf = (method: string, path: string) => {
    const found = operations.find(one => one.pattern.test(path) && one.methods[method.toLowerCase()])
    return found && ['paths', found.path, method.toLowerCase()]
  }

  return {
    request(method, path, body) {
      const operation = operationOf(method, path)
      return operation ? check('request', [...operation, 'requestBody'], body) : []
    },
    response(method, path, status, body) {
      const operation = operationOf(method, path)
      if (!operation || status >= 500) return []
      const answers = operation.reduce<unknown>((at, part) => (at as Schema)[part], open) as { responses: Schema }
      const kind = [String(status), `${String(status)[0]}XX`].find(one => one in answers.responses)
      if (kind === undefined) return [`/ the status ${status} is not documented`]
      return body === undefined ? [] : check('response', [...operation, 'responses', kind], body)
    },
  }
}

function depth({ instancePath }: { instancePath: string }): number {
  return instancePath.split('/').length
}

function makeAjv(document: Schema): Ajv2020 {
  const ajv = new Ajv2020({ strict: false, allErrors: false, validateFormats: true })
  addFormats.default(ajv)
  ajv.addFormat('snowflake', /^(0|[1-9][0-9]*)$/)
  ajv.addFormat('nonce', /^.{0,25}$/s)
  ajv.addSchema(document, 'discord')
  return ajv
}

/** Discord's `errors` have names as codes, like `BASE_TYPE_BAD_LENGTH`; the document says numbers. */
function allowErrorNames({ components }: { components: { schemas: Record<string, Schema> } }): void {
  const code = { type: ['string', 'integer'] }
  const items = { type: 'object', properties: { code, message: { type: 'string' } }, required: ['code', 'message'] }
  Object.assign(components.schemas.InnerErrors!.properties as Schema, { _errors: { type: 'array', items } })
}

/** A forward's reference has the type 1, which Discord documents; the OpenAPI document has 0 alone. */
function allowForwards({ components }: { components: { schemas: Record<string, Schema> } }): void {
  components.schemas.MessageReferenceType = { type: 'integer', enum: [0, 1] }
}

/**
 * The document allows additional properties, so a misspelt key would pass. Forbid them in the schemas of requests, except
 * in the parts of an `allOf`, which would exclude each other; then add what the document lacks.
 */
function closeObjects(document: {
  components: { schemas: Record<string, Schema> }
  paths: Record<string, Schema>
}): void {
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
    Object.assign(schema.properties, UNDOCUMENTED_KEYS[name])
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
