const HEADER_BYTES = 128

/** Larger profiles than any that is in use are dropped, in bytes. */
export const MAX_PROFILE_BYTES = 4 << 20

/** A color profile without what comes behind it; undefined if it is none, judging by its header (ICC.1, 7.2). */
export function cleanProfile(profile: Buffer): Buffer | undefined {
  if (profile.length < HEADER_BYTES || profile.length > MAX_PROFILE_BYTES) return undefined
  const size = profile.readUInt32BE(0)
  if (profile.toString('latin1', 36, 40) !== 'acsp' || size < HEADER_BYTES || size > profile.length) return undefined
  return profile.subarray(0, size)
}
