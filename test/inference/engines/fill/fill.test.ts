import { fillEngine } from '../../../../src/inference/engines/fill/fill.js'
import { engineContract } from '../../../contracts/engine.js'

engineContract('the fill engine', fillEngine)
