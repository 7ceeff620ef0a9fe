import { expect, it } from 'vitest'
import { Mutex } from '../../../src/runtime/mutex.ts'

it('runs sections one at a time, in order, and goes on after one that fails', async () => {
  const mutex = new Mutex()
  const seen: string[] = []
  const section = (name: string, fails = false) =>
    mutex.run(async () => {
      seen.push(`${name}+`)
      await new Promise((resolve) => setTimeout(resolve, 5))
      seen.push(`${name}-`)
      if (fails) throw new Error(name)
      return name
    })
  const results = await Promise.allSettled([section('a'), section('b', true), section('c')])
  expect(seen).toEqual(['a+', 'a-', 'b+', 'b-', 'c+', 'c-'])
  expect(results.map((r) => r.status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
})

it('says whether anything runs or waits', async () => {
  const mutex = new Mutex()
  expect(mutex.isHeld).toBe(false)
  const failing = mutex.run(() => Promise.reject(new Error('no')))
  const waiting = mutex.run(async () => mutex.isHeld)
  await expect(failing).rejects.toThrow('no')
  expect(await waiting).toBe(true)
  await new Promise((resolve) => setImmediate(resolve))
  expect(mutex.isHeld).toBe(false)
})
