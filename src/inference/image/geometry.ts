/** A size in whole pixels; both sides are at least 1. */
export type Extent = { readonly width: number; readonly height: number }

/** A rectangle in whole pixels, from its top left corner: x to x + width, y to y + height, the ends excluded. */
export type Box = { readonly x: number; readonly y: number } & Extent

/** True if all of `box` lies on a picture of this size and holds at least one pixel. */
export function isInside(box: Box, on: Extent): boolean {
  return (
    [box.x, box.y, box.width, box.height].every(Number.isInteger) &&
    box.x >= 0 &&
    box.y >= 0 &&
    box.width >= 1 &&
    box.height >= 1 &&
    box.x + box.width <= on.width &&
    box.y + box.height <= on.height
  )
}
