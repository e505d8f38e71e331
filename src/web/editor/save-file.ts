/** Let the browser save a file. */
export function saveFile(file: Blob, name: string): void {
  const url = URL.createObjectURL(file)
  Object.assign(document.createElement('a'), { href: url, download: name }).click()
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}

/** Copy a picture to the clipboard, which takes PNG only. @throws DOMException if the browser does not allow it */
export async function copyPicture(file: Blob): Promise<void> {
  await navigator.clipboard.write([new ClipboardItem({ 'image/png': file.type === 'image/png' ? file : toPng(file) })])
}

async function toPng(file: Blob): Promise<Blob> {
  const bitmap = await createImageBitmap(file)
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height)
  canvas.getContext('2d')!.drawImage(bitmap, 0, 0)
  bitmap.close()
  return canvas.convertToBlob({ type: 'image/png' })
}
