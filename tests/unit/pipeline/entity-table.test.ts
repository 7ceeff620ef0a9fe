import { describe, expect, it } from 'vitest'
import { EntityTable, type TableEntry } from '../../../src/pipeline/entity-table.ts'

const entry = (key: string, lastActiveMs = 0): TableEntry => ({ key, lastActiveMs })

function table(limit: number, onLimit: 'evict' | 'refuse' = 'evict') {
  const evicted: string[] = []
  const entities = new EntityTable<TableEntry>({ limit, onLimit, idleMs: 100, onEvict: (e) => evicted.push(e.key) })
  return { entities, evicted }
}

describe('EntityTable', () => {
  it('admits up to its limit', () => {
    const { entities } = table(2)
    expect(entities.admit(0)).toBe('created')
    entities.add(entry('a'))
    expect(entities.admit(0)).toBe('created')
    entities.add(entry('b'))
    expect(entities.admit(0)).toBe('refused')
  })

  it('lets the least recently active entry go once it has been silent long enough', () => {
    const { entities, evicted } = table(2)
    const a = entry('a')
    entities.add(a)
    entities.add(entry('b'))
    entities.touch(a, 50)
    expect(entities.admit(99)).toBe('refused')
    expect(entities.admit(100)).toBe('evicted_other')
    expect(evicted).toEqual(['b'])
    expect(entities.size).toBe(1)
  })

  it('refuses newcomers for ever when told to', () => {
    const { entities, evicted } = table(1, 'refuse')
    entities.add(entry('a'))
    expect(entities.admit(1e12)).toBe('refused')
    expect(evicted).toEqual([])
  })

  it('keeps the order of activity by period, not by sample', () => {
    const { entities } = table(3)
    const [a, b, c] = [entry('a'), entry('b'), entry('c')]
    for (const e of [a, b, c]) entities.add(e)
    entities.touch(a, 10)
    entities.touch(b, 10)
    entities.touch(a, 10)
    entities.touch(a, 5)
    expect([...entities.values()].map((e) => e.key)).toEqual(['c', 'a', 'b'])
    expect(a.lastActiveMs).toBe(10)
  })

  it('tells of everything that it lets go when cleared', () => {
    const { entities, evicted } = table(3)
    entities.add(entry('a'))
    entities.add(entry('b'))
    entities.clear()
    expect(evicted).toEqual(['a', 'b'])
    expect(entities.size).toBe(0)
  })
})
