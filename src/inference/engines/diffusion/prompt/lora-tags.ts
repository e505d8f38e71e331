import { UserError } from '../../../../user-error.js'
import type { LoraRequest } from '../../../checkpoint/lora.js'

/** Largest absolute weight of a LoRA; beyond it pictures are noise. */
const MAX_LORA_WEIGHT = 10

const LORA_TAG = /<lora:([^:<>]+)((?::[^<>]*)?)>/gi
const NUMBER = /^[-+]?(?:\d+\.?\d*|\.\d+)$/

/**
 * The LoRA tags of a prompt, in A1111's syntax, and the prompt without them: `<lora:name>`, `<lora:name:0.8>`,
 * `<lora:name:0.5:1>` with weights for the text encoders and the UNet, and the same with names,
 * `<lora:name:te=0.5:unet=1>`.
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
  const named: { te?: number; unet?: number } = {}
  const positional: number[] = []
  for (const part of parameters.split(':').slice(1)) {
    const [, key, value = ''] = /^\s*(?:(te|unet)\s*=)?\s*(.*?)\s*$/i.exec(part) ?? []
    const number = NUMBER.test(value) ? Math.max(-MAX_LORA_WEIGHT, Math.min(MAX_LORA_WEIGHT, Number(value))) : undefined
    // A third number is a rank in A1111, which is not supported.
    if (number === undefined || (!key && positional.length === 2)) {
      throw new UserError({ code: 'lora-weight-invalid', tag })
    }
    if (key) named[key.toLowerCase() as 'te' | 'unet'] = number
    else positional.push(number)
  }
  const textWeight = named.te ?? positional[0] ?? 1
  const weight = named.unet ?? positional[1] ?? textWeight
  return textWeight === weight ? { weight } : { weight, textWeight }
}
