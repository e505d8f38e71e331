import { blend, type Light, scaled } from './light.js'
import { fbm, mix, noise, step } from './noise.js'

const HORIZON = 0.6
/** Where the sun stands, just above the sea. */
const SUN = { x: 1.2, y: HORIZON - 0.05 }
const TOWER = { x: 0.64, foot: 0.625, top: 0.235, wide: 0.043, narrow: 0.03 }

/**
 * A lighthouse on a headland at sunset.
 *
 * @param x from 0 at the left to 1.5 at the right
 * @param y from 0 at the top to 1 at the bottom
 */
export function lighthouse(x: number, y: number): Light {
  let light = y < HORIZON ? sky(x, y) : sea(x, y)
  light = land(x, y, light)
  light = tower(x, y, light)
  return lamp(x, y, light)
}

function sky(x: number, y: number): Light {
  const height = 1 - y / HORIZON
  const low = blend([1, 0.62, 0.32], [0.87, 0.55, 0.5], step(0, 0.28, height))
  let light = blend(low, [0.25, 0.36, 0.58], step(0.12, 1, height))
  const near = Math.hypot((x - SUN.x) * 0.8, (y - SUN.y) * 1.4)
  light = blend(light, [1.15, 0.83, 0.5], 0.75 * Math.exp(-near * near * 14))
  // Clouds are in layers, flatter and closer towards the horizon.
  const depth = 0.35 / (0.12 + height)
  const warp = fbm(x * 2 + 3, y * 5, 3, 5) * 0.9
  const thickness = fbm(x * 1.9 * (0.6 + depth * 0.5) + warp, y * 9 * (0.5 + depth * 0.45) + warp, 7, 21)
  const cover = step(0.46, 0.72, thickness)
  const lit = step(
    0.04,
    -0.1,
    fbm(x * 1.9 * (0.6 + depth * 0.5) + warp + 0.09, y * 9 * (0.5 + depth * 0.45) + warp - 0.16, 7, 21) - thickness,
  )
  const shade = blend([0.42, 0.35, 0.45], [0.7, 0.45, 0.42], step(0.6, 0, height))
  const bright = blend([0.98, 0.72, 0.6], [1.1, 0.72, 0.4], Math.exp(-near * 1.6))
  light = blend(light, blend(shade, bright, 0.25 + 0.65 * lit), cover * 0.85)
  const disc = step(0.034, 0.028, Math.hypot(x - SUN.x, y - SUN.y))
  return blend(light, [1.6, 1.3, 0.9], disc * (1 - cover * 0.5))
}

function sea(x: number, y: number): Light {
  const down = (y - HORIZON) / (1 - HORIZON)
  const away = 1 / (0.035 + down) // how far out the water is, in wave lengths
  const across = (x - 0.75) * away * 1.3
  const swell = fbm(across * 0.9, away * 1.7, 2, 31)
  const wave = fbm(across * 2.2 + swell, away * 4.5 + swell * 2, 5, 33)
  const before = fbm(across * 2.2 + swell, away * 4.5 + swell * 2 + 0.35, 5, 33)
  const slope = (before - wave) * 2.4
  const mirrored = sky(x + slope * 0.1, Math.max(0, HORIZON - Math.abs(down * 0.5 + 0.03 + slope * 0.35) * HORIZON))
  const deep: Light = [0.06, 0.13, 0.19]
  let light = blend(scaled(mirrored, 0.82), deep, step(-0.3, 0.9, down * 0.55 + slope * 0.8 + 0.1))
  const glitter = step(0.1, 0.4, slope + 0.12) * Math.exp(-(((x - SUN.x) / (0.06 + down * 0.22)) ** 2))
  light = blend(light, [1.25, 0.86, 0.5], glitter * 0.75)
  const foam = step(0.66, 0.8, fbm(across * 3.1 + 9, away * 5, 5, 37)) * step(0.08, 0.5, down) * 0.35
  light = blend(light, [0.85, 0.78, 0.76], foam)
  return blend(light, [0.95, 0.62, 0.45], Math.exp(-down * 16) * 0.55) // haze over the far water
}

/** The headland's upper edge at this place; it sinks into the sea on the left. */
function ridge(x: number): number {
  const crag = (fbm(x * 7, 2, 5, 41) - 0.5) * 0.1 + (fbm(x * 40, 7, 3, 43) - 0.5) * 0.02
  const left = 0.86 - 0.23 * step(-0.35, 0.5, x)
  const right = 0.63 + 0.34 * step(0.76, 1.32, x)
  return Math.max(left, right) + crag * step(0.02, 0.2, Math.abs(x - TOWER.x))
}

