import { fillEngine } from '../../../../src/inference/engines/fill/engine.js'
import { engineContract } from '../../../contracts/engine.js'

engineContract('the fill engine', () => fillEngine('fill'))
engineContract('its exemplar-based method', () => fillEngine('fill:exemplar'))
engineContract('its texture synthesis', () => fillEngine('fill:texture'))
engineContract('its diffusion-based method', () => fillEngine('fill:pde'))
