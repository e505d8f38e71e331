import { expect, test, vi } from 'vitest'
import { fillEngine } from '../../../../src/inference/engines/fill/engine.js'
import { createCanvas } from '../../../../src/inference/pipeline/canvas.js'
import { layoutCanvas } from '../../../../src/inference/pipeline/layout.js'
import { engineContract, landscape } from '../../../contracts/engine.js'

engineContract('the fill engine', () => fillEngine('fill'))
engineContract('its exemplar-based method', () => fillEngine('fill:exemplar'))
engineContract('its texture synthesis', () => fillEngine('fill:texture'))
engineContract('its diffusion-based method', () => fillEngine('fill:pde'))

test('a thread that waits for the next picture frees its memory', async () => {
  const layout = layoutCanvas({ kind: 'zoom', factor: 1.5, grow: false }, { width: 1536, height: 1536 })
  const canvas = createCanvas(layout, landscape(layout.old.width, layout.old.height))
  const engine = fillEngine('fill')
  const task = { prompt: '', seeds: [1], isDraft: true, signal: new AbortController().signal, onProgress: () => {} }
  await engine.paint(canvas, task)
  const { rss } = process.memoryUsage()
  await vi.waitFor(() => expect(rss - process.memoryUsage().rss).toBeGreaterThan(50e6), 20_000)
  await engine.close()
})
