import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { replaceFile } from '../../adapters/disk/files.ts'
import { TidegaugeError } from '../../core/errors.ts'
import type { DeepArModel } from '../../forecast/deepar/model.ts'
import { decodeModel, encodeModel } from '../../forecast/deepar/model-file.ts'

/** Puts a model at a path, whole or not at all: the one that was there stays until the new one is on the disk. */
export async function writeModel(path: string, model: DeepArModel): Promise<void> {
  try {
    await replaceFile(resolve(path), encodeModel(model))
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : String(cause)
    throw new TidegaugeError('STORAGE_FAILED', `the model cannot be written: ${what}`, {
      where: path,
      hint: 'is there room, and may it be written to? A model that was there is unchanged',
      cause,
    })
  }
}

/** Throws INPUT_INVALID when there is no such file, MODEL_INVALID when it is no model that this version can use. */
export async function readModel(path: string): Promise<DeepArModel> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new TidegaugeError('INPUT_INVALID', 'cannot be read', { where: path, hint: 'is the path right?', cause })
  })
  return decodeModel(bytes, path)
}
