import { HALVED_KNOWN_ONE_IN, HALVED_KNOWN_ONE_IN_FALLBACK, PATCH_RADIUS } from '../../parameters'
import { Level, newLevel } from './level'

/**
 * The next coarser level, of half the size, rounded up. A pixel is known if at least half of the pixels that it stands
 * for are, and is their mean. Where nothing would be known then, a single known pixel is enough.
 */
export function downsample(fine: Level, isRefined: bool): Level {
  const coarse = newLevel((fine.width + 1) >> 1, (fine.height + 1) >> 1, isRefined)
  if (!average(fine, coarse, HALVED_KNOWN_ONE_IN)) average(fine, coarse, HALVED_KNOWN_ONE_IN_FALLBACK)
  return coarse
}

/** @param oneIn one in this many pixels has to be known @returns whether anything is known */
function average(fine: Level, coarse: Level, oneIn: i32): bool {
  let isAnyKnown = false
  for (let y = 0; y < coarse.height; y++) {
    for (let x = 0; x < coarse.width; x++) {
      let count = 0
      let knownCount = 0
      let red = 0
      let green = 0
      let blue = 0
      let textureAcross = 0
      let textureDown = 0
      for (let dy = 0; dy < 2 && y * 2 + dy < fine.height; dy++) {
        for (let dx = 0; dx < 2 && x * 2 + dx < fine.width; dx++) {
          count++
          const pixel = <usize>((y * 2 + dy + PATCH_RADIUS) * fine.stride + x * 2 + dx + PATCH_RADIUS)
          if (!load<u8>(fine.known + pixel)) continue
          knownCount++
          red += load<u8>(fine.colour + pixel * 4)
          green += load<u8>(fine.colour + pixel * 4, 1)
          blue += load<u8>(fine.colour + pixel * 4, 2)
          if (!fine.texture) continue
          textureAcross += load<u8>(fine.texture + pixel * 2)
          textureDown += load<u8>(fine.texture + pixel * 2, 1)
        }
      }
      if (knownCount * oneIn < count) continue
      isAnyKnown = true
      const half = knownCount >> 1
      const pixel = <usize>((y + PATCH_RADIUS) * coarse.stride + x + PATCH_RADIUS)
      store<u8>(coarse.known + pixel, 1)
      store<u8>(coarse.colour + pixel * 4, (red + half) / knownCount)
      store<u8>(coarse.colour + pixel * 4, (green + half) / knownCount, 1)
      store<u8>(coarse.colour + pixel * 4, (blue + half) / knownCount, 2)
      if (!fine.texture) continue
      store<u8>(coarse.texture + pixel * 2, (textureAcross + half) / knownCount)
      store<u8>(coarse.texture + pixel * 2, (textureDown + half) / knownCount, 1)
    }
  }
  return isAnyKnown
}
