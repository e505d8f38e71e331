import { blend, type Light, scaled } from './light.js'
import { fbm, mix, step } from './noise.js'

const BALLOON = { x: 0.56, y: 0.34, radius: 0.17, basket: 0.64 }
/** From where the light comes. */
const SUN = { x: 1, y: -0.55 }

/**
 * A hot-air balloon above hills on a summer's morning.
 *
 * @param x from 0 at the left to 1.5 at the right
 * @param y from 0 at the top to 1 at the bottom
 */
export function balloon(x: number, y: number): Light {
  let light = sky(x, y)
  for (let hill = 0; hill < 5; hill++) light = hills(x, y, hill, light)
  return bag(x, y, light)
}

function sky(x: number, y: number): Light {
  const light = blend([0.33, 0.55, 0.88], [0.86, 0.9, 0.93], step(0, 0.75, y))
  const warp = fbm(x * 2.5, y * 4, 3, 71) * 0.6
  const depth = 0.6 + 0.9 * y
  const cloud = fbm(x * 2.3 * depth + warp, y * 5.5 * depth + warp, 7, 73)
  const cover = step(0.5, 0.74, cloud) * step(0.8, 0.5, y)
  const lit = step(-0.06, 0.1, cloud - fbm(x * 2.3 * depth + warp + 0.08, y * 5.5 * depth + warp - 0.1, 7, 73))
  return blend(light, blend([0.72, 0.77, 0.84], [1, 0.99, 0.96], lit), cover)
}

/** One of the ridges, from the farthest, which is all haze, to the nearest. */
function hills(x: number, y: number, index: number, behind: Light): Light {
  const near = index / 4
  const top =
    0.66 + 0.085 * index + (fbm(x * (1.4 + index * 0.5) + index * 5, index, 4, 81) - 0.5) * (0.16 + 0.05 * near)
  const inside = step(top - 0.002, top + 0.002, y)
  if (inside === 0) return behind
  const down = y - top
  const scale = mix(60, 22, near)
  const meadow = fbm(x * scale, y * scale * 1.6, 5, 83 + index)
  const fields = step(0.5, 0.53, fbm(x * 4 + index, y * 9, 2, 87 + index))
  const green = blend([0.24, 0.42, 0.13], [0.5, 0.55, 0.2], fields * 0.7)
  let light = scaled(green, 0.65 + 0.7 * meadow)
  // Woods are in the hollows, darker, and ragged at the top.
  const wood = step(0.54, 0.6, fbm(x * 3.1 + 2, y * 7 + index * 3, 4, 91 + index))
  const trees = fbm(x * scale * 2.4, y * scale * 2.4, 4, 95 + index)
  light = blend(light, scaled([0.1, 0.22, 0.09], 0.5 + trees), wood)
  light = scaled(light, 1 - 0.25 * Math.exp(-down * 30) + 0.2 * near)
  return blend(behind, blend(light, [0.72, 0.8, 0.88], 0.75 * (1 - near) ** 1.2), inside)
}

function bag(x: number, y: number, behind: Light): Light {
  const across = x - BALLOON.x
  const down = y - BALLOON.y
  const { radius } = BALLOON
  // Round above, and drawn together towards the basket below.
  const half = down < 0 ? Math.sqrt(Math.max(0, radius * radius - down * down)) : waist(down)
  const basket = Math.max(Math.abs(across) - 0.018, Math.abs(y - BALLOON.basket) - 0.017)
  let light = behind
  if (basket < 0) {
    const woven = 0.75 + 0.5 * Math.abs(Math.sin(y * 900) * Math.sin(x * 700))
    light = scaled(blend([0.36, 0.2, 0.09], [0.62, 0.4, 0.2], step(-0.02, 0.02, across)), woven)
  }
  const rope = y > BALLOON.y + 0.235 && y < BALLOON.basket - 0.015
  const spread = mix(0.03, 0.017, step(BALLOON.y + 0.23, BALLOON.basket, y))
  if (rope && Math.abs(Math.abs(across) - spread) < 0.0016) light = [0.16, 0.12, 0.1]
  const edge = step(half + 0.0015, half - 0.0015, Math.abs(across))
  if (edge === 0 || down < -radius || down > 0.24) return light
  // Gores of cloth: each bulges, and they are closer together at the rim.
  const turn = Math.asin(Math.min(1, Math.max(-1, across / Math.max(half, 1e-3))))
  const gore = (turn / Math.PI + 0.5) * 12
  const bulge = Math.sin((gore % 1) * Math.PI)
  const band = Math.floor(gore) % 2 === 0
  const stripe = down > -0.045 && down < 0.035
  const cloth: Light = stripe ? [0.97, 0.93, 0.82] : band ? [0.86, 0.16, 0.12] : [0.96, 0.68, 0.14]
  const facing = (across / radius) * SUN.x + (down / radius) * SUN.y
  const shade = 0.62 + 0.3 * step(-0.9, 0.9, facing) + 0.2 * bulge + 0.04 * fbm(x * 70, y * 20, 3, 99)
  return blend(light, scaled(cloth, shade), edge)
}

function waist(down: number): number {
  const share = Math.min(1, down / 0.24)
  return BALLOON.radius * (1 - share * share * (0.9 - 0.1 * share))
}
