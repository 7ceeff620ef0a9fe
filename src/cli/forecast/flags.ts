import { InvalidArgumentError, Option } from 'commander'
import { LIKELIHOODS, type LikelihoodName } from '../../forecast/distribution/likelihood.ts'

/** Flags that shape a model; what is not given follows from frequency and lengths. */
export interface ModelFlags {
  readonly horizon: number
  readonly freq: string
  readonly context?: number
  readonly likelihood?: LikelihoodName
  readonly steps?: number
  readonly batchSize?: number
  readonly seed?: number
  readonly samples?: number
  readonly json?: true
}

/** A whole number of at least `least`, as an argument parser. */
export function wholeFrom(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= least && value <= 1e9) return value
    throw new InvalidArgumentError(`a whole number from ${least}.`)
  }
}

const whole = (flags: string, description: string, least = 1) =>
  new Option(flags, description).argParser(wholeFrom(least))

/** The options of every command that trains. */
export function modelOptions(): readonly Option[] {
  return [
    whole('--horizon <steps>', 'steps to forecast').makeOptionMandatory(),
    new Option('--freq <frequency>', 'distance of two values: s, min, h, D, W, M, as in 5min').makeOptionMandatory(),
    whole('--context <steps>', 'steps that the model looks back on before it forecasts'),
    new Option('--likelihood <name>', 'family of the predictive distribution').choices([...LIKELIHOODS]),
    whole('--steps <count>', 'training steps'),
    whole('--batch-size <windows>', 'windows a training step'),
    whole('--seed <number>', 'same seed and data, same model', 0),
    whole('--samples <paths>', 'sample paths a forecast'),
    new Option('--json', 'print the outcome as JSON'),
  ]
}

/** The flags that training takes, without those that are absent. */
export function fitSettings(flags: ModelFlags) {
  const { context, likelihood, steps, batchSize, seed } = flags
  const settings = { context, likelihood, steps, batchSize, seed }
  type Given = { [K in keyof typeof settings]?: NonNullable<(typeof settings)[K]> }
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as Given
}
