import { mix } from './noise.js'

/** Light, red green blue, 0 dark to 1 white, not yet bounded. */
export type Light = readonly [red: number, green: number, blue: number]

export function blend(under: Light, over: Light, share: number): Light {
  return [mix(under[0], over[0], share), mix(under[1], over[1], share), mix(under[2], over[2], share)]
}

export function scaled([red, green, blue]: Light, by: number): Light {
  return [red * by, green * by, blue * by]
}
