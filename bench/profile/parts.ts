import type { Profiler } from 'node:inspector'

/** What a part of a job is called, by the file or the function of a frame. The innermost frame that is listed counts. */
const PARTS: readonly (readonly [part: string, file: RegExp, functions?: RegExp])[] = [
  ['session.run', /onnxruntime-node|profile\/gpu-stand-in\.ts/],
  ['half precision', /onnx\/half-precision\.ts/],
  ['tensors', /onnxruntime-common|onnx\/session\.ts/],
  ['copies', /sampling\/denoise\.ts/, /^(?:concat|splitPictures)$/],
  ['copies', /model\/unet\.ts/],
  ['sampler', /diffusion\/sampling\//],
  ['color match', /inpaint\/color-(?:match|transfer)\.ts|image\/oklab\.ts/],
  [
    'conditions',
    /inpaint\/(?:inpaint-conditioning|work-region)\.ts|prompt\/|model\/prompt-encoder\.ts|model\/text-encoder\.ts/,
  ],
  ['decode', /model\/planes\.ts/, /^(?:planesToPixels|areFinite)$/],
  ['decode', /checkpoint\/latent-scale\.ts/, /^unscale/],
  ['encode', /checkpoint\/latent-scale\.ts|model\/(?:vae|vae-tiles|planes)\.ts/],
  ['seam', /inpaint\/seam\.ts/],
  ['fill', /engines\/fill\/|inpaint\/initial-fill\.ts/],
  ['preview', /diffusion\/preview\.ts/],
  ['composite', /pipeline\/composite\.ts|pipeline\/transparency\.ts/],
  ['PNG', /image\/png(?:-texts|-chunks)?\.ts/],
  ['read', /pipeline\/(?:lay-picture|canvas|layout)\.ts|image\/decode\.ts|image\/strip/],
  ['other', /inpaint\/|diffusion\/|pipeline\//],
]

export type Part = string

/** A span of time in which something was waited for, in microseconds. */
export type Wait = { readonly part: Part; readonly start: number; readonly end: number }

/**
 * Milliseconds of each part. Where the thread is idle, the latest wait that is open says what for.
 *
 * @param from,to in microseconds, of the same clock as the profile
 */
export function partTimes(
  { nodes, startTime, samples = [], timeDeltas = [] }: Profiler.Profile,
  waits: readonly Wait[],
  from: number,
  to: number,
): Map<Part, number> {
  const partOf = partsOfNodes(nodes)
  const totals = new Map<Part, number>()
  let now = startTime
  for (const [index, id] of samples.entries()) {
    const began = now + timeDeltas[index]!
    now = began
    if (began < from || began >= to) continue
    // A sample lasts until the next one; the last one, until the job ends: stopping the profiler takes long.
    const duration = Math.min(timeDeltas[index + 1] ?? 0, to - began)
    const found = partOf.get(id)!
    const open = waits.filter(({ start, end }) => start <= began && began < end)
    const part = found === 'idle' ? (open.at(-1)?.part ?? 'waiting') : found
    totals.set(part, (totals.get(part) ?? 0) + duration / 1000)
  }
  return totals
}

function partsOfNodes(nodes: readonly Profiler.ProfileNode[]): Map<number, Part> {
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map(child => [child, id] as const)))
  const byId = new Map(nodes.map(node => [node.id, node]))
  const partOf = (node: Profiler.ProfileNode): Part => {
    const { functionName } = node.callFrame
    if (functionName === '(idle)') return 'idle'
    if (functionName === '(garbage collector)') return 'garbage collection'
    for (let at: Profiler.ProfileNode | undefined = node; at; at = byId.get(parents.get(at.id)!)) {
      const { url, functionName: name } = at.callFrame
      const found = PARTS.find(([, file, functions]) => file.test(url) && (functions?.test(name) ?? true))
      if (found) return found[0]
    }
    return 'other'
  }
  return new Map(nodes.map(node => [node.id, partOf(node)]))
}
