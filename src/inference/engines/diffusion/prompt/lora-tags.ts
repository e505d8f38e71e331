import type { LoraRequest } from '../../../checkpoint/lora.js'

/** Largest absolute weight of a LoRA; beyond it pictures are noise. */
const MAX_LORA_WEIGHT = 10

/** `<lora:name>` or `<lora:name:0.8>`; further weights, as some programs write them, are ignored. */
const LORA_TAG = /<lora:([^:<>]+)(?::(-?\d*\.?\d+))?(?::[^<>]*)?>/gi

/** The LoRA tags of a prompt, in A1111's syntax, and the prompt without them. */
export function extractLoras(prompt: string): { prompt: string; loras: LoraRequest[] } {
  const loras: LoraRequest[] = []
  const rest = prompt.replace(LORA_TAG, (_, name: string, weight = '1') => {
    loras.push({ name: name.trim(), weight: Math.max(-MAX_LORA_WEIGHT, Math.min(MAX_LORA_WEIGHT, Number(weight))) })
    return ''
  })
  return { prompt: loras.length > 0 ? rest.trim() : prompt, loras }
}
