import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { pixelsToPlanes, planesToPixels } from '../../../../src/inference/engines/diffusion/model/planes.js'
import { latentPreview } from '../../../../src/inference/engines/diffusion/preview.js'
import { readPicture, resizePixels } from '../../../../src/inference/image/decode.js'
import { openOnnxSession } from '../../../../src/inference/onnx/session.js'
import { CPU_PROVIDER } from '../../../../src/inference/onnx/verified-session.js'
import { landscape } from '../../../contracts/engine.js'
import { shared, testWithShared } from '../../../support/shared.js'

test('pixels survive the conversion to planes and back', () => {
  const picture = landscape(24, 16)
  expect(planesToPixels(pixelsToPlanes(picture), picture)).toEqual(picture)
  expect([...planesToPixels(Float32Array.of(-9, 9, 0.5, Number.NaN, 0, 1), { width: 2, height: 1 }).data]).toEqual([
    0, 191, 128, 255, 0, 255,
  ])
})

testWithShared('weights', 'linear previews look like the decoded picture', async () => {
  const encoder = await openOnnxSession(
    { name: 'encoder', file: shared('weights/taesd/taesd_encoder.onnx') },
    CPU_PROVIDER,
  )
  const { pixels } = await readPicture(await readFile(shared('photos/chelsea.png')), {
    size: { width: 256, height: 256 },
  })
  const planes = pixelsToPlanes(pixels).map(value => (value + 1) / 2)
  const { latent } = await encoder.run({ image: { data: planes, dims: [1, 3, 256, 256] } }, ['latent'])
  await encoder.close()
  const small = await resizePixels(pixels, { width: 32, height: 32 })
  const preview = latentPreview(latent.data, small, 'sd')
  const apart =
    preview.data.reduce((sum, value, at) => sum + Math.abs(value - small.data[at]!), 0) / preview.data.length
  expect(apart).toBeLessThan(20)
})
