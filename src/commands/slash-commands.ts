import type { Command } from './command.js'
import { extendCommand } from './extend.js'
import { fitCommand } from './fit.js'
import { forgetMeCommand } from './forget-me.js'
import { helpCommand } from './help.js'
import { imagineCommand } from './imagine.js'
import { infoCommand } from './info.js'
import { inpaintCommand } from './inpaint.js'
import { modelsCommand } from './models.js'
import { queueCommand } from './queue.js'
import { recipeCommand } from './recipe.js'
import { removeCommand } from './remove.js'
import { settingsCommand } from './settings.js'
import { squareCommand } from './square.js'
import { upscaleCommand } from './upscale.js'
import { varyCommand } from './vary.js'
import { zoomCommand } from './zoom.js'

/** Every slash command, in the order of `/help`. */
export const slashCommands: readonly Command[] = [
  zoomCommand,
  extendCommand,
  squareCommand,
  fitCommand,
  inpaintCommand,
  removeCommand,
  varyCommand,
  imagineCommand,
  upscaleCommand,
  queueCommand,
  settingsCommand,
  infoCommand,
  helpCommand,
  modelsCommand,
  recipeCommand,
  forgetMeCommand,
]
