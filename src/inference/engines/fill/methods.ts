/**
 * The three classical families of completing a picture from itself, and ours:
 * - `fill`: exemplar-based, with priors and saliency; the best of them, also for thin scratches;
 * - `fill:exemplar`: patches from wherever they match, copied unchanged (Newson et al. 2014);
 * - `fill:texture`: texture synthesis (Kwatra et al. 2005), for uniform material: starts from random patches of the
 *   whole picture, so that only what repeats converges;
 * - `fill:pde`: diffusion-based, along the picture's edges (Bornemann and März 2007), for thin holes.
 */
export const METHODS = ['fill', 'fill:exemplar', 'fill:texture', 'fill:pde'] as const

export type Method = (typeof METHODS)[number]
