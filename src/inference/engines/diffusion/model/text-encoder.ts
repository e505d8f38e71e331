import type { OnnxSession } from '../../../onnx/session.js'
import type { TensorData } from '../../../onnx/tensor-data.js'
import { CHUNK_TOKENS, type TokenChunk } from '../prompt/tokenizer.js'

/**
 * A text encoder's output: an embedding for each token, shape [1, tokens, width], and the pooled embedding if it has
 * one.
 */
export type PromptEmbedding = { readonly embeds: TensorData; readonly pooledEmbeds: Float32Array | undefined }

/**
 * CLIP's text encoder as an ONNX graph.
 *
 * @param defaultLayer the layer that is used without clip skip, counted from the last: 1 for SD 1 and SD 2, with the
 *   final layer norm; 2 for SDXL, without it
 * @param openAllLayers opens the same graph with the hidden states of every layer as outputs, for when `session` has
 *   only the last; undefined if that is not possible
 */
export function createTextEncoder(
  session: OnnxSession,
  defaultLayer: 1 | 2,
  openAllLayers: () => Promise<OnnxSession | undefined> = async () => undefined,
) {
  let allLayers: Promise<OnnxSession | undefined> | undefined

  /** The session and output that give a layer's hidden states; undefined if none does. */
  async function outputOf(layer: number): Promise<{ from: OnnxSession; output: string } | undefined> {
    const ownOutput = outputForLayer(session, layer, defaultLayer)
    if (ownOutput !== undefined) return { from: session, output: ownOutput }
    allLayers ??= openAllLayers()
    const from = await allLayers
    const output = from && outputForLayer(from, layer, defaultLayer)
    return output === undefined ? undefined : { from: from!, output }
  }

  return {
    /** Whether {@link encode} can return this layer. */
    hasLayer: async (layer: number) => (await outputOf(layer)) !== undefined,

    /**
     * @param layer counted from the last, 1 ("clip skip")
     * @returns embeddings of shape [1, (CHUNK_TOKENS + 2) · chunks, width]; the pooled embedding is that of the first
     *   chunk
     */
    async encode(chunks: readonly TokenChunk[], layer: number = defaultLayer): Promise<PromptEmbedding> {
      const source = await outputOf(layer)
      if (!source) throw new RangeError(`the text encoder has no output for layer ${layer}`)
      const { from, output } = source
      const pooledOutput = ['text_embeds', 'pooler_output'].find(name => from.outputs.includes(name))
      const rows: TensorData[] = []
      let pooledEmbeds: Float32Array | undefined
      for (const { ids, weights } of chunks) {
        const input = { data: Float32Array.from(ids), dims: [1, CHUNK_TOKENS + 2] }
        const wanted = pooledOutput ? [output, pooledOutput] : [output]
        const results = await from.run({ input_ids: input }, wanted)
        rows.push(applyTokenWeights(results[output]!, weights))
        if (pooledOutput) pooledEmbeds ??= results[pooledOutput]!.data
      }
      const width = rows[0]!.dims[2]!
      const data = new Float32Array(rows.length * (CHUNK_TOKENS + 2) * width)
      for (const [index, row] of rows.entries()) data.set(row.data, index * (CHUNK_TOKENS + 2) * width)
      return { embeds: { data, dims: [1, rows.length * (CHUNK_TOKENS + 2), width] }, pooledEmbeds }
    },

    /** Close what was opened here; `session` belongs to the caller. */
    async close() {
      await (await allLayers)?.close()
    },
  }
}

export type ClipTextEncoder = ReturnType<typeof createTextEncoder>

/** The name of a layer's output; undefined if the graph has none. */
function outputForLayer(session: OnnxSession, layer: number, defaultLayer: 1 | 2): string | undefined {
  // Number 0 is the input of the first layer.
  const hidden = numberedOutputs(session, 'hidden_states')
  if (layer === defaultLayer && (defaultLayer === 1 || hidden.length === 0)) return lastHiddenStateOutput(session)
  // SD 1 and SD 2 apply the final layer norm to earlier layers too.
  const all = defaultLayer === 1 ? numberedOutputs(session, 'normed_states') : hidden
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

/** Multiply the embeddings by their tokens' weights and restore the mean, as A1111's web UI does. */
function applyTokenWeights({ data, dims }: TensorData, weights: readonly number[]): TensorData {
  if (weights.every(weight => weight === 1)) return { data, dims }
  const width = dims[2]!
  const weighted = data.map((value, at) => value * weights[Math.floor(at / width)]!)
  const mean = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0) / values.length
  const scale = mean(data) / mean(weighted)
  return { data: Number.isFinite(scale) ? weighted.map(value => value * scale) : weighted, dims }
}
