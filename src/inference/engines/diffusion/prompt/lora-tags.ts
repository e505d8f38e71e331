import { UserError } from '../../../../user-error.js'
import type { LoraRequest } from '../../../checkpoint/lora.js'

/** Largest absolute weight of a LoRA; beyond it pictures are noise. */
const MAX_LORA_WEIGHT = 10

const LORA_TAG = /<lora:([^:<>]+)((?::[^<>]*)?)>/gi
const NUMBER = /^[-+]?(?:\d+\.?\d*|\.\d+)$/

/**
 * The LoRA tags of a prompt, in A1111's syntax, and the prompt without them: `<lora:name>`, `<lora:name:0.8>`,
 * `<lora:name:te=0.5:unet=1>`. A second number without a name is ignored, as some programs write it.
 *
 * @throws UserError `lora-weight-invalid`
 */
export function extractLoras(prompt: string): { prompt: string; loras: LoraRequest[] } {
  const loras: LoraRequest[] = []
  const rest = prompt.replace(LORA_TAG, (tag, name: string, parameters: string) => {
    loras.push({ name: name.trim(), ...readWeights(tag, parameters) })
    return ''
  })
  return { prompt: loras.length > 0 ? rest.trim() : prompt, loras }
}

/** @param parameters what follows the name, each with a colon before it */
function readWeights(tag: string, parameters: string): Pick<LoraRequest, 'weight' | 'textWeight'> {
  const weights: { positional?: number; te?: number; unet?: number } = {}
  for (const part of parameters.split(':').slice(1)) {
    const [, key, value = ''] = /^\s*(?:(te|unet)\s*=)?\s*(.*?)\s*$/i.exec(part) ?? []
    const number = NUMBER.test(value) ? Math.max(-MAX_LORA_WEIGHT, Math.min(MAX_LORA_WEIGHT, Number(value))) : undefined
    if (number === undefined) throw new UserError({ code: 'lora-weight-invalid', tag })
    if (key) weights[key.toLowerCase() as 'te' | 'unet'] = number
    else weights.positional ??= number
  }
  const textWeight = weights.te ?? weights.positional ?? 1
  const weight = weights.unet ?? weights.positional ?? weights.te ?? 1
  return textWeight === weight ? { weight } : { weight, textWeight }
}
