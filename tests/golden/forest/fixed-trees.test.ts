import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Subtree } from '../../../src/forest/tree-view.ts'
import { ForestLab, type Script } from '../../support/forest-lab.ts'

interface Scores {
  readonly disp: number
  readonly codisp: number
  readonly depth: number
  readonly leaf_n: number
}
interface Step {
  readonly op: 'insert' | 'forget'
  readonly index: number
  readonly x?: number[]
  readonly tree: Script
  readonly scores: Readonly<Record<string, Scores>>
}
interface Case {
  readonly name: string
  readonly points: number[][]
  readonly tree: Script
  readonly scores: Readonly<Record<string, Scores>>
  readonly then: readonly Step[]
}

const cases = JSON.parse(readFileSync(new URL('fixtures/fixed-trees.json', import.meta.url), 'utf8')) as Case[]

/** Every cut, box, mass and depth of the tree is the script's, rounded to what is stored. */
function expectTree(lab: ForestLab, node: Subtree, script: Script): void {
  expect(node.mass).toBe(script.n)
  expect(lab.view.isLeaf(0, node)).toBe('leaf' in script)
  const { low, high } = lab.box(0, node)
  if ('leaf' in script) {
    expect(node.depth).toBe(script.d)
    expect(low).toEqual(script.x.map(Math.fround))
    expect(high).toEqual(script.x.map(Math.fround))
    return
  }
  expect(low).toEqual(script.box[0].map(Math.fround))
  expect(high).toEqual(script.box[1].map(Math.fround))
  expect(lab.view.cut(0, node)).toEqual({ dimension: script.q, value: Math.fround(script.p) })
  expectTree(lab, lab.view.left(0, node), script.l)
  expectTree(lab, lab.view.right(0, node), script.r)
}

function expectScores(lab: ForestLab, points: readonly number[][], scores: Case['scores']): void {
  for (const [index, expected] of Object.entries(scores)) {
    const found = lab.inTree(0, points[Number(index)]!)
    expect(found.disp).toBeCloseTo(expected.disp, 9)
    expect(found.codisp).toBeCloseTo(expected.codisp, 9)
    expect(found.depth).toBe(expected.depth)
    expect(found.mass).toBe(expected.leaf_n)
  }
}

describe.each(cases)('the scripted tree $name', ({ points, tree, scores, then }) => {
  it.each([
    ['no boxes kept', { boxCap: 0 }],
    ['the box of every cut kept', { boxMass: 2, boxCap: 16 }],
  ])('has the reference cuts, boxes, masses and scores after every step, with %s', (_, boxes) => {
    const lab = new ForestLab({ inputs: points[0]!.length, trees: 1, sampleSize: 16 }, boxes)
    const all = [...points]
    const present: number[][] = []
    const insert = (point: number[], script: Script) => {
      lab.plant(0, lab.feed(point), point, script, present)
      present.push(point)
    }
    for (const point of points) insert(point, tree)
    expectTree(lab, lab.view.root(0), tree)
    expectScores(lab, all, scores)
    for (const step of then) {
      if (step.op === 'insert') {
        all[step.index] = step.x!
        insert(step.x!, step.tree)
      } else {
        expect(lab.drop(step.index, step.index + 1)).toBe(1)
        present.splice(present.indexOf(all[step.index]!), 1)
      }
      expectTree(lab, lab.view.root(0), step.tree)
      expectScores(lab, all, step.scores)
    }
  })
})
