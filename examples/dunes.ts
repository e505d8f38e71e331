import { blend, type Light, scaled } from './light.js'
import { fbm, mix, noise, step } from './noise.js'

const MOON = { x: 1.07, y: 0.2, radius: 0.075 }

/**
 * Dunes under a moon, after sunset, with the tracks of somebody who walked there.
 *
 * @param x from 0 at the left to 1.5 at the right
 * @param y from 0 at the top to 1 at the bottom
 */
export function dunes(x: number, y: number): Light {
  let light = sky(x, y)
  for (const dune of DUNES) light = sand(x, y, dune, light)
  return light
}

type Dune = {
  readonly top: number
  readonly tilt: number
  readonly swing: number
  readonly seed: number
  readonly near: number
}

const DUNES: readonly Dune[] = [
  { top: 0.56, tilt: -0.03, swing: 0.07, seed: 3, near: 0 },
  { top: 0.62, tilt: 0.05, swing: 0.1, seed: 7, near: 0.3 },
  { top: 0.68, tilt: -0.08, swing: 0.13, seed: 12, near: 0.6 },
  { top: 0.82, tilt: 0.1, swing: 0.12, seed: 19, near: 1 },
]

function sky(x: number, y: number): Light {
  let light = blend([0.05, 0.08, 0.22], [0.36, 0.24, 0.42], step(0, 0.45, y))
  light = blend(light, [0.95, 0.5, 0.34], step(0.36, 0.62, y))
  const veil = fbm(x * 1.6 + 4, y * 7 + fbm(x * 2, y * 3, 3, 5), 6, 13)
  light = blend(light, [0.62, 0.36, 0.42], step(0.52, 0.75, veil) * 0.45 * step(0.1, 0.4, y))
  light = blend(light, [1, 1, 0.96], stars(x, y) * step(0.45, 0.12, y))
  const away = Math.hypot(x - MOON.x, y - MOON.y)
  light = blend(light, [0.75, 0.75, 0.9], 0.4 * Math.exp(-away * 6))
  const face = step(MOON.radius + 0.0015, MOON.radius - 0.0015, away)
  const seas = step(0.45, 0.62, fbm(x * 17, y * 17, 4, 29))
  return blend(light, blend([1, 0.97, 0.88], [0.76, 0.74, 0.72], seas * 0.6), face)
}

/** Few and small: one in some cells of a grid. */
function stars(x: number, y: number): number {
  const [column, row] = [Math.floor(x * 60), Math.floor(y * 60)]
  if (noise(column + 0.5, row + 0.5, 41) < 0.66) return 0
  const [left, top] = [
    (column + noise(column * 3.7, row * 1.3, 43)) / 60,
    (row + noise(column * 1.9, row * 5.1, 47)) / 60,
  ]
  return Math.exp(-(((x - left) ** 2 + (y - top) ** 2) * 900_000))
}

function crest(x: number, { top, tilt, swing, seed }: Dune): number {
  return top + tilt * (x - 0.75) + swing * (fbm(x * 1.5 + seed, seed, 2, seed) - 0.5)
}

function sand(x: number, y: number, dune: Dune, behind: Light): Light {
  const { near, seed } = dune
  const top = crest(x, dune)
  const inside = step(top - 0.0015, top + 0.0015, y)
  if (inside === 0) return behind
  const down = y - top
  // The wind's side glows, the lee is in shadow; the border between them winds down from the crest.
  const winding = (fbm(down * 5 + seed, seed * 2, 3, seed + 1) - 0.5) * 0.5 + down * mix(1.4, 0.5, near)
  const peak = 0.4 + 0.25 * Math.sin(seed)
  const lee = step(-0.012, 0.012, x - peak - winding) * step(0, 0.03, down)
  const bend = fbm(x * 4 + seed, y * 6, 3, seed + 2)
  const ripple = Math.sin((y * mix(2.2, 1, near) + x * 0.22 + bend * 0.16) * mix(320, 190, near))
  const fine = fbm(x * 130, y * 170, 3, seed + 3)
  const glow: Light = blend([0.9, 0.52, 0.33], [0.82, 0.5, 0.3], near)
  const dark: Light = blend([0.42, 0.25, 0.33], [0.2, 0.13, 0.2], near)
  let light = scaled(blend(glow, dark, lee * 0.85), 0.82 + 0.06 * ripple * (1 - lee * 0.6) + 0.22 * (fine - 0.5))
  light = scaled(light, 1 - 0.3 * step(0, 0.4, down) + 0.25 * Math.exp(-down * 60) * (1 - lee))
  if (near === 1) light = scaled(light, 1 - 0.45 * tracks(x, y))
  return blend(behind, blend(light, [0.78, 0.45, 0.4], 0.45 * (1 - near)), inside)
}

/** Steps, left and right, along a path that comes from the viewer. */
function tracks(x: number, y: number): number {
  const path = 0.62 + 0.35 * (1 - y) + 0.03 * Math.sin(y * 30)
  const size = mix(0.004, 0.012, step(0.78, 1, y))
  const pace = y * 34
  const side = Math.floor(pace) % 2 === 0 ? 1 : -1
  const across = (x - path - side * size) / size
  const along = ((pace % 1) - 0.5) / 0.32
  return step(1, 0.55, Math.hypot(across, along))
}
