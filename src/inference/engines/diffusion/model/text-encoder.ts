import type { OnnxSession, TensorData } from '../../../onnx/session.js'
import { CHUNK_TOKENS, type TokenChunk } from '../prompt/tokenizer.js'

/** What a text encoder says of a prompt: a row of numbers for each token, and one for the whole where it has that. */
export type PromptEmbedding = { readonly embeds: TensorData; readonly pooled: Float32Array | undefined }

/**
 * CLIP's text encoder as an ONNX graph.
 *
 * @param defaultLayer which layer's rows are the result, counted from the end: 1 is the last, with its layer norm; SDXL takes the one
 *   before it
 * @param openAllLayers loads the same graph so that every layer comes out by itself, where this one keeps them to itself; undefined
 *   if that can't be
 */
export function createTextEncoder(
  network: OnnxSession,
  defaultLayer: 1 | 2,
  openAllLayers: () => Promise<OnnxSession | undefined> = async () => undefined,
) {
  let allLayers: Promise<OnnxSession | undefined> | undefined

  /** What tells this layer, and as which output; undefined where nothing does. */
  async function outputOf(layer: number): Promise<{ from: OnnxSession; output: string } | undefined> {
    const ownOutput = outputForLayer(network, layer, defaultLayer)
    if (ownOutput !== undefined) return { from: network, output: ownOutput }
    allLayers ??= openAllLayers()
    const from = await allLayers
    const output = from && outputForLayer(from, layer, defaultLayer)
    return output === undefined ? undefined : { from: from!, output }
  }

  return {
    /** Whether {@link encode} can be asked for this layer. */
    hasLayer: async (layer: number) => (await outputOf(layer)) !== undefined,

    /**
     * @param layer counted from the end ("clip skip")
     * @returns tokens of shape [1, (CHUNK + 2) · chunks, width]; pooled of the first chunk
     */
    async encode(chunks: readonly TokenChunk[], layer: number = defaultLayer): Promise<PromptEmbedding> {
      const source = await outputOf(layer)
      if (!source) throw new RangeError(`the text encoder does not tell layer ${layer}`)
      const { from, output } = source
      const pooled = ['text_embeds', 'pooler_output'].find(name => from.outputs.includes(name))
      const rows: TensorData[] = []
      let pooledEmbeds: Float32Array | undefined
      for (const { ids, weights } of chunks) {
        const input = { data: Float32Array.from(ids), dims: [1, CHUNK_TOKENS + 2] }
        const wanted = pooled ? [output, pooled] : [output]
        const results = await from.run({ input_ids: input }, wanted)
        rows.push(applyTokenWeights(results[output]!, weights))
        if (pooled) pooledEmbeds ??= results[pooled]!.data
      }
      const width = rows[0]!.dims[2]!
      const data = new Float32Array(rows.length * (CHUNK_TOKENS + 2) * width)
      for (const [index, row] of rows.entries()) data.set(row.data, index * (CHUNK_TOKENS + 2) * width)
      return { embeds: { data, dims: [1, rows.length * (CHUNK_TOKENS + 2), width] }, pooled: pooledEmbeds }
    },

    /** Give back what was loaded here; the network is whose it was. */
    async close() {
      await (await allLayers)?.close()
    },
  }
}

export type ClipTextEncoder = ReturnType<typeof createTextEncoder>

/** The output for a layer; undefined where the graph does not tell it. */
function outputForLayer(network: OnnxSession, layer: number, defaultLayer: 1 | 2): string | undefined {
  // The first of either is what goes into the first layer.
  const hidden = numberedOutputs(network, 'hidden_states')
  if (layer === defaultLayer && (defaultLayer === 1 || hidden.length === 0)) return lastHiddenStateOutput(network)
  // Where the last layer is the usual one, those before it go through its layer norm.
  const all = defaultLayer === 1 ? numberedOutputs(network, 'normed_states') : hidden
  const number = (all.at(-1) ?? 0) + 1 - layer
  return number > 0 && all.includes(number) ? `${defaultLayer === 1 ? 'normed' : 'hidden'}_states.${number}` : undefined
}

function numberedOutputs({ outputs }: OnnxSession, name: string): number[] {
  const found = outputs.filter(output => output.startsWith(`${name}.`)).map(trailingNumber)
  return found.sort((a, b) => a - b)
}

export function lastHiddenStateOutput({ outputs }: OnnxSession): string {
  return outputs.includes('last_hidden_state') ? 'last_hidden_state' : outputs[0]!
}

function trailingNumber(name: string): number {
  return Number(/\d+$/.exec(name)![0])
}

/** Rows times their weights, with the mean of all as it was (as A1111's web UI does it). */
function applyTokenWeights({ data, dims }: TensorData, weights: readonly number[]): TensorData {
  if (weights.every(weight => weight === 1)) return { data, dims }
  const width = dims[2]!
  const weighted = data.map((value, at) => value * weights[Math.floor(at / width)]!)
  const mean = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0) / values.length
  const scale = mean(data) / mean(weighted)
  return { data: Number.isFinite(scale) ? weighted.map(value => value * scale) : weighted, dims }
}
