import { asTidegaugeError } from '../core/errors.ts'
import type { ModelRelease, RefusedModel } from '../pipeline/detector/band-model.ts'
import type { ModelCatalog } from './model-catalog.ts'

export interface FollowerPorts {
  readonly catalog: Pick<ModelCatalog, 'active' | 'activeVersion'>
  /** Hands the model to every partition; it is not asked to hold what it has already. */
  readonly adopt: (release: ModelRelease | undefined) => Promise<void>
  /** The active model cannot even be read; the one in use stays. */
  readonly refused: (refusal: RefusedModel) => void
}

/** Keeps a pipeline's partitions at the model that its catalog says is active. */
export class ModelFollower {
  readonly #pipeline: string
  readonly #ports: FollowerPorts
  #release: ModelRelease | undefined
  #checking: Promise<void> | undefined

  constructor(pipeline: string, ports: FollowerPorts) {
    this.#pipeline = pipeline
    this.#ports = ports
  }

  /** The active model as it was last read: what a partition without any state begins with. */
  get release(): ModelRelease | undefined {
    return this.#release
  }

  /** Reads what is active, without handing it over. Never rejects. */
  async read(): Promise<void> {
    const { catalog, refused } = this.#ports
    try {
      const version = await catalog.activeVersion(this.#pipeline)
      if (version === this.#release?.version) return
      this.#release = await catalog.active(this.#pipeline)
    } catch (thrown) {
      const error = asTidegaugeError(thrown)
      refused({ reason: error.code === 'SNAPSHOT_VERSION' ? 'later_version' : 'damaged', detail: error.describe() })
    }
  }

  /** Looks whether another model is active, and hands it over; one look at a time. */
  check(): Promise<void> {
    this.#checking ??= this.read()
      .then(() => this.#ports.adopt(this.#release))
      .finally(() => {
        this.#checking = undefined
      })
    return this.#checking
  }
}
