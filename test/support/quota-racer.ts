import { parseConfig } from '../../src/config.js'
import { openBackend } from '../../src/queue/backends/open-backend.js'
import { quotas } from '../../src/quotas/quotas.js'
import { memorySettings } from '../../src/settings/settings-file.js'

// A process that counts pictures against quotas as a bot does, as fast as it can. `quotas-race.test.ts` starts several.
// Its one argument: jobs to charge; every third one is refunded, every third one settled.

const config = parseConfig(process.env)
const backend = await openBackend(config, console.error)
const counted = quotas(await memorySettings(), config, backend.store)
process.send!('ready')
await new Promise(resolve => process.once('message', resolve))

let granted = 0
for (let index = 0; index < Number(process.argv[2]); index++) {
  const job = { job: `${process.pid}-${index}`, person: `person${index % 2}`, roles: [], server: '1' }
  const pictures = await counted.consume({ ...job, pictures: 1 + (index % 4) }).catch(() => 0)
  if (index % 3 === 0) await counted.refund(job)
  else granted += pictures
  if (index % 3 === 1) await counted.settle({ ...job, seconds: 1 })
}
process.send!(granted)
await backend.close()
process.disconnect()
