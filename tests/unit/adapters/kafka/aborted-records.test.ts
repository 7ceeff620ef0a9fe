import { describe, expect, it } from 'vitest'
import { type FetchedPartition, hideAborted } from '../../../../src/adapters/kafka/aborted-records.ts'

type Message = FetchedPartition['messages'][number]

const MARKERS = { abort: Buffer.from([0, 0, 0, 0]), commit: Buffer.from([0, 0, 0, 1]) }

/** A log as text, one word an offset: `a` a record of producer a, `a!` its abort marker, `a+` its commit marker. */
function log(words: string, from = 0): Message[] {
  return words.split(' ').map((word, i) => {
    const producerId = word[0] ?? ''
    const marker = word[1] === '!' ? MARKERS.abort : word[1] === '+' ? MARKERS.commit : undefined
    const batchContext = { producerId, inTransaction: producerId !== 'n' }
    const key = marker ?? (word[1] === '0' ? MARKERS.abort : Buffer.from('key'))
    return { offset: String(from + i), key, batchContext, isControlRecord: marker !== undefined }
  })
}

/** Offsets that a reader of committed records is given. `aborted` is in the order of the ends, as the broker's is. */
function visible(messages: Message[], aborted: readonly [string, number][]): number[] {
  const partition: FetchedPartition = {
    messages,
    abortedTransactions: aborted.map(([producerId, first]) => ({ producerId, firstOffset: String(first) })),
  }
  hideAborted(partition)
  expect(partition.abortedTransactions).toEqual([])
  return messages.filter(({ isControlRecord }) => isControlRecord !== true).map(({ offset }) => Number(offset))
}

describe('records of aborted transactions', () => {
  it('are hidden where transactions overlap and end in another order than they began', () => {
    const overlapping = log('a a b c b! a! c+ n')
    expect(
      visible(overlapping, [
        ['b', 2],
        ['a', 0],
      ]),
    ).toEqual([3, 7])
  })

  it('are hidden when the fetch begins in the middle of several', () => {
    const middle = log('c b a n c! b! a!', 100)
    expect(
      visible(middle, [
        ['c', 50],
        ['b', 60],
        ['a', 70],
      ]),
    ).toEqual([103])
  })

  it('do not hide what the same producer commits before and after', () => {
    const sequence = log('a a+ a a! a a+ a a!')
    expect(
      visible(sequence, [
        ['a', 2],
        ['a', 6],
      ]),
    ).toEqual([0, 4])
  })

  it('do not end at a record whose key looks like a marker', () => {
    const lookalike = log('a a0 a a!')
    expect(visible(lookalike, [['a', 0]])).toEqual([])
  })

  it('leave a fetch without any as it is', () => {
    const messages = log('a n a+')
    const partition: FetchedPartition = { messages, abortedTransactions: null }
    hideAborted(partition)
    expect(messages.map(({ isControlRecord }) => isControlRecord)).toEqual([false, false, true])
  })
})
