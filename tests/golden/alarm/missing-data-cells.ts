/**
 * The cells of the two tables in Amazon CloudWatch's user guide, "How alarm state is evaluated when data is missing":
 * the newest five datapoints (newest right; O fine, X breaching, - missing), how many must be filled in, and the state
 * for each policy. In both N is 3. `keep` is the guide's "retain current state".
 */
export const CELLS: readonly {
  readonly m: number
  readonly points: string
  readonly fill: number
  readonly states: { readonly [policy in 'missing' | 'ignore' | 'breaching' | 'notBreaching']: string }
}[] = [
  row(3, 'O-X-X', 0, 'OK', 'OK', 'OK', 'OK'),
  row(3, 'O----', 2, 'OK', 'OK', 'OK', 'OK'),
  row(3, '-----', 3, 'INSUFFICIENT_DATA', 'keep', 'ALARM', 'OK'),
  row(3, 'OXX-X', 0, 'ALARM', 'ALARM', 'ALARM', 'ALARM'),
  row(3, '--X--', 2, 'ALARM', 'keep', 'ALARM', 'OK'),
  row(2, 'O-X-X', 0, 'ALARM', 'ALARM', 'ALARM', 'ALARM'),
  row(2, 'OOXOX', 0, 'ALARM', 'ALARM', 'ALARM', 'ALARM'),
  row(2, 'O-X--', 1, 'OK', 'OK', 'ALARM', 'OK'),
  row(2, '----O', 2, 'OK', 'OK', 'ALARM', 'OK'),
  row(2, '---X-', 2, 'ALARM', 'keep', 'ALARM', 'OK'),
]

function row(
  m: number,
  points: string,
  fill: number,
  missing: string,
  ignore: string,
  breaching: string,
  notBreaching: string,
) {
  return { m, points, fill, states: { missing, ignore, breaching, notBreaching } }
}
