import rawSharp from 'sharp'
import { sharp } from '../../src/inference/image/sharp.js'

// For tests that draw their pictures as SVG. The program blocks that decoder with its first picture: let it, then allow it again.
sharp({ create: { width: 1, height: 1, channels: 3, background: '#000' } } as never)
rawSharp.unblock({ operation: ['VipsForeignLoadSvg'] })
