import { embeddedBackend } from '../../src/queue/backends/embedded.js'

// A process that uses the folder of a queue. `folder-ownership.test.ts` starts two on one folder. It tells its parent that the folder is
// open, then that it was lost and whether a write was refused.

const backend = await embeddedBackend(process.argv[2]!, { onError: () => {} })
process.send!('open')
process.on('message', async (text: string) => {
  await backend.store.set('x', 60, text)
  process.send!(await backend.store.get('x'))
})
const problem = await backend.whenLost
const refusal = await backend.store.set('x', 60, 'from the lost process').then(
  () => 'written',
  error => String(error),
)
process.send!({ problem: problem.problem, refusal })
await backend.close()
process.disconnect()
