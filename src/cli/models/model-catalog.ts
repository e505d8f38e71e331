import type { ControlNetTask } from '../../inference/checkpoint/controlnet-task.js'
import { findAnyModel } from '../../inference/engines/model-folder.js'
import { alignColumns, formatBytes } from '../text-table.js'
import { type DeviceMemory, fitsInMemory, type ModelMemory } from './device-memory.js'

/** A model that `overscan models add` installs by its name. */
export type CatalogEntry = {
  readonly name: string
  /**
   * A model paints; a segment model selects objects; a preview decodes latents quickly while a model paints; an upscaler enlarges; a
   * ControlNet helps a model to paint.
   */
  readonly use: 'model' | 'segment' | 'preview' | 'upscaler' | 'controlnet'
  /** Of ControlNets with one task. */
  readonly task?: ControlNetTask
  readonly description: string
  readonly repository: string
  /** A commit hash, or a branch. */
  readonly revision: string
  /** The file to download; the whole model if left out. */
  readonly path?: string
  readonly licence: string
  /** Approximate download size. */
  readonly bytes: number
  /**
   * Peak memory at the model's native size, in bytes: on a GPU, and on the CPU. Of models that paint by prompts it is
   * computed from the shapes of their weights (`npm run bench -- memory`); of the others it is approximate.
   */
  readonly memory: ModelMemory
  /** The same with the autoencoder in tiles of 256 pixels, and on a GPU with its text encoders closed while it paints. */
  readonly leastMemory?: ModelMemory
  /** Relative to the other models: Stable Diffusion 1.5 at 512² is fast. */
  readonly speed: 'fast' | 'medium' | 'slow'
  /** Published SHA-256 by path in the repository. Other files are pinned at their first download. */
  readonly sha256?: Readonly<Record<string, string>>
}

const GB = 1e9
const OPENRAIL = 'CreativeML OpenRAIL-M'
const OPENRAIL_PP = 'CreativeML OpenRAIL++-M'
const LIGHT = {
  memory: { gpu: 3.5 * GB, cpu: 3 * GB },
  leastMemory: { gpu: 2.4 * GB, cpu: 2.5 * GB },
  speed: 'fast',
} as const
const HEAVY = {
  memory: { gpu: 11.7 * GB, cpu: 10 * GB },
  leastMemory: { gpu: 6 * GB, cpu: 7.5 * GB },
  speed: 'slow',
} as const

