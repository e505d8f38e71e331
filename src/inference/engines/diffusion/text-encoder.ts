import type { Network, Values } from '../../onnx/network.js'
import { CHUNK, type Chunk } from './prompt/tokens.js'

/** What a text encoder says of a prompt: a row of numbers for each token, and one for the whole where it has that. */
export type Encoded = { readonly tokens: Values; readonly pooled: Float32Array | undefined }

/**
 * CLIP's text encoder as an ONNX graph.
 *
 * @param usual which layer's rows are the result, counted from the end: 1 is the last, with its layer norm; SDXL takes the one
 *   before it
 */
export function textEncoder(network: Network, usual: 1 | 2) {
  // The first of them is what goes into the first layer.
  const hidden = network.outputs
    .filter(name => /^hidden_states\.\d+$/.test(name))
    .sort((a, b) => numberIn(a) - numberIn(b))
  const pooled = ['text_embeds', 'pooler_output'].find(name => network.outputs.includes(name))

  /** The output for this layer; undefined where the graph does not tell it. */
  function outputOf(layer: number): string | undefined {
    if (layer === usual && (usual === 1 || hidden.length === 0)) return lastOf(network)
    // What goes into the first layer is none.
    if (layer >= hidden.length) return undefined
    // Where the last layer is the usual one, those before it go through its layer norm, which most graphs keep to themselves.
    const normed = `normed_states.${hidden.length - layer}`
    if (usual === 1) return network.outputs.includes(normed) ? normed : undefined
    return hidden.at(-layer)
  }

  return {
    /** Whether {@link encode} can be asked for this layer. */
    tells: (layer: number) => outputOf(layer) !== undefined,

    /**
     * @param layer counted from the end ("clip skip")
     * @returns tokens of shape [1, (CHUNK + 2) · chunks, width]; pooled of the first chunk
     */
    async encode(chunks: readonly Chunk[], layer: number = usual): Promise<Encoded> {
      const output = outputOf(layer)
      if (output === undefined) throw new RangeError(`the text encoder does not tell layer ${layer}`)
      const rows: Values[] = []
      let whole: Float32Array | undefined
      for (const { ids, weights } of chunks) {
        const input = { data: Float32Array.from(ids), dims: [1, CHUNK + 2] }
        const wanted = pooled ? [output, pooled] : [output]
        const results = await network.run({ input_ids: input }, wanted)
        rows.push(emphasised(results[output]!, weights))
        if (pooled) whole ??= results[pooled]!.data
      }
      const width = rows[0]!.dims[2]!
      const data = new Float32Array(rows.length * (CHUNK + 2) * width)
      for (const [index, row] of rows.entries()) data.set(row.data, index * (CHUNK + 2) * width)
      return { tokens: { data, dims: [1, rows.length * (CHUNK + 2), width] }, pooled: whole }
    },
  }
}

export type TextEncoder = ReturnType<typeof textEncoder>

function lastOf({ outputs }: Network): string {
  return outputs.includes('last_hidden_state') ? 'last_hidden_state' : outputs[0]!
}

function numberIn(name: string): number {
  return Number(/\d+$/.exec(name)![0])
}

/** Rows times their weights, with the mean of all as it was (as A1111's web UI does it). */
function emphasised({ data, dims }: Values, weights: readonly number[]): Values {
  if (weights.every(weight => weight === 1)) return { data, dims }
  const width = dims[2]!
  const weighted = data.map((value, at) => value * weights[Math.floor(at / width)]!)
  const mean = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0) / values.length
  const scale = mean(data) / mean(weighted)
  return { data: Number.isFinite(scale) ? weighted.map(value => value * scale) : weighted, dims }
}
