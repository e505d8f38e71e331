/** What is done with a field of a model's configuration. */
export type FieldRule = {
  readonly effect: 'honored' | 'ignored' | 'checked'
  /** How it is honored, why it can be ignored, or which values are accepted. */
  readonly text: string
  /** For `checked`; other values are refused. A missing field or null is always accepted. */
  readonly accepts?: (value: unknown, config: Readonly<Record<string, unknown>>) => boolean
}

const honored = (text: string): FieldRule => ({ effect: 'honored', text })
const ignored = (text: string): FieldRule => ({ effect: 'ignored', text })
const only = (...values: readonly unknown[]): FieldRule => ({
  effect: 'checked',
  text: values.length === 0 ? 'null' : values.map(value => String(value)).join(', '),
  // A list gives one value per level.
  accepts: value => [value].flat().every(one => values.includes(one)),
})

/** diffusers' samplers for models trained as in Karras et al. 2022. */
export const EDM_CLASSES = ['EDMEulerScheduler', 'EDMDPMSolverMultistepScheduler'] as const

const isEdm = (config: Readonly<Record<string, unknown>>) => EDM_CLASSES.some(name => name === config._class_name)

/** Of samplers with their own sigmas; honored for EDM only. */
const EDM_ONLY: FieldRule = {
  effect: 'checked',
  text: 'null, except for the EDM schedulers, where it is honored',
  accepts: (_, config) => isEdm(config),
}

const FROM_WEIGHTS = 'follows from the weights'
const SAMPLER_OPTION = 'the options for sampler and schedule type decide'
const TRAINING_ONLY = 'used in training only'
const MEMORY_ONLY = 'affects memory or precision only'

/** Schedulers that describe the same training; another sampler can be used with each. */
const SCHEDULER_CLASSES = [
  'DDIMScheduler',
  'DDIMParallelScheduler',
  'DDPMScheduler',
  'DDPMParallelScheduler',
  'DEISMultistepScheduler',
  'DPMSolverMultistepScheduler',
  'DPMSolverSDEScheduler',
  'DPMSolverSinglestepScheduler',
  ...EDM_CLASSES,
  'EulerAncestralDiscreteScheduler',
  'EulerDiscreteScheduler',
  'HeunDiscreteScheduler',
  'KDPM2AncestralDiscreteScheduler',
  'KDPM2DiscreteScheduler',
  'LCMScheduler',
  'LMSDiscreteScheduler',
  'PNDMScheduler',
  'SASolverScheduler',
  'TCDScheduler',
  'UniPCMultistepScheduler',
] as const

const PIPELINE_CLASS =
  /^(?:Onnx|ORT)?(?:StableDiffusion(?:XL)?(?:Img2Img|Inpaint|ControlNet\w*)?|LatentConsistencyModel\w*|Diffusion)(?:Pipeline)?(?:Legacy)?$/

/**
 * The fields of diffusers' configuration files that can change a picture. Fields that are not listed are ignored.
 * `docs/model-configuration.md` is generated from this table.
 */
