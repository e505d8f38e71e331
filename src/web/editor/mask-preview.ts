/** The longer side of a preview, in pixels. */
const MAX_SIDE = 1024

/** Copies on a circle, which approximate a dilation. */
const COPIES = 24

/**
 * Draw an approximation of the mask as it is painted: grown and blurred.
 *
 * @param target gets the mask's aspect ratio
 * @param grow and blur in pixels of the mask
 */
export function drawMaskPreview(mask: HTMLCanvasElement, target: HTMLCanvasElement, grow: number, blur: number): void {
  const scale = Math.min(1, MAX_SIDE / Math.max(mask.width, mask.height))
  target.width = Math.round(mask.width * scale)
  target.height = Math.round(mask.height * scale)
  const context = target.getContext('2d')!
  context.filter = blur > 0 ? `blur(${(blur * scale) / 2}px)` : 'none'
  const dilated = new OffscreenCanvas(target.width, target.height)
  const inner = dilated.getContext('2d')!
  for (let index = 0; grow > 0 && index < COPIES; index++) {
    const angle = (index / COPIES) * 2 * Math.PI
    const [dx, dy] = [Math.cos(angle) * grow * scale, Math.sin(angle) * grow * scale]
    inner.drawImage(mask, dx, dy, target.width, target.height)
  }
  inner.drawImage(mask, 0, 0, target.width, target.height)
  context.drawImage(dilated, 0, 0)
}
