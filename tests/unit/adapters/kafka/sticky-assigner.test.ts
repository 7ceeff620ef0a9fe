import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Assignment, assignSticky, decode, type Member } from '../../../../src/adapters/kafka/sticky-assigner.ts'

const partitions = (count: number) => Array.from({ length: count }, (_, i) => i)

function member(memberId: string, holds: Assignment, generation = 1, topics: readonly string[] = ['t']): Member {
  const held = Object.entries(holds).flatMap(([topic, numbers]) => numbers.map((partition) => ({ topic, partition })))
  return { memberId, topics, holdings: { generation, partitions: held } }
}

const assign = (members: readonly Member[], topics: Readonly<Record<string, number>>) =>
  Object.fromEntries(assignSticky(members, new Map(Object.entries(topics).map(([name, n]) => [name, partitions(n)]))))

describe('the sticky assignment', () => {
  it('divides evenly among members that hold nothing', () => {
    expect(assign([member('a', {}), member('b', {})], { t: 5 })).toEqual({ a: { t: [0, 1, 2] }, b: { t: [3, 4] } })
  })

  it('takes from a holder only what a newcomer needs', () => {
    expect(assign([member('a', { t: [0, 1, 2, 3] }), member('new', {})], { t: 4 })).toEqual({
      a: { t: [0, 1] },
      new: { t: [2, 3] },
    })
  })

  it('gives the partitions of one who left to those who have least', () => {
    expect(assign([member('a', { t: [0, 1] }), member('b', { t: [4] })], { t: 6 })).toEqual({
      a: { t: [0, 1, 2] },
      b: { t: [3, 4, 5] },
    })
  })

  it('believes the later of two claims', () => {
    const zombie = member('a', { t: [0, 1] }, 3)
    const owner = member('b', { t: [0, 1] }, 7)
    expect(assign([zombie, owner], { t: 3 })).toEqual({ a: { t: [2] }, b: { t: [0, 1] } })
  })

  it('ignores claims to partitions that are no longer there', () => {
    expect(assign([member('a', { t: [7, 8], gone: [0] }), member('b', {})], { t: 2 })).toEqual({
      a: { t: [0] },
      b: { t: [1] },
    })
  })

  it('gives a topic only to members that read it, and evens out over topics', () => {
    const members = [member('a', {}, 1, ['s', 't']), member('b', {}, 1, ['s', 't']), member('c', {}, 1, ['u'])]
    expect(assign(members, { s: 1, t: 1, u: 2 })).toEqual({ a: { s: [0] }, b: { t: [0] }, c: { u: [0, 1] } })
  })

  it('of any group: each partition once, even by topic, and as few moves as evenness allows', () => {
    const groups = fc.record({
      count: fc.integer({ min: 1, max: 40 }),
      members: fc.integer({ min: 1, max: 8 }),
      owners: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 40, maxLength: 40 }),
    })
    fc.assert(
      fc.property(groups, ({ count, members, owners }) => {
        const held = (i: number) => partitions(count).filter((partition) => owners[partition] === i)
        const group = partitions(members).map((i) => member(`m${i}`, { t: held(i) }))
        const result = assign(group, { t: count })
        const sizes = group.map(({ memberId }) => result[memberId]!['t']?.length ?? 0)
        const given = Object.values(result).flatMap((assignment) => assignment['t'] ?? [])
        expect([...given].sort((a, b) => a - b)).toEqual(partitions(count))
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
        // The most that can stay: each holder keeps its share, and the larger shares go to those who hold enough.
        const share = Math.floor(count / members)
        const beyond = partitions(members).filter((i) => held(i).length > share).length
        const larger = Math.min(count % members, beyond)
        const most = partitions(members).reduce((sum, i) => sum + Math.min(held(i).length, share), 0) + larger
        const stayed = partitions(members).reduce((sum, i) => {
          const own = new Set(result[`m${i}`]!['t'] ?? [])
          return sum + held(i).filter((partition) => own.has(partition)).length
        }, 0)
        expect(stayed).toBe(most)
      }),
    )
  })

  it('is the same whatever the order of the members', () => {
    const group = [member('a', { t: [3] }), member('b', { t: [1, 2] }), member('c', {})]
    expect(assign([...group].reverse(), { t: 7 })).toEqual(assign(group, { t: 7 }))
  })
})

describe('what a member says of itself', () => {
  const nothing = { generation: -1, partitions: [] }

  it.each([
    ['nothing', null],
    ['no bytes', Buffer.alloc(0)],
    ['no JSON', Buffer.from('{')],
    ['JSON of another shape', Buffer.from('{"a":1}')],
    ['a generation that is no number', Buffer.from('["x",[]]')],
  ])('%s counts as holding nothing', (_, bytes) => {
    expect(decode(bytes)).toEqual(nothing)
  })

  it('keeps the claims that can be read', () => {
    expect(decode(Buffer.from('[4,[["t",1],["t"],7,["u",0]]]'))).toEqual({
      generation: 4,
      partitions: [
        { topic: 't', partition: 1 },
        { topic: 'u', partition: 0 },
      ],
    })
  })
})