function land(x: number, y: number, behind: Light): Light {
  const top = ridge(x)
  const inside = step(top - 0.0015, top + 0.0015, y)
  if (inside === 0) return surf(x, y, top, behind)
  const depth = y - top
  // Rock in slanted beds, lit from the right.
  const bed = fbm(x * 7 + y * 4, y * 22 - x * 9, 6, 51)
  const nextTo = fbm((x - 0.012) * 7 + (y + 0.006) * 4, (y + 0.006) * 22 - (x - 0.012) * 9, 6, 51)
  const crack = step(0.06, 0.0, Math.abs(fbm(x * 13 + y * 9, y * 17, 5, 57) - 0.5))
  const lit = Math.min(1.2, Math.max(0, 0.5 + (nextTo - bed) * 5))
  let rock = blend([0.15, 0.12, 0.13], [0.72, 0.48, 0.34], lit * (0.55 + 0.3 * step(0.4, 1.2, x)))
  rock = scaled(rock, (1 - 0.5 * crack) * (0.75 + 0.5 * noise(x * 160, y * 160, 59)))
  // Grass on what is level: near the ridge.
  const blade = fbm(x * 120 + Math.sin(y * 90) * 0.6, y * 45, 4, 61)
  const lawn = blend(
    [0.13, 0.15, 0.06],
    [0.55, 0.45, 0.17],
    step(0.25, 0.75, blade) * (0.65 + 0.35 * fbm(x * 12, y * 20, 3, 67)),
  )
  const grass = step(0.055, 0.02, depth + (fbm(x * 15, y * 15, 4, 63) - 0.5) * 0.12)
  let light = blend(rock, lawn, grass * 0.92)
  light = scaled(light, mix(1, 0.62, step(0.05, 0.4, depth)))
  light = blend(light, [0.95, 0.62, 0.45], 0.1) // the same haze
  return blend(behind, light, inside)
}

/** White water where the sea meets the rock. */
function surf(x: number, y: number, top: number, sea: Light): Light {
  if (y < HORIZON + 0.01) return sea
  // Only where the ground comes down to the water; higher up it hides the shore.
  const near = step(0.035, 0, top - y) * step(0.8, 0.86, top)
  const broken = step(0.42, 0.62, fbm(x * 26, y * 46, 5, 71) * 0.7 + near * 0.3)
  return blend(sea, [0.93, 0.8, 0.74], near * broken * 0.8)
}

function tower(x: number, y: number, behind: Light): Light {
  const along = (y - TOWER.top) / (TOWER.foot - TOWER.top)
  const side = (x - TOWER.x) / mix(TOWER.narrow, TOWER.wide, along)
  const shade = (round: number): number => {
    const turn = Math.sqrt(Math.max(0, 1 - round * round))
    return 0.2 + 0.85 * Math.max(0, round * 0.75 + turn * 0.6)
  }
  const inside = (edge: number) => step(1 + edge, 1 - edge, Math.abs(side))
  if (along >= 0 && along <= 1.04) {
    const band = Math.floor(along * 5) % 2
    const worn = 0.9 + 0.16 * (fbm(x * 70, y * 22, 4, 81) - 0.5) - 0.12 * step(0.6, 0.8, fbm(x * 160, y * 30, 3, 83))
    const paint: Light = band ? [0.68, 0.17, 0.12] : [0.94, 0.87, 0.78]
    let light = scaled(paint, shade(side) * worn)
    const window = step(0.24, 0.2, Math.abs(side + 0.1)) * step(0.028, 0.022, Math.abs(((along * 2.5) % 1) - 0.5) / 2.5)
    light = blend(light, [0.1, 0.09, 0.1], window * 0.85)
    return blend(behind, light, inside(0.03))
  }
  // Gallery, lantern, roof.
  const up = TOWER.top - y
  const parts: [from: number, to: number, half: number, colour: Light][] = [
    [-0.004, 0.012, 0.044, [0.22, 0.2, 0.22]],
    [0.012, 0.058, 0.022, [1.35, 1.05, 0.6]],
    [0.058, 0.092, 0.03 * Math.max(0, 1 - (up - 0.058) / 0.034), [0.55, 0.13, 0.1]],
    [0.092, 0.112, 0.0016, [0.15, 0.13, 0.14]],
  ]
  for (const [from, to, half, colour] of parts) {
    if (up < from || up >= to || half <= 0) continue
    const round = (x - TOWER.x) / half
    const bars =
      colour[0] > 1
        ? 1 - 0.75 * step(0.12, 0.04, Math.abs(((round * 2 + 10) % 1) - 0.5))
        : shade(Math.max(-1, Math.min(1, round)))
    return blend(behind, scaled(colour, bars), step(1.04, 0.96, Math.abs(round)))
  }
  return behind
}

function lamp(x: number, y: number, light: Light): Light {
  const far = Math.hypot(x - TOWER.x, y - (TOWER.top - 0.035))
  const glow = 0.5 * Math.exp(-far * far * 900) + 0.22 * Math.exp(-far * 14)
  return [light[0] + glow, light[1] + glow * 0.8, light[2] + glow * 0.45]
}
