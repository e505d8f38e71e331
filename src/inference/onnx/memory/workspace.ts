import { byteLength, type Workspace } from './peak.js'
import { count } from './shapes.js'

/**
 * What onnxruntime's kernels for the CPU allocate. Fused attention copies queries, keys and values with the heads in
 * front (`MultiHeadAttention`); with a bias it also makes the matrix of scores. Convolutions with more filters than
 * pixels gather all patches (`MlasConvPrepare`).
 */
export const cpuWorkspace: Workspace = (node, shapeOf) => {
  const inputs = node.inputs.map(name => shapeOf(name))
  if (node.operator === 'MultiHeadAttention') {
    const copies = inputs.slice(0, 3).reduce((sum, one) => sum + byteLength(one!), 0)
    const bias = inputs[5]
    const heads = node.attributes.get('num_heads')
    if (!bias || typeof heads !== 'number') return copies
    const [batch, targets] = inputs[0]!.dims
    return copies + 4 * batch! * heads * targets! * inputs[1]!.dims[1]!
  }
  if (node.operator !== 'Conv') return 0
  const [, filters, ...sides] = shapeOf(node.outputs[0]!)!.dims
  const patch = count(inputs[1]!.dims.slice(1))
  return patch > inputs[1]!.dims[1]! && filters! > count(sides) ? 4 * count(sides) * patch : 0
}

/** Attention on a GPU needs no copies, and the memory that a driver's convolutions take is not known. */
export const gpuWorkspace: Workspace = () => 0
