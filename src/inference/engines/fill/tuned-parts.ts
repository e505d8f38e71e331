/**
 * The parts of `fill` that can be left out, one at a time, to measure what each is worth (bench/fill-quality/ablation.ts):
 * - `boundary-labels`: things that the boundary cuts end outside;
 * - `mean-colour`: the mean colour just inside the boundary is expected outside;
 * - `rarity`, `enclosure`, `salient-object`: the detectors of what is not copied again;
 * - `incoherence`: sources that do not adjoin their neighbours' cost more;
 * - `block-moves`: whole blocks take over another offset;
 * - `drift`: blending keeps the copied colours far from a seam.
 */
export const TUNED_PARTS = [
  'boundary-labels',
  'mean-colour',
  'rarity',
  'enclosure',
  'salient-object',
  'incoherence',
  'block-moves',
  'drift',
] as const

export type TunedPart = (typeof TUNED_PARTS)[number]
