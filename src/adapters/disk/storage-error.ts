import { TidegaugeError } from '../../core/errors.ts'

const HINTS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full: make room, work goes on by itself',
  EDQUOT: 'the disk quota is used up: make room, work goes on by itself',
  EACCES: 'the process may not write there: change the owner or the mode of the folder',
  EPERM: 'the process may not write there: change the owner or the mode of the folder',
  EROFS: 'the file system is read-only: choose another folder or mount it for writing',
  EEXIST: 'a file stands where a folder is needed: choose another folder',
  ENOTDIR: 'a file stands where a folder is needed: choose another folder',
  EMFILE: 'too many open files: raise the limit (ulimit -n)',
  EIO: 'the disk reports an error: check it before anything else',
}

export function errnoOf(thrown: unknown): string | undefined {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined
  return typeof code === 'string' ? code : undefined
}

/** A failed file operation, with the path and what can be done about it. */
export function storageError(thrown: unknown, doing: string, path: string): TidegaugeError {
  if (thrown instanceof TidegaugeError) return thrown
  const errno = errnoOf(thrown)
  const hint = errno === undefined ? undefined : HINTS[errno]
  const why = errno ?? (thrown instanceof Error ? thrown.message : String(thrown))
  return new TidegaugeError('STORAGE_FAILED', `cannot ${doing}: ${why}`, {
    where: path,
    cause: thrown,
    ...(hint === undefined ? {} : { hint }),
  })
}