export const CONFIGURATION_FIELDS = {
  'model_index.json': {
    _class_name: {
      effect: 'checked',
      text: 'pipelines of Stable Diffusion 1, 2 and XL, and of latent consistency models',
      accepts: value => typeof value === 'string' && PIPELINE_CLASS.test(value),
    },
    force_zeros_for_empty_prompt: honored('zeros instead of an empty negative prompt; true by default for SDXL'),
    requires_aesthetics_score: honored('true is the refiner of SDXL, which is used with the option for it'),
    add_watermarker: ignored('no watermark is added'),
    unet_encoder_only: ignored('not used by these pipelines'),
  },
  'scheduler/scheduler_config.json': {
    _class_name: only(...SCHEDULER_CLASSES),
    num_train_timesteps: honored('length of the noise schedule'),
    beta_start: honored('first beta'),
    beta_end: honored('last beta'),
    beta_schedule: only('linear', 'scaled_linear', 'squaredcos_cap_v2'),
    trained_betas: honored('replaces the betas'),
    prediction_type: {
      effect: 'checked',
      text: 'epsilon, v_prediction, sample; of EDM epsilon and v_prediction',
      accepts: (value, config) =>
        value === 'epsilon' || value === 'v_prediction' || (value === 'sample' && !isEdm(config)),
    },
    timestep_spacing: honored('spacing of the timesteps'),
    steps_offset: honored('for SDXL; Stable Diffusion 1 and 2 always use 1, as in diffusers'),
    set_alpha_to_one: honored('by DDIM, in its last step'),
    rescale_betas_zero_snr: honored('rescales the betas'),
    original_inference_steps: honored('by LCM and TCD'),
    timestep_scaling: honored('by LCM'),
    timestep_type: only('discrete'),
    interpolation_type: only('linear'),
    sigma_min: EDM_ONLY,
    sigma_max: EDM_ONLY,
    sigma_data: EDM_ONLY,
    sigma_schedule: only('karras', 'exponential'),
    rho: honored('of EDM'),
    rescale_sigmas: only(false),
    use_flow_sigmas: only(false),
    invert_sigmas: only(false),
    thresholding: only(false),
    snr_shift_scale: only(1),
    use_karras_sigmas: honored('default schedule type'),
    use_exponential_sigmas: only(false),
    use_beta_sigmas: only(false),
    use_lu_lambdas: only(false),
    final_sigmas_type: honored('by DPM++, UniPC and Euler; other samplers end at sigma 0, as in diffusers'),
    algorithm_type: ignored(SAMPLER_OPTION),
    solver_type: {
      effect: 'checked',
      text: 'midpoint, heun, logrho, bh1, bh2; DPM++ and UniPC each ignore the types of the other, as in diffusers',
      accepts: value => ['midpoint', 'heun', 'logrho', 'bh1', 'bh2'].some(type => type === value),
    },
    solver_order: honored('by DPM++ and UniPC; 1, 2 or 3'),
    lower_order_final: honored('by DPM++ and UniPC'),
    euler_at_final: honored('by DPM++'),
    disable_corrector: honored('by UniPC'),
    predict_x0: only(true),
    solver_p: only(),
    lambda_min_clipped: only(Number.NEGATIVE_INFINITY),
    use_dynamic_shifting: only(false),
    shift_terminal: only(),
    flow_shift: ignored('see use_flow_sigmas'),
    time_shift_type: ignored('see use_dynamic_shifting'),
    variance_type: only('fixed_small', 'fixed_small_log', 'fixed_large', 'fixed_large_log'),
    predictor_order: ignored('of SASolver, which is not offered'),
    corrector_order: ignored('of SASolver, which is not offered'),
    tau_func: ignored('of SASolver, which is not offered'),
    noise_sampler_seed: ignored('of DPMSolverSDE, which is not offered'),
    skip_prk_steps: ignored('of PNDM, which is not offered'),
    clip_sample: ignored('the pipelines of Stable Diffusion set it to false'),
    clip_sample_range: ignored('see clip_sample'),
    dynamic_thresholding_ratio: ignored('see thresholding'),
    sample_max_value: ignored('see thresholding'),
  },
  'unet/config.json': {
    _class_name: only('UNet2DConditionModel'),
    sample_size: honored('size of the training pictures; a number, a pair or null'),
    attention_head_dim: honored('number of heads'),
    num_attention_heads: honored('number of heads'),
    norm_num_groups: honored('groups of the group norms'),
    time_cond_proj_dim: honored('guidance embedding of latent consistency models'),
    mid_block_type: only('UNetMidBlock2DCrossAttn', 'UNetMidBlock2D'),
    in_channels: only(4, 9),
    out_channels: only(4),
    act_fn: only('silu'),
    norm_eps: only(1e-5),
    flip_sin_to_cos: only(true),
    freq_shift: only(0),
    conv_in_kernel: only(3),
    conv_out_kernel: only(3),
    downsample_padding: only(1),
    mid_block_scale_factor: only(1),
    center_input_sample: only(false),
    down_block_types: only('CrossAttnDownBlock2D', 'DownBlock2D'),
    up_block_types: only('CrossAttnUpBlock2D', 'UpBlock2D'),
    addition_embed_type: only('text_time'),
    addition_time_embed_dim: only(256),
    encoder_hid_dim: only(),
    encoder_hid_dim_type: only(),
    class_embed_type: only(),
    num_class_embeds: only(),
    time_embedding_type: only('positional'),
    time_embedding_act_fn: only(),
    timestep_post_act: only(),
    resnet_time_scale_shift: only('default'),
    resnet_skip_time_act: only(false),
    resnet_out_scale_factor: only(1),
    attention_type: only('default'),
    cross_attention_norm: only(),
    dual_cross_attention: only(false),
    only_cross_attention: only(false),
    mid_block_only_cross_attention: only(false),
    block_out_channels: ignored(FROM_WEIGHTS),
    cross_attention_dim: ignored(FROM_WEIGHTS),
    layers_per_block: ignored(FROM_WEIGHTS),
    transformer_layers_per_block: ignored(FROM_WEIGHTS),
    reverse_transformer_layers_per_block: ignored(FROM_WEIGHTS),
    projection_class_embeddings_input_dim: ignored(FROM_WEIGHTS),
    use_linear_projection: ignored(FROM_WEIGHTS),
    dropout: ignored(TRAINING_ONLY),
    upcast_attention: ignored(MEMORY_ONLY),
  },
  'controlnet/config.json': {
    _class_name: only('ControlNetModel', 'ControlNetUnionModel'),
    attention_head_dim: honored('number of heads'),
    num_attention_heads: honored('number of heads'),
    norm_num_groups: honored('groups of the group norms'),
    controlnet_conditioning_channel_order: only('rgb'),
    global_pool_conditions: only(false),
    conditioning_channels: only(3),
    in_channels: only(4),
    act_fn: only('silu'),
    norm_eps: only(1e-5),
    flip_sin_to_cos: only(true),
    freq_shift: only(0),
    downsample_padding: only(1),
    mid_block_scale_factor: only(1),
    mid_block_type: only('UNetMidBlock2DCrossAttn'),
    down_block_types: only('CrossAttnDownBlock2D', 'DownBlock2D'),
    addition_embed_type: only('text_time'),
    addition_time_embed_dim: only(256),
    encoder_hid_dim: only(),
    encoder_hid_dim_type: only(),
    class_embed_type: only(),
    num_class_embeds: only(),
    resnet_time_scale_shift: only('default'),
    only_cross_attention: only(false),
    block_out_channels: ignored(FROM_WEIGHTS),
    conditioning_embedding_out_channels: ignored(FROM_WEIGHTS),
    cross_attention_dim: ignored(FROM_WEIGHTS),
    layers_per_block: ignored(FROM_WEIGHTS),
    transformer_layers_per_block: ignored(FROM_WEIGHTS),
    projection_class_embeddings_input_dim: ignored(FROM_WEIGHTS),
    use_linear_projection: ignored(FROM_WEIGHTS),
    upcast_attention: ignored(MEMORY_ONLY),
  },
  'vae/config.json': {
    _class_name: only('AutoencoderKL'),
    scaling_factor: honored('scale of the latents'),
    norm_num_groups: honored('groups of the group norms'),
    shift_factor: only(0),
    latents_mean: honored('with latents_std: mean of the latents'),
    latents_std: honored('with latents_mean: standard deviation of the latents'),
    latent_channels: only(4),
    in_channels: only(3),
    out_channels: only(3),
    act_fn: only('silu'),
    block_out_channels: {
      effect: 'checked',
      text: 'four levels, so 8 pixels per latent',
      accepts: value => Array.isArray(value) && value.length === 4,
    },
    down_block_types: only('DownEncoderBlock2D'),
    up_block_types: only('UpDecoderBlock2D'),
    mid_block_add_attention: only(true),
    layers_per_block: ignored(FROM_WEIGHTS),
    use_quant_conv: ignored(FROM_WEIGHTS),
    use_post_quant_conv: ignored(FROM_WEIGHTS),
    force_upcast: ignored('the VAE is always computed in single precision'),
  },
  'text_encoder/config.json': {
    model_type: only('clip_text_model', 'clip'),
    architectures: only('CLIPTextModel', 'CLIPTextModelWithProjection', 'CLIPModel'),
    hidden_act: only('quick_gelu', 'gelu'),
    num_attention_heads: honored('number of heads'),
    num_hidden_layers: honored('number of layers'),
    layer_norm_eps: only(1e-5),
    use_attention_mask: only(false),
    hidden_size: ignored(FROM_WEIGHTS),
    intermediate_size: ignored(FROM_WEIGHTS),
    max_position_embeddings: ignored(FROM_WEIGHTS),
    projection_dim: ignored(FROM_WEIGHTS),
    vocab_size: ignored(FROM_WEIGHTS),
    attention_dropout: ignored(TRAINING_ONLY),
    dropout: ignored(TRAINING_ONLY),
    initializer_range: ignored(TRAINING_ONLY),
  },
} as const satisfies Record<string, Record<string, FieldRule>>

export type ConfigurationFile = keyof typeof CONFIGURATION_FIELDS
