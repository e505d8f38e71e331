/** A box on a picture, in pixels. */
export type Box = { readonly x: number; readonly y: number; readonly width: number; readonly height: number }

/** What a picture of Overscan says about itself. */
export type PictureRecipe = {
  /** The `parameters` text for people, without the machine-readable part. */
  readonly text: string
  readonly seed: number
  /** Where the source is on the picture, and beyond it; undefined where nothing of it is left. */
  readonly source?: Box
}

const SIGNATURE_BYTES = 8

/** Length, type and checksum of a chunk. */
const CHUNK_OVERHEAD = 12

/** Texts come right after the header; what is further behind is not read. */
const MAX_HEAD_BYTES = 1 << 20

/** The recipe in the `parameters` text of a PNG; undefined if the file is another one, or has none. */
export async function readRecipe(file: Blob): Promise<PictureRecipe | undefined> {
  const parameters = readParameters(await file.slice(0, MAX_HEAD_BYTES).arrayBuffer())
  const [pair, quoted] = /, Overscan: ("(?:\\.|[^\\"])*")$/.exec(parameters ?? '') ?? []
  if (!parameters || pair === undefined || quoted === undefined) return undefined
  try {
    const {
      seed,
      old,
      whole = old,
    } = JSON.parse(JSON.parse(quoted)) as {
      seed?: unknown
      old?: Partial<Record<keyof Box, unknown>>
      whole?: Partial<Record<keyof Box, unknown>>
    }
    if (typeof seed !== 'number') return undefined
    const [x, y, width, height] = [whole?.x, whole?.y, whole?.width, whole?.height].map(Number) as [
      number,
      number,
      number,
      number,
    ]
    return {
      text: parameters.slice(0, -pair.length),
      seed,
      ...(width > 0 && height > 0 && { source: { x, y, width, height } }),
    }
  } catch {
    return undefined // another program wrote it
  }
}

/** PNG specification, third edition, 11.3.3: `tEXt`, and `iTXt` that is not compressed. */
function readParameters(head: ArrayBuffer): string | undefined {
  const view = new DataView(head)
  const bytes = new Uint8Array(head)
  for (let at = SIGNATURE_BYTES; at + CHUNK_OVERHEAD <= bytes.length; ) {
    const length = view.getUint32(at)
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8))
    const data = bytes.subarray(at + 8, at + 8 + length)
    if (type === 'IDAT' || type === 'IEND') return undefined
    const end = data.indexOf(0)
    if (end > 0 && new TextDecoder('latin1').decode(data.subarray(0, end)) === 'parameters') {
      // `windows-1252`, which browsers take for Latin-1, differs in control characters only.
      if (type === 'tEXt') return new TextDecoder('latin1').decode(data.subarray(end + 1))
      if (type === 'iTXt' && data[end + 1] === 0) {
        const language = data.indexOf(0, end + 3)
        return new TextDecoder().decode(data.subarray(data.indexOf(0, language + 1) + 1))
      }
    }
    at += CHUNK_OVERHEAD + length
  }
  return undefined
}
