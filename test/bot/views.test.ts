import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { blockQuote, parseBlockQuote } from '../../src/bot/views/block-quote.js'
import { confirmationView } from '../../src/bot/views/confirmation-view.js'
import { type MessageView, textView } from '../../src/bot/views/message-view.js'
import {
  customZoomModal,
  extendModal,
  fitModal,
  maskModal,
  remixModal,
  whichPictureModal,
} from '../../src/bot/views/modal-views.js'
import { objectsView } from '../../src/bot/views/objects-view.js'
import { progressView } from '../../src/bot/views/progress-view.js'
import { originalView, type PaintedFile, resultView } from '../../src/bot/views/result-view.js'
import { createOpenApiValidator } from '../../src/discord-emulator/openapi.js'
import { messageErrors, modalErrors } from '../../src/discord-emulator/validate.js'
import { type Translations, translationsByLanguage } from '../../src/i18n/i18n.js'
import type { Edit } from '../../src/inference/pipeline/edit.js'
import { shared, testWithShared } from '../support/shared.js'

const owner = '18446744073709551615'
const DOCUMENT = 'reference/discord-openapi.json'
const none = { pixels: 0 }

const edits: Edit[] = [
  { kind: 'zoom', factor: 1.5, grow: true, aspect: { width: 16, height: 9 } },
  { kind: 'extend', left: { percent: 12.5 }, right: { pixels: 999 }, top: { percent: 50 }, bottom: none },
  { kind: 'inpaint', area: 'whole', padding: 32, blur: 0 },
  { kind: 'vary', strength: 'subtle' },
]

function paintedFile(index: number, edit: Edit, prompt: string): PaintedFile {
  const recipe = {
    edit,
    old: { x: 0, y: 0, width: 1, height: 1 },
    prompt,
    seed: 2 ** 32 - 1,
    engine: 'fill',
    source: '',
  }
  return { name: `overscan-${index + 1}.png`, bytes: Uint8Array.of(1), recipe, width: 96, height: 64 }
}

/** Every kind of message, as large as it gets. */
function messages(t: Translations): MessageView[] {
  const prompt = '_*`|>[x](y)'.repeat(200)
  const options = { t, owner, spoiler: true, notes: ['3.2 s', `<@${owner}>`, t.result.cannotPost], hiddenFiles: [] }
  const confirmation = {
    action: 'inpaint' as const,
    certain: false,
    scaled: true,
    overlay: Uint8Array.of(1),
    coverage: 0.004,
    spoiler: true,
  }
  const maskFile = { attachment: Buffer.of(1), name: 'mask.png' }
  const sheet = { attachment: Buffer.of(1), name: 'objects.png' }
  const menu = { shares: Array.from({ length: 24 }, (_, index) => 0.9 / (index + 1)), chosen: [1, 24] }
  const about = { job: owner, owner, spoiler: true }
  return [
    ...edits.flatMap(edit => [
      resultView(
        [0, 1, 2, 3].map(index => paintedFile(index, edit, prompt)),
        options,
      ),
      resultView([paintedFile(0, edit, prompt)], options),
      progressView({ ...about, edit }, { state: 'waiting', position: 1, waitMs: 90_000 }, t, Date.now()),
      progressView({ ...about, edit }, { state: 'waiting', position: 12, paused: true }, t, Date.now()),
      progressView({ ...about, edit }, { state: 'running', progress: 0.5, preview: Uint8Array.of(1) }, t, Date.now()),
    ]),
    originalView({ ...paintedFile(0, edits[0]!, ''), name: 'original.jpg', recipe: undefined }, options),
    ...(['black-and-white', 'transparent', 'layer', 'marked', 'cells'] as const).map(kind =>
      confirmationView({ ...confirmation, kind, pictureCount: 4, index: 2 }, [maskFile], owner, t),
    ),
    objectsView(menu, { overlay: Uint8Array.of(1), spoiler: true }, sheet, owner, t),
    confirmationView(
      { ...confirmation, kind: 'objects', objects: menu, pictureCount: 4, index: 2 },
      [maskFile, sheet],
      owner,
      t,
    ),
    textView('x'.repeat(9000)),
  ]
}

function modals(t: Translations) {
  const action = { on: 'message', kind: 'region', channel: owner, message: owner, owner } as const
  const long = 'x'.repeat(2000)
  return [
    customZoomModal(action, long, t),
    remixModal(action, '', t),
    maskModal(action, { pictureCount: 10, prompt: undefined, findsObjects: false }, t),
    maskModal(action, { pictureCount: 10, prompt: long, findsObjects: true }, t),
    extendModal(action, 10, t),
    whichPictureModal({ ...action, kind: 'zoom' }, 2, t),
    whichPictureModal({ ...action, kind: 'square' }, 2, t),
    whichPictureModal({ ...action, kind: 'objects' }, 2, t),
    fitModal({ ...action, kind: 'fit' }, 2, t),
  ].map(modal => modal.toJSON())
}

const toBody = ({ components, flags, allowedMentions: { parse } }: MessageView) => ({
  components: components.map(component => component.toJSON()),
  flags,
  allowed_mentions: { parse },
})

describe.each(Object.entries(translationsByLanguage))('messages and modals in %s', (_, t) => {
  test('keep the rules that no schema expresses', () => {
    for (const view of messages(t)) {
      const files = view.files.map(({ name }) => name)
      expect(messageErrors(toBody(view) as never, true, files)).toEqual([])
    }
    for (const modal of modals(t)) expect(modalErrors(modal as never)).toEqual([])
  })

  testWithShared(DOCUMENT, 'match Discord’s OpenAPI document', async () => {
    const oracle = createOpenApiValidator(shared(DOCUMENT))
    for (const view of messages(t)) expect(oracle.request('POST', '/channels/1/messages', toBody(view))).toEqual([])
    for (const data of modals(t)) {
      expect(oracle.request('POST', '/interactions/1/token/callback', { type: 9, data })).toEqual([])
    }
  })
})

test('any text comes back from its block quote', () => {
  const texts = fc.string({ unit: fc.constantFrom(...'ab1 \\*_~`|>#-[]()<@:.+!{}äあ🎨\n'.split('')) })
  fc.assert(
    fc.property(texts, text => {
      expect(parseBlockQuote(`**Zoom**\n${blockQuote(text)}\n-# seed 1`)).toBe(text)
    }),
  )
})
