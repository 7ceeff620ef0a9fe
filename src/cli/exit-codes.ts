/** What each exit code of the command line means. `ERROR_CODES` says which error ends with which; 130 is a shell's. */
export const EXIT_CODES: Readonly<Record<number, string>> = {
  0: 'done as asked',
  1: 'done, but the outcome is not the hoped one: a demo that detected nothing',
  2: 'the command line, a setting or a pipeline file is wrong; a pipeline test failed',
  3: 'the input data are wrong',
  4: 'a model file or a checkpoint cannot be used',
  5: 'Kafka: not reachable, refused, or a topic is missing',
  6: 'the disk did not take or give the data',
  7: 'something could not be delivered',
  8: 'a native library is missing',
  9: 'the set-up did not succeed',
  70: 'an error of Tidegauge itself, shown with its stack',
  130: 'stopped at once by a second interrupt',
}

/** The codes as lines for `--help`. */
export function exitCodesText(): string {
  const lines = Object.entries(EXIT_CODES).map(([code, meaning]) => `  ${code.padStart(3)}  ${meaning}`)
  return `Exit codes:\n${lines.join('\n')}`
}
