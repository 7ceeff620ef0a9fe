import { beta } from './beta.ts'
import { deterministicL1 } from './deterministic-l1.ts'
import { gaussian } from './gaussian.ts'
import type { Likelihood, LikelihoodName } from './likelihood.ts'
import { negativeBinomial } from './negative-binomial.ts'
import { studentT } from './student-t.ts'

/** Every likelihood by its name. */
export const LIKELIHOOD_BY_NAME: Readonly<Record<LikelihoodName, Likelihood>> = {
  'student-t': studentT,
  gaussian,
  'negative-binomial': negativeBinomial,
  beta,
  'deterministic-l1': deterministicL1,
}
