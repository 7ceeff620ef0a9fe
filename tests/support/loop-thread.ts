import { parentPort, workerData } from 'node:worker_threads'
import { JsonlSinks } from '../../src/adapters/disk/jsonl-sink.ts'
import { LoopServer, portLogger } from '../../src/adapters/threads/loop-server.ts'
import { loopsHere } from '../../src/app/loop-host.ts'

/** A thread whose loops write to files: what a thread of tasks does, without a broker. */
const port = parentPort
if (port === null) throw new Error('started as a program, not as a thread')
const { folder } = workerData as { readonly folder: string }
const host = loopsHere(new JsonlSinks(folder), folder, portLogger(port))
LoopServer.serve(port, { open: host.open, close: host.close })
