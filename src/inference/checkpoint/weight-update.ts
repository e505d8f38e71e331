import type { StoredTensor } from '../onnx/graph-builder.js'

/**
 * A matrix of low rank, up · down; convolutions may have a core in between (Tucker). Shapes are [to, rank] and [rank,
 * from], with the sides of a kernel after them.
 */
export type LowRank = {
  readonly down: StoredTensor
  readonly up: StoredTensor
  /** Shape [rank, rank, …kernel]. */
  readonly middle?: StoredTensor | undefined
  /** `up` has the shape [rank, to]. */
  readonly isUpTransposed?: boolean
}

/** A factor of a product: a whole matrix, or one of low rank. */
export type Factor = { readonly whole: StoredTensor } | LowRank

/** OFT (Qiu et al. 2023): blocks of the weight's rows are rotated, as R · W; PEFT's of its columns. */
export type Rotation = {
  readonly blocks: StoredTensor
  /** The number of blocks, and their side. */
  readonly count: number
  readonly size: number
  /**
   * What is stored: R (`rotation`); B with Q = B − Bᵀ (`skew`); the upper triangles of Q, for columns (`triangle`). R is
   * (I + Q)(I − Q)⁻¹.
   */
  readonly form: 'rotation' | 'skew' | 'triangle'
  /** Q is multiplied by this. */
  readonly scale: number
  /** No singular value of Q, squared, is larger than this. */
  readonly largestSquare: number
  /** BOFT (Liu et al. 2024): this many rotations follow each other. */
  readonly butterflyFactors?: number | undefined
  /** The rotated rows are multiplied by this. */
  readonly rescale?: StoredTensor | undefined
}

/** What a fine-tuning file adds to a layer's weight, before it is scaled. */
export type WeightDelta =
  /** LoRA (Hu et al. 2021). */
  | ({ readonly kind: 'low rank' } & LowRank)
  /** LoHa (Hyeon-Woo et al. 2022, "FedPara"): the elementwise product of two factors. */
  | { readonly kind: 'hadamard'; readonly first: LowRank; readonly second: LowRank }
  /** LoKr (Yeh et al. 2024): the Kronecker product of two factors. */
  | { readonly kind: 'kronecker'; readonly first: Factor; readonly second: Factor }
  | ({ readonly kind: 'rotation' } & Rotation)
  /** The difference itself. */
  | { readonly kind: 'whole'; readonly whole: StoredTensor }
  /** IA3 (Liu et al. 2022): the weight times this; shape [to, 1] or [1, from]. `offset` is subtracted before. */
  | {
      readonly kind: 'rescaling'
      readonly by: StoredTensor
      readonly shape: readonly number[]
      readonly offset: number
    }

/** A change of a layer's weight and bias. */
export type WeightUpdate = {
  readonly delta?: WeightDelta | undefined
  /** The strength of the LoRA times its own scale. */
  readonly scale: number
  /** The strength alone. */
  readonly strength: number
  /**
   * DoRA (Liu et al. 2024): the norms that the rows (shape [to, 1]) or columns ([1, from]) of the updated weight get.
   */
  readonly magnitude?: { readonly norms: StoredTensor; readonly shape: readonly number[] } | undefined
  /** Added to the bias. */
  readonly bias?: StoredTensor | undefined
}

/** The updates of a layer, by its name. */
export type WeightUpdates = (layer: string) => readonly WeightUpdate[]
