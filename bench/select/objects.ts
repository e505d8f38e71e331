import type { Extent } from '../../src/inference/image/geometry.js'
import { type Mask, PAINT } from '../../src/inference/image/pixels.js'

type Position = readonly [x: number, y: number]

/** An object on a photo, outlined by hand: where somebody would click, and its polygon or ellipse, in pixels. */
export type OutlinedObject = {
  readonly photo: string
  readonly name: string
  readonly click: Position
} & (
  | { readonly polygon: readonly Position[] }
  | { readonly ellipse: { readonly centre: Position; readonly radii: Position } }
)

/** Objects of all sizes, hard ones among them: glass, fur, night. Photos of the gb82 set and of scikit-image. */
export const OBJECTS: readonly OutlinedObject[] = [
  {
    photo: 'dog.png',
    name: 'dog',
    click: [330, 300],
    polygon: polygon(
      '140,322 140,296 172,231 145,177 193,118 247,86 322,77 376,91 414,129 462,124 494,161 511,215 538,231 575,231 575,575 231,575 199,527 188,462 183,425 174,398 177,371 150,349',
    ),
  },
  {
    photo: 'dog.png',
    name: 'tongue',
    click: [202, 405],
    polygon: polygon('175,376 204,374 253,371 239,398 226,425 210,435 183,430 175,414'),
  },
  { photo: 'dog.png', name: 'nose', click: [165, 300], ellipse: { centre: [171, 302], radii: [31, 28] } },
  {
    photo: 'guitar.png',
    name: 'guitar',
    click: [200, 450],
    polygon: polygon(
      '242,0 286,0 297,100 318,204 331,194 355,183 360,199 350,237 363,274 390,323 412,376 415,430 401,495 369,548 331,575 288,575 234,565 186,527 157,473 150,419 164,355 191,301 197,258 168,204 170,161 191,140 256,131 256,100',
    ),
  },
  {
    photo: 'coffee.png',
    name: 'cup',
    click: [225, 215],
    polygon: polygon(
      '173,113 181,80 205,48 240,27 290,18 340,27 375,48 398,80 407,113 398,160 390,194 363,242 310,280 256,280 229,306 197,290 210,262 224,247 197,194 180,150',
    ),
  },
  {
    photo: 'bulb.png',
    name: 'glass bulb',
    click: [283, 350],
    polygon: polygon('258,260 331,260 340,323 335,355 317,387 285,400 253,387 231,355 229,328 242,290'),
  },
  {
    photo: 'pixel.png',
    name: 'phone',
    click: [275, 180],
    polygon: polygon('138,108 307,116 434,463 429,478 254,482 238,441 141,150'),
  },
  { photo: 'girl.png', name: 'phone', click: [118, 378], polygon: polygon('108,220 195,249 158,394 71,373') },
  { photo: 'girl.png', name: 'screen', click: [135, 310], polygon: polygon('113,235 182,252 152,376 84,360') },
  {
    photo: 'baby.png',
    name: 'head',
    click: [200, 380],
    polygon: polygon(
      '85,365 95,320 130,282 165,268 200,264 245,272 285,297 312,333 323,352 340,348 352,365 357,400 350,435 347,470 330,510 315,535 300,540 255,545 240,560 200,563 165,545 125,500 100,455 88,410',
    ),
  },
  {
    photo: 'house.png',
    name: 'lantern',
    click: [287, 290],
    polygon: polygon('264,262 274,255 278,222 292,222 294,255 300,262 309,268 309,314 264,314'),
  },
  {
    photo: 'mc3.png',
    name: 'rock',
    click: [365, 268],
    polygon: polygon('304,293 307,256 320,240 373,235 410,246 426,293'),
  },
  {
    photo: 'rocket.jpg',
    name: 'rocket',
    click: [323, 250],
    polygon: polygon('323,126 314,143 312,179 315,408 332,408 335,184 333,145'),
  },
  { photo: 'night.png', name: 'shop window', click: [400, 420], polygon: polygon('341,347 530,342 537,528 356,522') },
  { photo: 'path.png', name: 'near planks', click: [215, 510], polygon: polygon('190,461 247,461 252,556 164,559') },
  {
    photo: 'path.png',
    name: 'far planks',
    click: [255, 435],
    polygon: polygon('159,441 268,409 352,391 330,411 257,463'),
  },
  {
    photo: 'city.png',
    name: 'glass pyramid',
    click: [290, 475],
    polygon: polygon('254,473 300,438 360,489 349,500 256,498'),
  },
  {
    photo: 'city.png',
    name: 'round tower',
    click: [520, 250],
    polygon: polygon('458,150 498,124 540,113 576,119 576,420 552,395 475,385 466,320'),
  },
  {
    photo: 'city.png',
    name: 'brown tower',
    click: [322, 205],
    polygon: polygon('290,161 353,159 354,288 333,288 325,262 308,245 290,250'),
  },
  {
    photo: 'astronaut.png',
    name: 'helmet',
    click: [370, 440],
    polygon: polygon('283,510 280,452 299,394 341,357 404,344 463,362 494,415 500,457 508,511'),
  },
  { photo: 'astronaut.png', name: 'round patch', click: [171, 395], ellipse: { centre: [171, 385], radii: [37, 37] } },
  { photo: 'astronaut.png', name: 'wings', click: [304, 352], polygon: polygon('279,341 330,344 327,378 283,376') },
  { photo: 'chelsea.png', name: 'left eye', click: [160, 115], ellipse: { centre: [172, 116], radii: [34, 32] } },
  { photo: 'chelsea.png', name: 'right eye', click: [325, 140], ellipse: { centre: [320, 137], radii: [21, 26] } },
  {
    photo: 'chelsea.png',
    name: 'nose',
    click: [260, 238],
    polygon: polygon('228,224 291,230 277,251 257,261 246,251'),
  },
  { photo: 'sand.png', name: 'stone', click: [46, 366], ellipse: { centre: [48, 366], radii: [24, 17] } },
]

