/**
 * What a job asks of whoever paints it: the engine, and how many megapixels the new picture has.
 */
export type JobRequirements = { readonly engine: string; readonly megapixels: number }

/** What somebody who paints can do. `largest` is in megapixels. */
export type Capability = { readonly engines: readonly string[]; readonly largest: number }

/** The classes of size by which jobs are kept apart, in megapixels. The last takes whatever is larger. */
export const LANE_MEGAPIXELS = [4, 16, 64] as const

/**
 * Jobs wait in lanes, one for each engine and class of size, so that who paints takes only what it can do. Engines that
 * are called alike up to a colon are variants of one and share its lanes. Each lane is a queue of BullMQ's.
 */
export function laneOf({ engine, megapixels }: JobRequirements): string {
  return laneName(engine, LANE_MEGAPIXELS.find(size => megapixels <= size) ?? LANE_MEGAPIXELS.at(-1)!)
}

/** The lanes that can be served. */
export function lanesOf({ engines, largest }: Capability): string[] {
  const sizes = LANE_MEGAPIXELS.filter(size => size <= largest)
  return [...new Set(engines.flatMap(engine => sizes.map(size => laneName(engine, size))))]
}

export function canServe(ability: Capability, needs: JobRequirements): boolean {
  return lanesOf(ability).includes(laneOf(needs))
}

function laneName(engine: string, size: number): string {
  return `paint-${engine.split(':')[0]}-${size}`
}
