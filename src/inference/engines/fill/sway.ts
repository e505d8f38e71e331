import type { RandomGenerator } from '../../random.js'
import type { Address, Kernel } from './kernel.js'
import { SWAY_AMPLITUDE, SWAY_CELLS, SWAY_WAVES } from './parameters.js'

/**
 * Write a sway: how far the preferred sources move across, for each point of the kernel's grid, as a share of the
 * picture's width. It is a sum of random sine waves, the second of three times the first's frequency and half its
 * height, and so on.
 *
 * @param aspect width over height
 */
export function writeSway(kernel: Kernel, address: Address, aspect: number, random: RandomGenerator): void {
  const waves = Array.from({ length: SWAY_WAVES }, (_, index) => ({
    frequencyX: (random() * 2 - 1) * 2 * Math.PI * (index + 0.5),
    frequencyY: (random() * 2 - 1) * 2 * Math.PI * (index + 0.5),
    phase: random() * 2 * Math.PI,
    amplitude: SWAY_AMPLITUDE / (index + 1),
  }))
  const grid = new Float32Array(kernel.memory.buffer, address, (SWAY_CELLS + 1) ** 2).fill(0)
  for (let y = 0; y <= SWAY_CELLS; y++) {
    for (let x = 0; x <= SWAY_CELLS; x++) {
      for (const { frequencyX, frequencyY, phase, amplitude } of waves) {
        const angle = frequencyX * (x / SWAY_CELLS) + (frequencyY * (y / SWAY_CELLS)) / aspect + phase
        grid[y * (SWAY_CELLS + 1) + x]! += amplitude * Math.sin(angle)
      }
    }
  }
}
