import rawSharp from 'sharp'
import { sharp } from '../../src/inference/image/sharp.js'

/**
 * Let a test draw its pictures as SVG. The program blocks that decoder in the whole process with the first picture of each of
 * its threads, so call this right before drawing.
 */
export function allowSvg(): void {
  rawSharp.unblock({ operation: ['VipsForeignLoadSvg'] })
}

sharp({ create: { width: 1, height: 1, channels: 3, background: '#000' } } as never)
allowSvg()