/** Only models that Overscan can run, the recommended one first. */
export const MODEL_CATALOG: readonly CatalogEntry[] = [
  {
    name: 'sd15-inpainting',
    use: 'model',
    description: 'outpainting and inpainting; works with LoRAs; start with this one',
    repository: 'stable-diffusion-v1-5/stable-diffusion-inpainting',
    revision: '8a4288a76071f7280aedbdb3253bdb9e9d5d84bb',
    licence: OPENRAIL,
    bytes: 2.13 * GB,
    ...LIGHT,
  },
  {
    name: 'sd15-inpainting-onnx',
    use: 'model',
    description: 'the same model as ONNX graphs; no LoRAs',
    repository: 'RanaLLC/stable-diffusion-v1-5-inpainting-onnx-fp16',
    revision: 'main',
    licence: OPENRAIL,
    bytes: 2.13 * GB,
    ...LIGHT,
    sha256: {
      'unet/model.onnx': 'a3726e1944ec2fbc9596096cd001520aea789367f329360ee34eb520c751de16',
      'vae_encoder/model.onnx': 'f0da9070d007def0d6a4e7c10a21462bb6172e460ef2587c3fe91191397b4cea',
      'vae_decoder/model.onnx': 'ce0ffca3fcfd0a2729a88d8d90dabf35c66d237404997e0461d52e46ac7a91bc',
      'text_encoder/model.onnx': '8af516fb184866f8caed192ca3bf0636ef9d40d4f7799c05600cae431d18d8d1',
    },
  },
  {
    name: 'realistic-vision-inpainting',
    use: 'model',
    description: 'Realistic Vision 5.1 for photos, as ONNX graphs',
    repository: 'RanaLLC/Realistic_Vision_V5.1-inpainting-onnx-fp16',
    revision: 'main',
    licence: OPENRAIL,
    bytes: 2.13 * GB,
    ...LIGHT,
  },
  {
    name: 'sd15',
    use: 'model',
    description: '/imagine and LoRAs; outpaints less well than inpainting models',
    repository: 'stable-diffusion-v1-5/stable-diffusion-v1-5',
    revision: '451f4fe16113bff5a5d2269ed5ad43b0592e9a14',
    path: 'v1-5-pruned-emaonly.safetensors',
    licence: OPENRAIL,
    bytes: 4_265_146_304,
    memory: { gpu: 5.6 * GB, cpu: 5.1 * GB },
    leastMemory: { gpu: 4.3 * GB, cpu: 4.6 * GB },
    speed: 'medium',
    sha256: { 'v1-5-pruned-emaonly.safetensors': '6ce0161689b3853acaa03779ec93eafe75a02f4ced659bee03f50797806fa2fa' },
  },
  {
    name: 'sd2-inpainting',
    use: 'model',
    description: 'Stable Diffusion 2 for inpainting; runs in single precision',
    repository: 'sd2-community/stable-diffusion-2-inpainting',
    revision: '5f74973cbb64c8568780732c17f43eb269d63a0d',
    licence: OPENRAIL_PP,
    bytes: 2.58 * GB,
    memory: { gpu: 6.5 * GB, cpu: 3.4 * GB },
    leastMemory: { gpu: 4.3 * GB, cpu: 3 * GB },
    speed: 'medium',
  },
  {
    name: 'sdxl-inpainting',
    use: 'model',
    description: 'best outpainting, at 1024²',
    repository: 'diffusers/stable-diffusion-xl-1.0-inpainting-0.1',
    revision: '115134f363124c53c7d878647567d04daf26e41e',
    licence: OPENRAIL_PP,
    bytes: 6.94 * GB,
    ...HEAVY,
  },
  {
    name: 'sdxl',
    use: 'model',
    description: '/imagine at 1024²',
    repository: 'stabilityai/stable-diffusion-xl-base-1.0',
    revision: '462165984030d82259a11f4367a4eed129e94a7b',
    path: 'sd_xl_base_1.0.safetensors',
    licence: OPENRAIL_PP,
    bytes: 6_938_078_334,
    ...HEAVY,
    sha256: { 'sd_xl_base_1.0.safetensors': '31e35c80fc4829d14f90153f4c74cd59c90b779f6afe05a74cd6120b893f7e5b' },
  },
  {
    name: 'lama',
    use: 'model',
    description: 'object removal in one step; ignores prompts',
    repository: 'Carve/LaMa-ONNX',
    revision: 'main',
    path: 'lama_fp32.onnx',
    licence: 'Apache-2.0',
    bytes: 208e6,
    memory: { gpu: 2 * GB, cpu: 2 * GB },
    speed: 'fast',
    sha256: { 'lama_fp32.onnx': '1faef5301d78db7dda502fe59966957ec4b79dd64e16f03ed96913c7a4eb68d6' },
  },
  {
    name: 'migan',
    use: 'model',
    description: 'object removal; smaller and faster',
    repository: 'andraniksargsyan/migan',
    revision: 'main',
    path: 'migan_pipeline_v2.onnx',
    licence: 'MIT',
    bytes: 28.1e6,
    memory: { gpu: 1 * GB, cpu: 1 * GB },
    speed: 'fast',
  },
  {
    name: 'mobilesam',
    use: 'segment',
    description: 'selects an object by a click',
    repository: 'Acly/MobileSAM',
    revision: 'main',
    licence: 'Apache-2.0',
    bytes: 45e6,
    memory: { gpu: 1 * GB, cpu: 1 * GB },
    speed: 'fast',
  },
  {
    name: 'realesrgan-x4',
    use: 'upscaler',
    description: 'upscaling (Real-ESRGAN x4plus); a GPU is much faster',
    repository: 'Comfy-Org/Real-ESRGAN_repackaged',
    revision: 'main',
    path: 'RealESRGAN_x4plus.safetensors',
    licence: 'BSD-3-Clause',
    bytes: 66_857_836,
    memory: { gpu: 2 * GB, cpu: 1 * GB },
    speed: 'medium',
    sha256: { 'RealESRGAN_x4plus.safetensors': '37f9a931c215f040aa6d50f711f2cb115f713c46df1d0d6469a8bd7bfe9a60bb' },
  },
  {
    name: 'ultrasharp-x4',
    use: 'upscaler',
    description: 'upscaling with crisper edges; not for commercial use',
    repository: 'Kim2091/UltraSharp',
    revision: 'main',
    path: '4x-UltraSharp.safetensors',
    licence: 'CC BY-NC-SA 4.0',
    bytes: 66_864_028,
    memory: { gpu: 2 * GB, cpu: 1 * GB },
    speed: 'medium',
    sha256: { '4x-UltraSharp.safetensors': '36a340b5509b699d2c06cb445ddc1d3d39199ac734d889ed6d7915f60e05bcbc' },
  },
  {
    name: 'controlnet-inpaint-sd15',
    use: 'controlnet',
    task: 'inpaint',
    description: 'in- and outpainting with any Stable Diffusion 1.5 model (ControlNet 1.1)',
    repository: 'comfyanonymous/ControlNet-v1-1_fp16_safetensors',
    revision: 'main',
    path: 'control_v11p_sd15_inpaint_fp16.safetensors',
    licence: OPENRAIL,
    bytes: 723e6,
    memory: { gpu: 1 * GB, cpu: 2 * GB },
    speed: 'medium',
  },
  {
    name: 'controlnet-tile-sd15',
    use: 'controlnet',
    task: 'tile',
    description: 'detail that stays with the picture, with any Stable Diffusion 1.5 model (ControlNet 1.1)',
    repository: 'comfyanonymous/ControlNet-v1-1_fp16_safetensors',
    revision: 'main',
    path: 'control_v11f1e_sd15_tile_fp16.safetensors',
    licence: OPENRAIL,
    bytes: 723e6,
    memory: { gpu: 1 * GB, cpu: 2 * GB },
    speed: 'medium',
  },
  {
    name: 'controlnet-promax-sdxl',
    use: 'controlnet',
    description: 'in- and outpainting and tile with any SDXL model (ControlNet++ Union promax)',
    repository: 'xinsir/controlnet-union-sdxl-1.0',
    revision: 'main',
    path: 'diffusion_pytorch_model_promax.safetensors',
    licence: 'Apache-2.0',
    bytes: 2_513_342_408,
    memory: { gpu: 3 * GB, cpu: 6 * GB },
    speed: 'slow',
  },
  {
    name: 'taesd',
    use: 'preview',
    description: 'sharper previews while a Stable Diffusion 1 or 2 model paints',
    repository: 'julienkay/taesd',
    revision: 'c8a437fd0201c21c3bcd298fcf3181b063bcc1eb',
    path: 'vae_decoder/model.onnx',
    licence: 'MIT',
    bytes: 4.9e6,
    memory: { gpu: 0.5 * GB, cpu: 0.5 * GB },
    speed: 'fast',
  },
]

export function findInCatalog(name: string): CatalogEntry | undefined {
  return MODEL_CATALOG.find(entry => entry.name === name)
}

/** The lines of `overscan models catalog`: a table of the models. */
export function catalogLines(modelFolder: string, available: DeviceMemory): string[] {
  const rows = MODEL_CATALOG.map(entry => {
    const isInstalled = findAnyModel(modelFolder, entry.name) !== undefined
    return [
      entry.name,
      formatBytes(entry.bytes),
      entry.licence,
      formatBytes(entry.memory[available.kind]),
      entry.speed,
      isInstalled ? 'installed' : fitsInMemory(entry, available),
      entry.description,
    ]
  })
  const memory = available.kind === 'gpu' ? 'GPU memory' : 'memory'
  return alignColumns([['name', 'size', 'license', memory, 'speed', 'fits', 'good for'], ...rows])
}