/** Points as in SVG. */
function polygon(points: string): Position[] {
  return points.split(' ').map(point => {
    const [x, y] = point.split(',').map(Number)
    return [x!, y!]
  })
}

/** The object's pixels on its photo: those whose centre is inside the outline. */
export function objectMask(object: OutlinedObject, { width, height }: Extent): Mask {
  const contains = 'polygon' in object ? polygonTest(object.polygon) : ellipseTest(object.ellipse)
  const data = new Uint8Array(width * height)
  for (let at = 0; at < data.length; at++) {
    if (contains((at % width) + 0.5, Math.floor(at / width) + 0.5)) data[at] = PAINT
  }
  return { width, height, data }
}

function ellipseTest({ centre, radii }: { centre: Position; radii: Position }) {
  return (x: number, y: number) => ((x - centre[0]) / radii[0]) ** 2 + ((y - centre[1]) / radii[1]) ** 2 <= 1
}

/** Even-odd rule. */
function polygonTest(corners: readonly Position[]) {
  return (x: number, y: number) => {
    let isInside = false
    for (const [index, [x1, y1]] of corners.entries()) {
      const [x2, y2] = corners.at(index - 1)!
      if (y1 > y !== y2 > y && x < x1 + ((y - y1) * (x2 - x1)) / (y2 - y1)) isInside = !isInside
    }
    return isInside
  }
}

/** Intersection over union of the painted pixels, from 0 to 1. */
export function intersectionOverUnion(one: Mask, other: Mask): number {
  let [both, either] = [0, 0]
  for (let at = 0; at < one.data.length; at++) {
    const [first, second] = [one.data[at] === PAINT, other.data[at] === PAINT]
    if (first && second) both++
    if (first || second) either++
  }
  return either === 0 ? 0 : both / either
}
