import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Rng } from '../../../src/core/rng.ts'
import { RandomCutForest } from '../../../src/forest/random-cut-forest.ts'
import { ForestLab, mean, standardError } from '../../support/forest-lab.ts'

function fixture<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), 'utf8')) as T
}

interface Exact {
  readonly name: string
  readonly points: readonly [number[], number][]
  readonly splits: readonly { readonly left_points: readonly number[][]; readonly p: number }[]
  readonly perPoint: readonly {
    readonly point: number[]
    readonly E_codisp: number
    readonly sd_codisp: number
    readonly E_depth: number
  }[]
}

const TREES = 1_000
const SEEDS = 24

describe.each(fixture<Exact[]>('exact-expectations'))('against enumeration of every cut: $name', (set) => {
  const inputs = set.perPoint[0]!.point.length
  const all = set.points.flatMap(([point, count]) => Array.from({ length: count }, () => point))
  const build = (seed: number, points: readonly number[][], lab: ForestLab) => {
    lab.reset(seed, true)
    for (const point of points) lab.feed(point)
  }
  const lab = new ForestLab({ inputs, trees: TREES, sampleSize: 32, timeDecay: 0 }, { boxMass: 2, boxCap: 8 })

  it(`in ${TREES * SEEDS} trees CoDisp, depth and the root's cut have the exact means`, () => {
    const codisp = set.perPoint.map((): number[] => [])
    const depth = set.perPoint.map((): number[] => [])
    const splits = set.splits.map(() => 0)
    for (let seed = 1; seed <= SEEDS; seed++) {
      build(seed, all, lab)
      const { view } = lab
      for (let tree = 0; tree < TREES; tree++) {
        for (const [i, { point }] of set.perPoint.entries()) {
          const found = lab.inTree(tree, point)
          codisp[i]!.push(found.codisp)
          depth[i]!.push(found.depth)
        }
        const { dimension, value } = view.cut(tree, view.root(tree))
        const key = (points: readonly number[][]) => points.map(String).sort().join(';')
        const left = key(set.points.map(([point]) => point).filter((point) => point[dimension]! <= value))
        const at = set.splits.findIndex((split) => key(split.left_points) === left)
        splits[at] = splits[at]! + 1
      }
    }
    const n = TREES * SEEDS
    for (const [i, point] of set.perPoint.entries()) {
      if (point.sd_codisp > 0) {
        expect(Math.abs(mean(codisp[i]!) - point.E_codisp) / (point.sd_codisp / Math.sqrt(n))).toBeLessThan(4)
      } else expect(mean(codisp[i]!)).toBeCloseTo(point.E_codisp, 9)
      const error = standardError(depth[i]!)
      expect(Math.abs(mean(depth[i]!) - point.E_depth)).toBeLessThan(4 * error + 1e-9)
    }
    for (const [i, { p }] of set.splits.entries()) {
      expect(Math.abs(splits[i]! / n - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / n) + 1 / n)
    }
  })

  it('the score without insertion has the mean that the point has once inserted', () => {
    for (const { point, E_codisp } of set.perPoint) {
      const others = [...all]
      others.splice(others.indexOf(all.find((other) => String(other) === String(point))!), 1)
      const means: number[] = []
      for (let seed = 100; seed < 124; seed++) {
        build(seed, others, lab)
        means.push(lab.score(point)[0]! / TREES)
      }
      expect(Math.abs(mean(means) - E_codisp)).toBeLessThan(4 * standardError(means) + 1e-9)
    }
  })
})

interface Gaussian {
  readonly points: number[][]
  readonly extra_points: number[][]
  readonly batch_mean: number[]
  readonly batch_se: number[]
}

