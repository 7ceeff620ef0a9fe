import { readFileSync } from 'node:fs'
import { join } from 'node:path'

interface LikelihoodRow {
  readonly raw: readonly number[]
  readonly y: number
  readonly scale: number
  readonly params?: readonly number[]
  readonly log_prob: number
  readonly grad_raw: readonly number[]
  readonly mean?: number
  readonly mu?: number
  readonly variance: number | null
}

type Weights = Readonly<Record<string, number[][] & number[]>>

/** The reference values of tests/golden/forecast/fixtures/deepar-vectors.json, as far as tests read them. */
export interface DeepArVectors {
  readonly lstm_cell: {
    readonly weight_ih: number[][]
    readonly weight_hh: number[][]
    readonly bias_ih: number[]
    readonly bias_hh: number[]
    readonly x: number[][]
    readonly h0: number[][]
    readonly c0: number[][]
    readonly h1: number[][]
    readonly c1: number[][]
  }
  readonly lstm_2layer: { readonly params: Weights; readonly x: number[][][]; readonly out: number[][][] }
  readonly student_t: { readonly rows: readonly LikelihoodRow[] }
  readonly normal: { readonly rows: readonly LikelihoodRow[] }
  readonly negative_binomial_paper: { readonly rows: readonly LikelihoodRow[] }
  readonly special: {
    readonly z: number[]
    readonly softplus: number[]
    readonly x: number[]
    readonly lgamma: number[]
  }
  readonly mean_scaler: {
    readonly data: number[][]
    readonly mask: number[][]
    readonly cases: readonly {
      readonly options: { readonly default_scale?: number; readonly minimum_scale?: number }
      readonly scale: number[][]
    }[]
  }
  readonly time_features: {
    readonly cases: Readonly<
      Record<
        string,
        { readonly freq: string; readonly stamps: string[]; readonly features: Readonly<Record<string, number[]>> }
      >
    >
  }
  readonly lags: Readonly<Record<string, number[]>>
  readonly adam_clip: {
    readonly w0: number[]
    readonly steps: readonly { readonly norm_before_clip: number; readonly w: number[] }[]
  }
  readonly tiny_deepar: {
    readonly input: {
      readonly past_target?: number[][]
      readonly past_observed_values?: number[][]
      readonly future_target?: number[][]
      readonly future_observed_values?: number[][]
    }
    readonly rnn_input: number[][][]
    readonly rnn_output: number[][][]
    readonly scale: number[][]
  } & Readonly<
    Record<
      'student_t',
      {
        readonly params: number[][][]
        readonly loss_per_item: number[]
        readonly loss: number
        readonly weights: Weights
      }
    >
  >
  readonly metrics: {
    readonly series: { readonly start: string; readonly items: Readonly<Record<string, (number | null)[]>> }
    readonly forecasts: readonly {
      readonly item_id: string
      readonly start_index: number
      readonly samples: number[][]
      readonly quantiles: Readonly<Record<string, number[]>>
      readonly mean: number[]
    }[]
    readonly expected: Readonly<Record<string, number>>
  }
}

export function deepArVectors(): DeepArVectors {
  const path = join(import.meta.dirname, '..', 'golden', 'forecast', 'fixtures', 'deepar-vectors.json')
  return JSON.parse(readFileSync(path, 'utf8')) as DeepArVectors
}
