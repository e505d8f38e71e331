import { random } from '../../random.js'

/** Gives arrays of noise of variance 1, the same ones for the same seed (Box and Muller 1958). */
export function noiseFrom(seed: number): (length: number) => Float32Array {
  const uniform = random(seed)
  return length => {
    const noise = new Float32Array(length)
    for (let at = 0; at < length; at += 2) {
      const size = Math.sqrt(-2 * Math.log(1 - uniform()))
      const turn = 2 * Math.PI * uniform()
      noise[at] = size * Math.cos(turn)
      if (at + 1 < length) noise[at + 1] = size * Math.sin(turn)
    }
    return noise
  }
}
