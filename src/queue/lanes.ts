/** What a job needs of a worker: an engine, and the size of the new picture in megapixels. */
export type JobRequirements = { readonly engine: string; readonly megapixels: number }

/** What a device can paint: with which engines, and the largest picture, in megapixels. */
export type Capability = { readonly engines: readonly string[]; readonly maxMegapixels: number }

/** The size classes of lanes: the largest picture of each, in megapixels. The last class takes larger ones too. */
export const LANE_MEGAPIXELS = [4, 16, 64] as const
export const MAX_LANE_MEGAPIXELS = LANE_MEGAPIXELS.at(-1)!

/**
 * The lane that a job waits in. There is one for each engine and size class, so that a worker takes only jobs that it
 * can paint. Variants of an engine (`fill:pde` of `fill`) share its lanes. Each lane is one queue of BullMQ.
 */
export function laneOf({ engine, megapixels }: JobRequirements): string {
  return laneName(engine, LANE_MEGAPIXELS.find(size => megapixels <= size) ?? MAX_LANE_MEGAPIXELS)
}

/** The lanes whose jobs a device can paint. */
export function lanesOf({ engines, maxMegapixels }: Capability): string[] {
  const sizes = LANE_MEGAPIXELS.filter(size => size <= maxMegapixels)
  return [...new Set(engines.flatMap(engine => sizes.map(size => laneName(engine, size))))]
}

export function canServe(capability: Capability, needs: JobRequirements): boolean {
  return lanesOf(capability).includes(laneOf(needs))
}

/** Whether this is the name of a lane of this version. */
export function isLane(name: string): boolean {
  return LANE_MEGAPIXELS.some(size => name === laneName(engineOfLane(name), size))
}

/** The engine of a lane, without its variant. */
export function engineOfLane(lane: string): string {
  return lane.replace(/^paint-(.*)-\d+$/, '$1')
}

function laneName(engine: string, size: number): string {
  return `paint-${engine.split(':')[0]}-${size}`
}
