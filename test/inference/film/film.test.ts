import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { cameraPath, renderView } from '../../../src/inference/film/camera.js'
import { renderFilm } from '../../../src/inference/film/film.js'
import { pictureRects } from '../../../src/inference/history/stages.js'
import type { Pixels } from '../../../src/inference/image/pixels.js'
import { encodePng } from '../../../src/inference/image/png.js'
import { layoutCanvas } from '../../../src/inference/pipeline/layout.js'
import { landscape } from '../../contracts/engine.js'
import { problemIn } from '../../support/problems.js'

const SIZE = { width: 90, height: 60 }
const zoom = (factor: number) => layoutCanvas({ kind: 'zoom', factor, grow: false }, SIZE)
const none = { pixels: 0 }

/** All of one colour. */
function plain(red: number, { width, height } = SIZE): Pixels {
  const data = new Uint8Array(width * height * 3).map((_, at) => (at % 3 === 0 ? red : 40))
  return { width, height, data }
}

describe('a film', () => {
  test('places each picture on the last one', () => {
    const places = pictureRects(SIZE, [zoom(1.5), zoom(2)])
    expect(places[2]).toEqual({ x: 0, y: 0, ...SIZE })
    expect(places[1]!.width).toBeCloseTo(45, 0)
    expect(places[0]!.width).toBeCloseTo(30, 0)
    for (const { x, width } of places) expect(Math.abs(x + width / 2 - 45)).toBeLessThan(1)
    const extended = layoutCanvas({ kind: 'extend', left: { pixels: 30 }, right: none, top: none, bottom: none }, SIZE)
    expect(pictureRects(SIZE, [extended])[0]).toEqual({ x: 30, y: 0, ...SIZE })
  })

  test('zooms out without a stop, by the same factor in each frame, and stays on the picture', () => {
    const extended = layoutCanvas({ kind: 'extend', left: none, right: { pixels: 45 }, top: none, bottom: none }, SIZE)
    const places = pictureRects(SIZE, [zoom(1.5), zoom(2), extended])
    const path = cameraPath(places, 135 / 60, 20)
    for (const [index, view] of path.entries()) {
      expect(view.width / view.height).toBeCloseTo(135 / 60)
      expect(Math.min(view.x, view.y)).toBeGreaterThan(-1e-6)
      expect(view.x + view.width).toBeLessThan(135 + 1e-6)
      expect(view.y + view.height).toBeLessThan(60 + 1e-6)
      if (index > 0) expect(view.width).toBeGreaterThanOrEqual(path[index - 1]!.width)
    }
    expect(path.at(-1)).toEqual({ x: 0, y: 0, width: 135, height: 60 })
    const steps = cameraPath(pictureRects(SIZE, [zoom(2)]), 1.5, 20)
    const growth = steps.slice(1).map((view, index) => view.width / steps[index]!.width)
    expect(Math.max(...growth) - Math.min(...growth)).toBeLessThan(1e-9)
  })

  test('shows at each stop the picture that begins there', () => {
    const pictures = [plain(250), plain(150), plain(50)].map(pixels => ({ pixels }))
    const places = pictureRects(SIZE, [zoom(1.5), zoom(1.5)])
    const path = cameraPath(places, 1.5, 10)
    const middle = (data: Uint8Array) => data[(30 * 90 + 45) * 3]
    const corner = (data: Uint8Array) => data[(1 * 90 + 1) * 3]
    const first = renderView(pictures, places, path[0]!, SIZE)
    expect([middle(first), corner(first)]).toEqual([250, 250])
    const second = renderView(pictures, places, path[10]!, SIZE)
    expect([middle(second), corner(second)]).toEqual([250, 150])
    const last = renderView(pictures, places, path.at(-1)!, SIZE)
    expect([middle(last), corner(last)]).toEqual([150, 50])
  })

  test('shows what was repainted later from its beginning on', () => {
    const hole = { width: 90, height: 60, data: new Uint8Array(90 * 60).fill(255) }
    for (let y = 0; y < 60; y++) hole.data.fill(0, y * 90, y * 90 + 45)
    const pictures = [{ pixels: plain(250), shown: hole }, { pixels: plain(150) }, { pixels: plain(50) }]
    const places = pictureRects(SIZE, [zoom(1.5), zoom(1.5)])
    const first = renderView(pictures, places, places[0]!, SIZE)
    expect([first[(30 * 90 + 10) * 3], first[(30 * 90 + 80) * 3]]).toEqual([150, 250])
  })

  test('begins with the first picture, ends with the last, and loops', async () => {
    const edit = { kind: 'zoom', factor: 1.5, grow: false } as const
    const pictures = await Promise.all([landscape(90, 60), plain(200), plain(90)].map(one => encodePng(one)))
    const stages = pictures.map((picture, index) => ({ picture, edit: index === 0 ? undefined : edit }))
    const webp = await renderFilm(stages, 1e6)
    const { pages = 0, loop, delay = [], pageHeight } = await sharp(webp, { pages: -1 }).metadata()
    expect(pages).toBeGreaterThan(30)
    expect([loop, pageHeight, delay.length]).toEqual([0, 427, pages])
    expect(delay[0]! > 10 * delay[1]! && delay.at(-1)! > 10 * delay[1]!).toBe(true)
    const shown = async (page: number) => sharp(webp, { page }).resize(90, 60).removeAlpha().raw().toBuffer()
    const apart = (one: Buffer, other: Uint8Array) =>
      one.reduce((sum, value, at) => sum + Math.abs(value - other[at]!), 0) / one.length
    expect(apart(await shown(0), landscape(90, 60).data)).toBeLessThan(12)
    const [red] = await shown(pages - 1)
    expect(Math.abs(red! - 90)).toBeLessThan(12)
    expect(await problemIn(renderFilm(stages, 100))).toMatchObject({ code: 'result-too-large' })
  })
})
