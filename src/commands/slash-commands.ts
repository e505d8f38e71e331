import type { Command } from './command.js'
import { extend } from './extend.js'
import { fit } from './fit.js'
import { forgetMe } from './forget-me.js'
import { help } from './help.js'
import { imagine } from './imagine.js'
import { info } from './info.js'
import { inpaint } from './inpaint.js'
import { models } from './models.js'
import { queue } from './queue.js'
import { recipe } from './recipe.js'
import { remove } from './remove.js'
import { settings } from './settings.js'
import { square } from './square.js'
import { vary } from './vary.js'
import { zoom } from './zoom.js'

/** Every slash command, in the order in which they are explained to people. */
export const commands: readonly Command[] = [
  zoom,
  extend,
  square,
  fit,
  inpaint,
  remove,
  vary,
  imagine,
  queue,
  settings,
  info,
  help,
  models,
  recipe,
  forgetMe,
]
