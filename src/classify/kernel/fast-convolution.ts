import type { Address } from '../../compute/kernel-module.js';
import type { NetworkPlan } from './network-plan.js';

/**
 * Where sums are computed, as numerator and denominator, the last one infinity; `fast-convolution.ts` of the compute module
 * knows them too.
 */
const POINTS: readonly (readonly [number, number])[] = [
  [0, 1],
  [1, 1],
  [-1, 1],
  [2, 1],
  [-2, 1],
  [1, 2],
  [-1, 2],
  [3, 1],
  [1, 0],
];
/** By point: what of the factor that makes the taps' transform whole the module multiplies its sums with. */
const FACTORS_AFTER = [5, 7, 5, 5, 1, 1, 1, 3, 15] as const;
/** What makes the taps' transform whole. */
const DENOMINATOR = 12_600;
/** Of inputs in a tile, of multiplications, and of points. */
const TILE_INPUTS = POINTS.length;
/** Taps of a group, and outputs of a tile: alike, so that all groups share the tiles' transforms. */
const TILE_OUTPUTS = 5;
/** Channels and elements that the module takes together. */
const VECTOR = 8;
/** Eight times a sum must fit in 31 bits: 255 * 128 * 8192 is just below 2^28. */
const MOST_RUN = 8192;
/** Multiplications that transforms are worth, as a share of all: below this saving they do not pay. */
const LEAST_GAIN = 0.8;
/** The module takes no fewer. */
const LEAST_TILES = 3;

export interface FastConvolution {
  /** Of five taps. */
  readonly groups: number;
  readonly tiles: number;
}

export interface ConvolutionShape {
  /** Of an input position. */
  readonly depth: number;
  readonly stride: number;
  readonly length: number;
  readonly positions: number;
  readonly channels: number;
}

/**
 * How to compute a convolution in tiles.
 *
 * @returns `undefined` where that does not pay or cannot be
 */
export function planTiles(shape: ConvolutionShape): FastConvolution | undefined {
  const { depth, stride, length, positions, channels } = shape;
  if (depth % VECTOR !== 0 || channels % VECTOR !== 0) return undefined;
  if (length * depth > MOST_RUN) return undefined;
  // A stride of two is one of one over positions twice as deep.
  const taps = Math.ceil(length / stride);
  const groups = Math.ceil(taps / TILE_OUTPUTS);
  const tiles = Math.ceil(positions / TILE_OUTPUTS);
  const products = TILE_INPUTS * groups - (taps % TILE_OUTPUTS === 0 ? 0 : 1);
  const pays = tiles * products * stride < LEAST_GAIN * positions * length;
  return pays && tiles >= LEAST_TILES ? { groups, tiles } : undefined;
}

/** Positions behind those that a plain convolution reads which a tile may read: they must be 0. */
export const POSITIONS_BEYOND = TILE_INPUTS;

export interface TiledProduct extends ConvolutionShape {
  /** First position of the first output's run. */
  readonly from: Address;
  /** `[channels][length][depth]` */
  readonly weights: ArrayLike<number>;
  readonly offsetsAt: Address;
  readonly factorsAt: Address;
  readonly to: Address;
  readonly least: number;
  readonly most: number;
}

/** Adds the steps of a convolution in tiles: the same numbers to the bit as `convolve` gives. */
export function addTiled(plan: NetworkPlan, tiling: FastConvolution, what: TiledProduct): void {
  const { from, depth, stride, positions, channels, offsetsAt, factorsAt, to, least, most } = what;
  const { groups, tiles } = tiling;
  const row = stride * depth;
  const inputTiles = tiles + groups - 1;
  const transformedBytes = 2 * TILE_INPUTS * inputTiles * row;
  const transformed = plan.scratch(transformedBytes + 4 * TILE_INPUTS * tiles * channels);
  const sums = transformed + transformedBytes;
  plan.program.add('toPoints', from, 2 * TILE_OUTPUTS * row, inputTiles, row, transformed);
  transformTaps(what, groups).forEach(({ packed, pairs }, point) => {
    const input = transformed + 2 * point * inputTiles * row;
    const output = sums + 4 * point * tiles * channels;
    const weights = plan.int16s(packed);
    plan.program.add('productsAtPoint', input, 2 * row, weights, pairs, output, tiles, channels);
  });
  plan.program.add('fromPoints', sums, tiles, channels, offsetsAt, factorsAt, to, positions, least, most);
}

/** Taps at each point, `[channels / 8][pairs][8][2]` as the module takes them, without what is 0 there at the end. */
function transformTaps(
  { weights, depth, stride, length, channels }: ConvolutionShape & Pick<TiledProduct, 'weights'>,
  groups: number,
): { packed: Int16Array; pairs: number }[] {
  const row = stride * depth;
  const whole = length * depth;
  const group = TILE_OUTPUTS * row;
  return tapFactors().map((factors) => {
    // In a row of the last group, whatever has a tap there has one in the first row that is not multiplied with 0.
    const first = factors.findIndex((factor) => factor !== 0);
    const inLast = Math.min(row, whole - (groups - 1) * group - first * row);
    const run = inLast > 0 ? (groups - 1) * row + inLast : (groups - 1) * row;
    const packed = new Int16Array(channels * run);
    const sums = new Int32Array(run);
    for (let channel = 0; channel < channels; channel++) {
      sums.fill(0);
      for (let to = 0, from = channel * whole; to < run; to += row, from += group) {
        for (let k = first; k < TILE_OUTPUTS; k++) {
          const count = Math.min(row, run - to, (channel + 1) * whole - from - k * row);
          addTimes(factors[k], weights, from + k * row, count, sums, to);
        }
      }
      packPairs(sums, packed, (channel - (channel % VECTOR)) * run + 2 * (channel % VECTOR));
    }
    return { packed, pairs: run / 2 };
  });
}

// Plain loops of their own: a model is opened once, and the engine has not seen them before.

function addTimes(
  factor: number,
  from: ArrayLike<number>,
  at: number,
  count: number,
  sums: Int32Array,
  to: number,
): void {
  if (factor === 0) return;
  for (let i = 0; i < count; i++) sums[to + i] += factor * from[at + i];
}

/** Pairs of a channel stand side by side, between those of the channels that the module takes with it. */
function packPairs(sums: Int32Array, packed: Int16Array, at: number): void {
  for (let i = 0; i < sums.length; i += 2, at += 2 * VECTOR) {
    packed[at] = sums[i];
    packed[at + 1] = sums[i + 1];
  }
}

/** By point: what each tap of a group is multiplied with. */
function tapFactors(): number[][] {
  return POINTS.map(([a, b], point) => {
    // Infinity's own factor of all others, -b, is left out where they are not multiplied with it either.
    const product = POINTS.reduce(
      (all, [c, d], other) => (other === point || d === 0 ? all : all * (d * a - c * b)),
      b === 0 ? 1 : b,
    );
    const factor = DENOMINATOR / product / FACTORS_AFTER[point];
    return Array.from({ length: TILE_OUTPUTS }, (_, k) => factor * a ** k * b ** (TILE_OUTPUTS - 1 - k));
  });
}
