/** How many of the latest jobs count: their median. */
const RUN_TIME_SAMPLES = 20

/** How long a picture is expected to take, by the latest jobs. */
export function expectedRunTime() {
  const samples: number[] = [] // milliseconds for one picture
  return {
    /** @param tookMs of a job that was done */
    record(tookMs: number, pictureCount: number): void {
      samples.push(tookMs / pictureCount)
      if (samples.length > RUN_TIME_SAMPLES) samples.shift()
    },
    /** In milliseconds, of a job with this number of pictures; undefined before the first was done. */
    of(pictureCount: number): number | undefined {
      const median = [...samples].sort((one, other) => one - other)[samples.length >> 1]
      return median === undefined ? undefined : median * pictureCount
    },
  }
}
