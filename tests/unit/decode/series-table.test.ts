import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../src/core/limits.ts'
import { SeriesTable } from '../../../src/decode/series-table.ts'

const reasonOf = (name: unknown, labels: unknown) => {
  const found = new SeriesTable().lookup(name, labels, undefined)
  return 'reason' in found ? found.reason : found.series.key
}

describe('SeriesTable', () => {
  it('gives the same entry for the same fields, and the same key for labels in another order', () => {
    const table = new SeriesTable()
    const one = table.lookup('up', { b: '2', a: '1' }, 'gauge')
    expect(table.lookup('up', { b: '2', a: '1' }, 'gauge')).toBe(one)
    expect(table.lookup('up', { a: '1', b: '2' }, 'gauge')).toEqual(one)
    expect(one).toMatchObject({ series: { key: 'up{a="1",b="2"}' }, kind: 'gauge' })
    expect(table.lookup('up', { a: '1', b: '2' }, 'delta')).toMatchObject({ kind: 'delta' })
  })

  it('takes numbers and booleans as their text, and null or the empty text as no label', () => {
    expect(reasonOf('up', { port: 80, tls: true, zone: null, rack: '' })).toBe('up{port="80",tls="true"}')
    expect(reasonOf('up', undefined)).toBe('up')
    expect(reasonOf('up', null)).toBe('up')
  })

  it('takes the name from __name__ when there is no other, and never keeps it as a label', () => {
    expect(reasonOf(undefined, { __name__: 'up', job: 'a' })).toBe('up{job="a"}')
    expect(reasonOf('down', { __name__: 'up', job: 'a' })).toBe('down{job="a"}')
    expect(reasonOf(null, { job: 'a' })).toBe('name_missing')
  })

  it.each([
    ['', {}, 'name_missing'],
    [7, {}, 'name_invalid'],
    ['up{a="1"}', {}, 'name_invalid'],
    ['two\nlines', {}, 'name_invalid'],
    ['x'.repeat(LIMITS.nameChars + 1), {}, 'name_too_long'],
    ['up', [], 'labels_invalid'],
    ['up', 'a=1', 'labels_invalid'],
    ['up', { a: {} }, 'labels_invalid'],
    ['up', { a: [1] }, 'labels_invalid'],
    ['up', { '': '1' }, 'labels_invalid'],
    ['up', { 'a="1",b': '2' }, 'labels_invalid'],
    ['up', { a: 'nul\u0000' }, 'labels_invalid'],
    ['up', JSON.parse('{"__proto__":"x"}'), 'labels_invalid'],
    ['up', { ['x'.repeat(LIMITS.labelNameChars + 1)]: '1' }, 'label_too_long'],
    ['up', { a: 'x'.repeat(LIMITS.labelValueChars + 1) }, 'label_too_long'],
    [
      'up',
      Object.fromEntries(Array.from({ length: LIMITS.labelsPerSeries + 1 }, (_, i) => [`l${i}`, '1'])),
      'too_many_labels',
    ],
  ])('refuses %j with %j as %s', (name, labels, reason) => {
    expect(reasonOf(name, labels)).toBe(reason)
  })

  it('does not let a NUL in a value pass for the border of two labels', () => {
    const table = new SeriesTable()
    table.lookup('up', { a: '1', b: '2' }, undefined)
    table.lookup('up', { a: '80' }, undefined)
    expect(table.lookup('up', { a: '1\u0000b\u00002', c: '' }, undefined)).toMatchObject({ reason: 'labels_invalid' })
    expect(table.lookup('up', { 'a\u00001\u0000b': '2', c: '' }, undefined)).toMatchObject({ reason: 'labels_invalid' })
  })
})
