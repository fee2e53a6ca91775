import { ConfigurationError } from '../errors.js';

export interface BootstrapOptions {
  /** 0 leaves intervals out. */
  readonly replicates: number;
  /** 0..2^32 - 1. */
  readonly seed: number;
}

export const DEFAULT_BOOTSTRAP: BootstrapOptions = { replicates: 2000, seed: 1 };

/** The middle 95 %. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Of fewer defined replicates the interval would speak of the lucky ones only. */
const MIN_DEFINED_SHARE = 0.9;

/**
 * Draws groups with replacement, as often as there are groups, inside each stratum.
 *
 * Groups and not recordings, because recordings of one person resemble each other: an interval that takes them for
 * independent is too narrow. Inside strata (databases), because their sizes are no chance of the sample.
 */
export class GroupBootstrap {
  private readonly strata: readonly (readonly (readonly number[])[])[];
  private readonly random: () => number;
  private readonly recordings: number;

  /** @param groups of each recording; a group is one inside its stratum @param strata of each recording */
  constructor(
    groups: readonly string[],
    strata: readonly string[],
    private readonly options: BootstrapOptions,
  ) {
    const { replicates, seed } = options;
    if (!Number.isInteger(replicates) || replicates < 0 || replicates > 1_000_000) {
      throw new ConfigurationError(`replicates must be an integer in 0..1,000,000, got ${replicates}`);
    }
    if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32) {
      throw new ConfigurationError(`seed must be an integer in 0..${2 ** 32 - 1}, got ${seed}`);
    }
    this.random = seededRandom(seed);
    const byStratum = new Map<string, Map<string, number[]>>();
    for (const [index, stratum] of strata.entries()) {
      const members = byStratum.get(stratum) ?? new Map<string, number[]>();
      byStratum.set(stratum, members);
      const member = members.get(groups[index]);
      if (member === undefined) members.set(groups[index], [index]);
      else member.push(index);
    }
    this.strata = [...byStratum.values()].map((members) => [...members.values()]);
    this.recordings = groups.length;
  }

  /** How often each recording counts in each replicate. The array is reused. */
  *replicates(): Generator<Float64Array, void, undefined> {
    const weights = new Float64Array(this.recordings);
    for (let replicate = 0; replicate < this.options.replicates; replicate++) {
      weights.fill(0);
      for (const groups of this.strata) {
        for (let draw = 0; draw < groups.length; draw++) {
          for (const index of groups[Math.floor(this.random() * groups.length)]) weights[index]++;
        }
      }
      yield weights;
    }
  }
}

/**
 * The percentile interval of a figure's replicates, `null` where it is not defined in one replicate of ten or more, or
 * is the same at both ends: of four right answers out of four every replicate is right, which proves no certainty.
 *
 * @see Efron and Tibshirani, An introduction to the bootstrap, chapter 13; percentiles as numpy's default
 */
export function percentileInterval(values: readonly (number | null)[]): Interval | null {
  const defined = values.filter((value) => value !== null).sort((a, b) => a - b);
  if (defined.length === 0 || defined.length < MIN_DEFINED_SHARE * values.length) return null;
  const interval = { low: quantile(defined, 0.025), high: quantile(defined, 0.975) };
  return interval.low === interval.high ? null : interval;
}

function quantile(sorted: readonly number[], share: number): number {
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
}

/** Numbers in [0, 1), the same for the same seed everywhere: mulberry32 by Tommy Ettinger (public domain). */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
