import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import sharp from 'sharp'
import { fillEngine } from '../src/inference/engines/fill/engine.js'
import { readPicture } from '../src/inference/image/decode.js'
import { filledMask, KEEP, PAINT } from '../src/inference/image/pixels.js'
import { type Canvas, createCanvas } from '../src/inference/pipeline/canvas.js'
import type { Edit } from '../src/inference/pipeline/edit.js'
import { layoutCanvas } from '../src/inference/pipeline/layout.js'
import { median } from './median.js'

const run = promisify(execFile)
export const SAMPLES = fileURLToPath(new URL('../examples/', import.meta.url))
const SIDE = 512

/** All take turns so often with each picture. */
const ROUNDS = 3

/** Debian's python3-opencv, where it is installed. */
const OPENCV = `import sys, cv2
picture, mask = cv2.imread(sys.argv[1]), cv2.imread(sys.argv[2], 0)
cv2.imwrite(sys.argv[3], cv2.inpaint(picture, mask, 5, cv2.INPAINT_TELEA))`

/** What others take for the same, as whole processes; those that are not installed are left out. */
const peers: Record<string, (picture: string, mask: string, output: string) => [string, string[]]> = {
  // G'MIC's multi-scale PatchMatch with its defaults.
  gmic: (picture, mask, output) => [
    'gmic',
    [
      '-v',
      '-99',
      picture,
      mask,
      '-channels[1]',
      '0',
      '-inpaint_matchpatch[0]',
      '[1],0,9,10,5,1',
      '-rm[1]',
      '-o',
      output,
    ],
  ],
  opencv: (picture, mask, output) => ['/usr/bin/python3', ['-c', OPENCV, picture, mask, output]],
}

/**
 * Wall times at 512×512 on the project's own pictures, or on those of a folder: one and four variations in a warm engine,
 * next to G'MIC and OpenCV where they are installed, in turns so that all see the same load of the machine. Medians of the times, and of
 * their ratios in each turn.
 */
export async function benchFill({ quick, pictures = SAMPLES }: { quick: boolean; pictures?: string }) {
  const folder = await mkdtemp(join(tmpdir(), 'overscan-bench-'))
  const engine = fillEngine('fill')
  const files = (await readdir(pictures)).filter(name => /\.(png|jpe?g)$/.test(name)).sort()
  const paint = async ({ pixels, mask, old }: Canvas, seeds: number[]) => {
    const start = performance.now()
    const hooks = { prompt: '', signal: new AbortController().signal, onProgress: () => {} }
    await engine.paint({ pixels, mask, old }, { seeds, ...hooks })
    return performance.now() - start
  }
  try {
    const installed = await only(peers, folder)
    const tasks: Record<string, Record<string, number>> = {}
    for (const [task, lay] of Object.entries(layouts)) {
      const one: number[] = []
      const others: Record<string, number[]> = { four: [] }
      for (const file of quick ? files.slice(0, 1) : files) {
        const on = await lay(join(pictures, file))
        const [picture, mask] = await written(on, folder)
        await paint(on, [1, 2]) // warm
        for (let round = 0; round < (quick ? 1 : ROUNDS); round++) {
          one.push(await paint(on, [1]))
          others.four!.push(await paint(on, [1, 2, 3, 4]))
          for (const [peer, command] of Object.entries(installed)) {
            const start = performance.now()
            await run(...command(picture, mask, join(folder, 'out.png')))
            others[peer] = [...(others[peer] ?? []), performance.now() - start]
          }
        }
      }
      const medians = Object.entries({ one, ...others }).map(([name, all]) => [name, Math.round(median(all))])
      // Of what ran one right after the other.
      const ratios = Object.entries(others).map(([name, all]) => [
        `${name} to one`,
        Number(median(all.map((ms, turn) => ms / one[turn]!)).toFixed(2)),
      ])
      tasks[task] = Object.fromEntries([...medians, ...ratios])
    }
    return { pictures: files.length, milliseconds: tasks }
  } finally {
    await engine.close()
    await rm(folder, { recursive: true })
  }
}

/** The same picture as a canvas for each kind of work, 512×512 in all. */
export const layouts: Record<string, (file: string) => Promise<Canvas>> = {
  'zoom 1.5×': file => laid(file, { kind: 'zoom', factor: 1.5, grow: false }),
  'zoom 2×': file => laid(file, { kind: 'zoom', factor: 2, grow: false }),
  'extend by half': file =>
    laid(file, {
      kind: 'extend',
      left: { percent: 50 },
      right: { pixels: 0 },
      top: { pixels: 0 },
      bottom: { pixels: 0 },
    }),
  'a hole': async file => {
    const { pixels } = await square(file, SIDE, SIDE)
    const mask = filledMask(pixels, KEEP)
    for (let at = 0; at < mask.data.length; at++) {
      if (Math.hypot((at % SIDE) - 200, Math.floor(at / SIDE) - 300) < 64) mask.data[at] = PAINT
    }
    return createCanvas({ size: pixels, old: { x: 0, y: 0, width: SIDE, height: SIDE } }, pixels, mask)
  },
}

async function laid(file: string, edit: Extract<Edit, { kind: 'zoom' | 'extend' }>): Promise<Canvas> {
  const width = edit.kind === 'extend' ? Math.round((SIDE * 2) / 3) : SIDE
  const on = layoutCanvas(edit, { width, height: SIDE })
  return createCanvas(on, (await square(file, on.old.width, on.old.height)).pixels)
}

async function square(file: string, width: number, height: number) {
  return readPicture(await sharp(file).resize(width, height, { fit: 'cover' }).png().toBuffer(), {})
}

async function written({ pixels, mask }: Canvas, folder: string): Promise<[string, string]> {
  const { width, height } = pixels
  const files: [string, string] = [join(folder, 'in.png'), join(folder, 'mask.png')]
  await sharp(pixels.data, { raw: { width, height, channels: 3 } }).toFile(files[0])
  await sharp(mask.data, { raw: { width, height, channels: 1 } }).toFile(files[1])
  return files
}

/** Those of the peers that run here. */
async function only(all: typeof peers, folder: string): Promise<typeof peers> {
  const files = await written(await layouts['a hole']!(join(SAMPLES, 'lighthouse.png')), folder)
  const runs = async ([, command]: [string, (typeof peers)[string]]) =>
    run(...command(...files, join(folder, 'out.png'))).then(
      () => true,
      () => false,
    )
  const tried = await Promise.all(Object.entries(all).map(async peer => ({ peer, is: await runs(peer) })))
  return Object.fromEntries(tried.filter(({ is }) => is).map(({ peer }) => peer))
}
