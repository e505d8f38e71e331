import type { Random } from '../../random.js'
import type { Anchors } from './anchors.js'
import type { Leaning } from './field.js'
import type { Level } from './level.js'

/** Cost of copying from a whole picture's width, or height, away from where a pixel leans. */
const ACROSS = 1500
const DOWN = 8000

/** How far a seed moves what a pixel leans towards, as a share of the picture's size. */
const SWAY = 0.16

/**
 * Where pixels lean, differently for each seed: from the nearest known pixel, moved along by a smooth random wave and
 * mirrored somewhat into the picture.
 *
 * @param of any level: waves are the same on all of them
 * @param random decides the waves
 * @returns the leaning for each level of the same picture
 */
export function leaningOf(of: Level, random: Random): (level: Level, anchors: Anchors) => Leaning {
  const waves = Array.from({ length: 3 }, (_, index) => ({
    x: (random() * 2 - 1) * 2 * Math.PI * (index + 0.5),
    y: (random() * 2 - 1) * 2 * Math.PI * (index + 0.5),
    phase: random() * 2 * Math.PI,
    other: random() * 2 * Math.PI,
    height: SWAY / (index + 1),
  }))
  const depth = 0.2 + 0.6 * random()
  const aspect = of.width / of.height
  return ({ width, height, known }, { nearest }) => {
    const x = new Float32Array(width * height)
    const y = new Float32Array(width * height)
    for (let at = 0; at < known.length; at++) {
      const px = at % width
      const py = (at - px) / width
      const ax = nearest[at]! % width
      const ay = Math.floor(nearest[at]! / width)
      let across = 0
      let down = 0
      for (const wave of waves) {
        const angle = wave.x * (px / width) + wave.y * (py / height / aspect)
        across += wave.height * Math.sin(angle + wave.phase)
        down += (wave.height / 4) * Math.sin(angle + wave.other)
      }
      x[at] = ax + (ax - px) * depth + across * width
      y[at] = ay + (ay - py) * depth + down * height
    }
    return { x, y, across: ACROSS, down: DOWN }
  }
}