describe('40 normal points with copies and a collusive pair', () => {
  const { points, extra_points, batch_mean, batch_se } = fixture<Gaussian>('gaussian-40x3')
  const collect = (feed: (lab: ForestLab) => void) => {
    const lab = new ForestLab({ inputs: 3, trees: 1_000, sampleSize: 64, timeDecay: 0 }, { boxMass: 4, boxCap: 16 })
    const codisp = points.map((): number[] => [])
    for (let seed = 1; seed <= 3; seed++) {
      lab.reset(seed, true)
      feed(lab)
      for (let tree = 0; tree < 1_000; tree++) {
        for (const [i, point] of points.entries()) codisp[i]!.push(lab.inTree(tree, point).codisp)
      }
    }
    return codisp.map((values, i) => (mean(values) - batch_mean[i]!) / Math.hypot(standardError(values), batch_se[i]!))
  }
  const rms = (z: readonly number[]) => Math.sqrt(mean(z.map((value) => value * value)))

  it('agrees with trees built at once', () => {
    const z = collect((lab) => points.forEach((point) => void lab.feed(point)))
    expect(Math.max(...z.map(Math.abs))).toBeLessThan(4)
    expect(rms(z)).toBeLessThan(1.5)
  })

  it('agrees when 20 more points were inserted between and deleted again', () => {
    const z = collect((lab) => {
      extra_points.forEach((point) => void lab.feed(point))
      points.forEach((point) => void lab.feed(point))
      expect(lab.drop(0, 20)).toBe(20_000)
    })
    expect(Math.max(...z.map(Math.abs))).toBeLessThan(4)
    expect(rms(z)).toBeLessThan(1.5)
  })
})

describe('a sine with a dip, over a sliding window of 256', () => {
  it('has the reference course of CoDisp, highest at the shingle that ends with the first return', () => {
    const {
      indices,
      mean: reference,
      sd,
    } = fixture<{ indices: number[]; mean: number[]; sd: number[] }>('sine-with-dip')
    const courses: number[][] = []
    for (let seed = 1; seed <= 6; seed++) {
      const lab = new ForestLab({ shingleSize: 4, trees: 40, sampleSize: 256, timeDecay: 0 }, {}, seed)
      lab.reset(seed, true)
      const course: number[] = []
      for (let t = 0; t < 730; t++) {
        // Every point comes in and the oldest goes out: a window, not a sample.
        if (t >= 259) lab.drop(t - 256, t - 255)
        lab.weight = 0
        const value = t >= 235 && t < 255 ? 80 : 50 * Math.sin((2 * Math.PI * (t - 30)) / 100) + 100
        if (t >= 3) course.push(lab.score([value])[0]! / 40)
        lab.feed([value])
      }
      courses.push(course)
      expect(course.indexOf(Math.max(...course))).toBe(252)
    }
    for (const [i, index] of indices.entries()) {
      const values = courses.map((course) => course[index]!)
      const error = Math.hypot(standardError(values), sd[i]! / Math.sqrt(3), 0.03 * reference[i]!)
      expect(Math.abs(mean(values) - reference[i]!), `shingle ${index}`).toBeLessThan(4 * error)
    }
  })
})

interface AwsCase {
  readonly dims: number
  readonly direction: 'axis' | 'diagonal'
  readonly query: readonly { readonly r: number; readonly mean: number; readonly se: number }[]
  readonly random_inlier_mean: number
  readonly random_inlier_se: number
  readonly after_3000_copies_of_one_point_score_of_it?: number
}

describe.each(fixture<AwsCase[]>('aws-scores'))('the depth score in $dims dimensions, $direction', (reference) => {
  it('is that of the AWS library within 4 standard errors', () => {
    const { dims, direction, query } = reference
    const rng = new Rng(dims * 10 + direction.length)
    const normal = () => Array.from({ length: dims }, () => rng.normal())
    const scores = query.map((): number[] => [])
    const inliers: number[] = []
    for (let seed = 1; seed <= 8; seed++) {
      using forest = new RandomCutForest({ inputs: dims, trees: 100, seed })
      for (let i = 0; i < 3_000; i++) forest.update(normal())
      for (const [i, { r }] of query.entries()) {
        const along = (k: number) => (direction === 'diagonal' ? r / Math.sqrt(dims) : k === 0 ? r : 0)
        scores[i]!.push(forest.score(Array.from({ length: dims }, (_, k) => along(k))).depthScore)
      }
      inliers.push(mean(Array.from({ length: 200 }, () => forest.score(normal()).depthScore)))
    }
    const expectNear = (found: number[], centre: number, error: number) =>
      expect(Math.abs(mean(found) - centre)).toBeLessThan(4 * Math.hypot(standardError(found), error))
    for (const [i, { mean: centre, se }] of query.entries()) expectNear(scores[i]!, centre, se)
    expectNear(inliers, reference.random_inlier_mean, reference.random_inlier_se)
  })
})
