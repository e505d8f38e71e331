import { describe, expect, test } from 'vitest'
import { matchTonesAtBorder } from '../../../../src/inference/engines/diffusion/inpaint/seam.js'
import { filledMask, filledPixels, KEEP, PAINT } from '../../../../src/inference/image/pixels.js'
import { landscape } from '../../../contracts/engine.js'

describe('matching tones at the border', () => {
  const size = { width: 120, height: 80 }
  const known = landscape(120, 80)
  const mask = filledMask(size, KEEP)
  for (let at = 0; at < mask.data.length; at++) if (at % 120 >= 60) mask.data[at] = PAINT

  test('removes a step in tone at the border and changes nothing far away', () => {
    const grey = filledPixels(size, 100)
    // A VAE that makes everything a little darker and redder.
    const painted = { ...size, data: grey.data.map((value, at) => value - (at % 3 === 0 ? 4 : 14)) }
    const { data } = matchTonesAtBorder(painted, grey, mask)
    for (const channel of [0, 1, 2]) {
      expect(Math.abs(data[(40 * 120 + 60) * 3 + channel]! - 100)).toBeLessThanOrEqual(2)
      expect(data[(40 * 120 + 118) * 3 + channel]).toBe(painted.data[(40 * 120 + 118) * 3 + channel])
    }
  })

  test('changes neither matching pixels nor those outside the mask', () => {
    const { data } = matchTonesAtBorder(known, known, mask)
    expect(Buffer.compare(data, known.data)).toBe(0)
    const other = landscape(120, 80).data.map(value => 255 - value)
    const kept = matchTonesAtBorder({ ...size, data: other }, known, mask).data
    for (let at = 0; at < kept.length; at++) {
      if (mask.data[Math.floor(at / 3)] === KEEP) expect(kept[at]).toBe(other[at])
    }
  })
})
