import { parentPort } from 'node:worker_threads'
import { toPlainError } from '../../core/errors.ts'
import { fitModel } from '../../forecast/deepar/fit.ts'
import { Forecaster } from '../../forecast/deepar/forecast.ts'
import { decodeModel, encodeModel } from '../../forecast/deepar/model-file.ts'
import { loadTensorflow } from './backend.ts'
import type { Reply, Request } from './messages.ts'

/** The worker's side: one request at a time, answered by progress and one last reply. */
function handle(request: Request, reply: (message: Reply) => void): void {
  if (request.kind === 'forecast') {
    const forecaster = new Forecaster(decodeModel(request.model, 'model'))
    reply({ kind: 'forecasts', forecasts: forecaster.forecast(request.series, request.options) })
    return
  }
  const loaded = loadTensorflow()
  if (!loaded.ok) throw loaded.error
  if (request.kind === 'probe') {
    reply({ kind: 'ready' })
    return
  }
  const { warmStart } = request
  const options = warmStart ? { ...request.options, warmStart: decodeModel(warmStart, 'warm start') } : request.options
  const run = fitModel(loaded.value, request.series, options)
  for (;;) {
    const next = run.next()
    if (next.done === true) {
      const { model, ...rest } = next.value
      reply({ kind: 'fitted', model: encodeModel(model), rest })
      return
    }
    reply({ kind: 'progress', progress: next.value })
  }
}

const port = parentPort
// Tensors of int64 make tfjs-node warn on the console at every length of sequence; nothing can be done about it there.
console.warn = () => {}
port?.on('message', (request: Request) => {
  const reply = (message: Reply) => port.postMessage(message)
  try {
    handle(request, reply)
  } catch (thrown) {
    reply({ kind: 'failed', error: toPlainError(thrown) })
  }
})
