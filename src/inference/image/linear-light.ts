/** The light of an 8-bit sRGB value, from 0 to 65535 (IEC 61966-2-1). */
const LIGHT = Float64Array.from({ length: 256 }, (_, level) => {
  const value = level / 255
  return (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4) * 65535
})

let levels: Uint8Array | undefined

/** The 8-bit sRGB value of each light from 0 to 65535. */
export function srgbLevels(): Uint8Array {
  levels ??= Uint8Array.from({ length: 65536 }, (_, at) => {
    const light = at / 65535
    return (light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055) * 255 + 0.5
  })
  return levels
}

/** The 8-bit sRGB values of lights from 0 to 65535. */
export function toSrgb(lights: Uint16Array): Uint8Array {
  const table = srgbLevels()
  // `Uint8Array.from` with a function takes ten times as long.
  return new Uint8Array(lights.map(light => table[light]!))
}

/** The light of 8-bit sRGB values, from 0 to 65535. */
export function toLight(values: Uint8Array): Uint16Array {
  return Uint16Array.from(values, value => Math.round(LIGHT[value]!))
}
