/** A tone curve: value of 0 to 1 to linear light of 0 to 1. */
type Curve = (value: number) => number

const SRGB_CURVE: Curve = value => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)

/** Columns of red, green and blue in XYZ, adapted to D50 (Lindbloom). */
const PRIMARIES = {
  srgb: [
    [0.4360747, 0.2225045, 0.0139322],
    [0.3850649, 0.7168786, 0.0971045],
    [0.1430804, 0.0606169, 0.7141733],
  ],
  p3: [
    [0.5151187, 0.2411892, -0.0010505],
    [0.2919778, 0.6922441, 0.0418791],
    [0.1571035, 0.0665668, 0.7840713],
  ],
  adobe: [
    [0.6097559, 0.3111242, 0.0194811],
    [0.2052401, 0.625656, 0.0608902],
    [0.149224, 0.0632197, 0.7448387],
  ],
  prophoto: [
    [0.7976749, 0.2880402, 0],
    [0.1351917, 0.7118741, 0],
    [0.0313534, 0.0000857, 0.82521],
  ],
}

const GAMMA =
  (power: number): Curve =>
  value =>
    value ** power

/** Version 2 profiles with a matrix and curves, as cameras and editors write them, and grey ones with a curve. */
export const ICC_PROFILES = {
  srgb: { RGB: rgbProfile('srgb', SRGB_CURVE), GRAY: greyProfile(SRGB_CURVE) },
  p3: { RGB: rgbProfile('p3', SRGB_CURVE), GRAY: greyProfile(GAMMA(1.8)) },
  adobe: { RGB: rgbProfile('adobe', GAMMA(2.2)), GRAY: greyProfile(GAMMA(2.2)) },
  linear: { RGB: rgbProfile('srgb', GAMMA(1)), GRAY: greyProfile(GAMMA(1)) },
  prophoto: { RGB: rgbProfile('prophoto', GAMMA(1.8)), GRAY: greyProfile(GAMMA(1.8)) },
} as const

/** A profile whose header is right and whose tags are not. */
export function brokenProfile(space: 'RGB' | 'GRAY'): Buffer {
  const profile = Buffer.from(ICC_PROFILES.adobe[space])
  return profile.fill(0xee, 128)
}

function rgbProfile(primaries: keyof typeof PRIMARIES, curve: Curve): Buffer {
  const [red, green, blue] = PRIMARIES[primaries]
  const trc = curveTag(curve)
  return profile('RGB ', [
    ['wtpt', xyzTag([0.9642, 1, 0.8249])],
    ['rXYZ', xyzTag(red!)],
    ['gXYZ', xyzTag(green!)],
    ['bXYZ', xyzTag(blue!)],
    ['rTRC', trc],
    ['gTRC', trc],
    ['bTRC', trc],
  ])
}

function greyProfile(curve: Curve): Buffer {
  return profile('GRAY', [
    ['wtpt', xyzTag([0.9642, 1, 0.8249])],
    ['kTRC', curveTag(curve)],
  ])
}

function profile(space: string, tags: readonly (readonly [string, Buffer])[]): Buffer {
  const all = [['desc', descriptionTag()] as const, ['cprt', textTag()] as const, ...tags]
  const header = Buffer.alloc(128)
  header.writeUInt32BE(0x02400000, 8)
  header.write('mntr', 12, 'latin1')
  header.write(space, 16, 'latin1')
  header.write('XYZ ', 20, 'latin1')
  header.write('acsp', 36, 'latin1')
  for (const [index, value] of [0.9642, 1, 0.8249].entries()) header.writeInt32BE(fixed(value), 68 + index * 4)
  const table = Buffer.alloc(4 + all.length * 12)
  table.writeUInt32BE(all.length)
  let offset = header.length + table.length
  for (const [index, [name, data]] of all.entries()) {
    table.write(name, 4 + index * 12, 'latin1')
    table.writeUInt32BE(offset, 8 + index * 12)
    table.writeUInt32BE(data.length, 12 + index * 12)
    offset += data.length
  }
  header.writeUInt32BE(offset, 0)
  return Buffer.concat([header, table, ...all.map(([, data]) => data)])
}

function tag(type: string, data: Buffer): Buffer {
  const padding = Buffer.alloc((4 - (data.length % 4)) % 4)
  return Buffer.concat([Buffer.from(`${type}\0\0\0\0`, 'latin1'), data, padding])
}

function xyzTag(values: readonly number[]): Buffer {
  const data = Buffer.alloc(12)
  for (const [index, value] of values.entries()) data.writeInt32BE(fixed(value), index * 4)
  return tag('XYZ ', data)
}

function curveTag(curve: Curve): Buffer {
  const count = 4096
  const data = Buffer.alloc(4 + count * 2)
  data.writeUInt32BE(count)
  for (let at = 0; at < count; at++) data.writeUInt16BE(Math.round(curve(at / (count - 1)) * 65535), 4 + at * 2)
  return tag('curv', data)
}

function textTag(): Buffer {
  return tag('text', Buffer.from('none\0', 'latin1'))
}

function descriptionTag(): Buffer {
  const data = Buffer.alloc(4 + 5 + 8 + 3 + 67)
  data.writeUInt32BE(5)
  data.write('test\0', 4, 'latin1')
  return tag('desc', data)
}

/** s15Fixed16Number */
function fixed(value: number): number {
  return Math.round(value * 65536)
}
