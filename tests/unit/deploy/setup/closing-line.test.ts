import { describe, expect, it } from 'vitest'
import { closingLine, countTests } from '../../../../deploy/setup/closing-line.mjs'

const test = (status: string) => ({ status })

describe('the closing line', () => {
  it('counts tests, and a file that does not load as a failure', () => {
    const report = {
      numPassedTests: 3,
      numFailedTests: 1,
      numPendingTests: 2,
      numTodoTests: 1,
      testResults: [
        { status: 'passed', assertionResults: [test('passed'), test('passed'), test('passed'), test('skipped')] },
        { status: 'failed', assertionResults: [test('failed')] },
        { status: 'failed', assertionResults: [] },
      ],
    }
    const counts = countTests(report)
    expect(counts).toEqual({ passed: 3, failed: 2, skipped: 3 })
    expect(closingLine(counts)).toEqual({ text: '3 passed, 2 failed, 3 skipped', good: false })
  })

  it.each([
    [{ passed: 12, failed: 0, skipped: 0 }, '12 passed, 0 failed', true],
    [{ passed: 0, failed: 0, skipped: 0 }, '0 passed, 0 failed', false],
    [{ passed: 0, failed: 0, skipped: 9 }, '0 passed, 0 failed, 9 skipped', false],
  ])('of %o', (counts, text, good) => {
    expect(closingLine(counts)).toEqual({ text, good })
  })
})
