import { z } from 'zod'
import { parsePythonJson } from './python-json.js'
import type { Safetensors } from './safetensors.js'

export type AdapterConfig = {
  readonly alpha?: number | undefined
  readonly isRankStabilized: boolean
  readonly usesDora: boolean
}

const adapterSchema = z.record(z.string(), z.unknown()).catch({})
const alphaPatternSchema = z.record(z.string(), z.number()).catch({})

/**
 * PEFT's configuration of a LoRA's layers, which diffusers writes into the file's metadata (`lora_adapter_metadata`):
 * alpha, exceptions by layer, and whether updates are scaled by 1 / √rank (Kalajdzievski 2023, "rsLoRA").
 *
 * @returns for a layer of network 0 (the UNet), 1 or 2 (text encoders)
 */
export function readAdapterConfig({ metadata }: Safetensors): (layer: string, network?: number) => AdapterConfig {
  let fields: Record<string, unknown> = {}
  try {
    fields = adapterSchema.parse(parsePythonJson(metadata.lora_adapter_metadata ?? '{}'))
  } catch {
    // Metadata is free text.
  }
  return (layer, network = 0) => {
    const prefix = ['unet.', 'text_encoder.', 'text_encoder_2.'][network]!
    const field = (name: string) => fields[prefix + name] ?? (network === 0 ? fields[name] : undefined)
    const patterns = alphaPatternSchema.parse(field('alpha_pattern') ?? {})
    const pattern = Object.keys(patterns).find(one => `.${layer}`.endsWith(`.${one}`))
    const alpha = pattern === undefined ? field('lora_alpha') : patterns[pattern]
    return {
      alpha: typeof alpha === 'number' ? alpha : undefined,
      isRankStabilized: field('use_rslora') === true,
      usesDora: field('use_dora') === true,
    }
  }
}
