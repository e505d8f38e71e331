import type { PaintCommand } from './command.js'
import { zoom } from './zoom.js'

/** Every command, in the order in which they are explained to people. */
export const commands: readonly PaintCommand[] = [zoom]
