import { storeLatestVersion } from './newer-version.js'

// The process of `askInBackground`, with the file and the registry as arguments.

const [file = '', registry = ''] = process.argv.slice(2)
await storeLatestVersion(file, registry)
