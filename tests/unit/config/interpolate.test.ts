import { describe, expect, it } from 'vitest'
import { interpolate } from '../../../src/config/interpolate.ts'

const environment = {
  variable: (name: string) => ({ A: 'a', EMPTY: '', N: '12', YES: 'true', REF: '$' + '{A}' })[name],
  file: (path: string) => (path === '/s' ? 'secret\n' : undefined),
}

const ref = (inner: string) => `\${${inner}}`

describe('interpolate', () => {
  it.each([
    ['text without references stays', 'plain $A text', 'plain $A text'],
    ['a variable', ref('A'), 'a'],
    ['inside text', `x-${ref('A')}-${ref('A')}`, 'x-a-a'],
    ['an empty variable is empty', `<${ref('EMPTY')}>`, '<>'],
    ['a default stands for an unset variable', ref('NO:-d'), 'd'],
    ['a default stands for an empty variable', ref('EMPTY:-d'), 'd'],
    ['a default may be empty', `<${ref('NO:-')}>`, '<>'],
    ['a default is not used when the variable is set', ref('A:-d'), 'a'],
    ['a file, without its last line break', ref('file:/s'), 'secret'],
    ['an escaped reference', `$${ref('A')}`, ref('A')],
    ['what is put in is not looked at again', ref('REF'), ref('A')],
    ['a number inside text stays text', `${ref('N')}m`, '12m'],
  ])('%s', (_, text, expected) => {
    expect(interpolate(text, true, environment)).toEqual({ ok: true, value: expected })
  })

  it('gives numbers and booleans only for an unquoted whole reference', () => {
    expect(interpolate(ref('N'), true, environment)).toEqual({ ok: true, value: 12 })
    expect(interpolate(ref('YES'), true, environment)).toEqual({ ok: true, value: true })
    expect(interpolate(ref('N'), false, environment)).toEqual({ ok: true, value: '12' })
  })

  it('names everything that is missing, at once', () => {
    const result = interpolate(`${ref('NO')} ${ref('file:/none')} ${ref('A')}`, true, environment)
    expect(result.ok ? [] : result.messages).toEqual([
      expect.stringContaining('NO is not set'),
      expect.stringContaining('/none cannot be read'),
    ])
  })

  it.each(['$' + '{', ref(''), ref('1A'), ref('A-d'), ref('A:d')])('refuses %s', (text) => {
    expect(interpolate(text, true, environment)).toMatchObject({ ok: false })
  })
})
