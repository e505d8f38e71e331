import { formatCustomId } from '../../src/bot/custom-id.js'
import { setPngTexts } from '../../src/inference/image/png-texts.js'
import { sharp } from '../../src/inference/image/sharp.js'
import { graphBuilder } from '../../src/inference/onnx/graph-builder.js'
import { formatParameters, type Recipe } from '../../src/inference/pipeline/recipe.js'
import { HOSTILE_PICTURES } from '../../test/support/hostile-pictures.js'
import { mutate, mutateText, randomNumbers } from './mutate.js'

/** What reaches the bot from outside. */
export type HostileInput =
  | { readonly kind: 'picture'; readonly name: string; readonly bytes: Uint8Array }
  /** Made where it is used: it may have 64 MB. */
  | { readonly kind: 'crafted picture'; readonly name: string; readonly index: number }
  | { readonly kind: 'mask'; readonly name: string; readonly bytes: Uint8Array; readonly picture: Uint8Array }
  | { readonly kind: 'model'; readonly name: string; readonly bytes: Uint8Array; readonly extension: string }
  | { readonly kind: 'recipe'; readonly name: string; readonly text: string }
  | { readonly kind: 'custom id'; readonly name: string; readonly text: string }
  | { readonly kind: 'request'; readonly name: string; readonly text: string }

/** Of a hundred inputs. Masks start decoders and so take longest. */
const SHARES = [
  ['picture', 55],
  ['mask', 5],
  ['model', 8],
  ['recipe', 10],
  ['custom id', 10],
  ['request', 12],
] as const

const RECIPE: Recipe = {
  edit: { kind: 'zoom', factor: 1.5, grow: false },
  old: { x: 0, y: 0, width: 8, height: 8 },
  prompt: 'a lighthouse by the sea',
  seed: 7,
  engine: 'fill',
  source: '0123456789abcdef',
}

/** Small whole files of every format that is read, with profiles, EXIF and texts. */
async function seedPictures(): Promise<Map<string, Buffer>> {
  const data = Buffer.from(Array.from({ length: 48 * 32 * 3 }, (_, at) => (at * 7919) & 255))
  const base = () =>
    sharp(data, { raw: { width: 48, height: 32, channels: 3 } })
      .withIccProfile('p3')
      .withExif({ IFD0: { Software: 'x', Orientation: '6' } })
  const files = new Map<string, Buffer>()
  for (const format of ['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const) {
    files.set(format, await base().toFormat(format).toBuffer())
  }
  files.set('progressive jpeg', await base().jpeg({ progressive: true }).toBuffer())
  files.set('lossless webp', await base().webp({ lossless: true }).toBuffer())
  files.set('tiled tiff', await base().tiff({ tile: true, compression: 'lzw' }).toBuffer())
  files.set('png with a recipe', setPngTexts(files.get('png')!, { parameters: formatParameters(RECIPE, RECIPE.old) }))
  files.set('png with transparency', await base().ensureAlpha(0.5).png({ palette: true }).toBuffer())
  return files
}

/** A checkpoint of one tensor, and a graph of one node. */
function seedModels(): Map<string, Buffer> {
  const header = JSON.stringify({
    __metadata__: { format: 'pt' },
    'model.diffusion_model.input_blocks.0.0.weight': { dtype: 'F16', shape: [4, 4], data_offsets: [0, 32] },
  })
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(header.length))
  const graph = graphBuilder('eraser', '/')
  graph.output('y', graph.node('Relu', [graph.input('x', 'F32', ['count'])]), 'F32', ['count'])
  return new Map([
    ['.safetensors', Buffer.concat([length, Buffer.from(header), Buffer.alloc(32)])],
    ['.onnx', Buffer.from(graph.bytes())],
  ])
}

/** @param token of a link to the editor */
function seedRequests(token: string): readonly string[] {
  const authorization = `Authorization: Bearer ${token}\r\n`
  const form = '--x\r\nContent-Disposition: form-data; name="request"\r\n\r\n{"edit":{"kind":"inpaint"}}\r\n--x--\r\n'
  const post = (type: string, body: string, more = '') =>
    `POST /api/drawing HTTP/1.1\r\nHost: 127.0.0.1\r\n${more}Content-Type: ${type}\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`
  return [
    'GET / HTTP/1.0\r\n\r\n',
    'GET /paint HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n',
    'GET /../../etc/passwd HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n',
    `GET /api/drawing HTTP/1.1\r\nHost: 127.0.0.1\r\n${authorization}Connection: close\r\n\r\n`,
    `GET /api/drawing/jobs/1/pictures/0 HTTP/1.1\r\nHost: 127.0.0.1\r\n${authorization}Connection: close\r\n\r\n`,
    post('multipart/form-data; boundary=x', form, authorization),
    post('multipart/form-data; boundary=y', form, authorization),
    post('multipart/form-data; boundary=x', form),
    post('text/plain', 'no form', authorization),
    post('application/json', '{}', authorization),
    post('multipart/form-data', '', authorization),
  ]
}

/**
 * @param count how many; each crafted picture is one of them
 * @param token of a link to the editor
 */
export async function* hostileInputs(count: number, token: string): AsyncGenerator<HostileInput> {
  const pictures = [...(await seedPictures())]
  const models = [...seedModels()]
  const requests = seedRequests(token)
  const ids = [
    formatCustomId({ on: 'picture', kind: 'delete', index: 0, owner: '1' }),
    formatCustomId({ on: 'job', kind: 'cancel', job: '12', owner: '1' }),
    formatCustomId({ on: 'message', kind: 'region', channel: '1', message: '2', owner: '3' }),
  ]
  const picture = (await seedPictures()).get('png')!
  const crafted = HOSTILE_PICTURES.map(({ name }, index) => ({ kind: 'crafted picture', name, index }) as const)
  yield* crafted.slice(0, count)
  for (let index = crafted.length; index < count; index++) {
    const random = randomNumbers(index)
    const pick = <T>(all: readonly T[]) => all[random(all.length)]!
    const [name, file] = pick(pictures)
    switch (kindAt(random(100))) {
      case 'picture':
        yield { kind: 'picture', name, bytes: mutate(file, pick(pictures)[1], random) }
        break
      case 'mask':
        yield { kind: 'mask', name, bytes: mutate(file, pick(pictures)[1], random), picture }
        break
      case 'model': {
        const [extension, model] = pick(models)
        yield { kind: 'model', name: extension, extension, bytes: mutate(model, pick(models)[1], random) }
        break
      }
      case 'recipe':
        yield { kind: 'recipe', name: 'parameters', text: mutateText(formatParameters(RECIPE, RECIPE.old), random) }
        break
      case 'custom id':
        yield { kind: 'custom id', name: 'custom id', text: mutateText(pick(ids), random) }
        break
      case 'request': {
        const request = Buffer.from(pick(requests), 'latin1')
        yield { kind: 'request', name: 'HTTP', text: mutate(request, request, random).toString('latin1') }
        break
      }
    }
  }
}

function kindAt(percent: number): (typeof SHARES)[number][0] {
  let left = percent
  for (const [kind, share] of SHARES) {
    if (left < share) return kind
    left -= share
  }
  return 'picture'
}
