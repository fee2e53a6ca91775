import type { Address } from '../../compute/kernel-module.js';
import type { NetworkPlan } from './network-plan.js';

/** Where sums are computed, beside infinity; see `fast-convolution.ts` of the compute module, which knows them too. */
const POINTS = [0, 1, -1, 2, -2, 3] as const;
/** Of inputs in a tile, of multiplications, and of points with infinity. */
const TILE_INPUTS = POINTS.length + 1;
/** What makes the taps' transform whole. */
const DENOMINATOR = 120;
/** Taps of a group; a tile has `TILE_INPUTS + 1` less as many outputs. */
const GROUP_TAPS = [4, 5] as const;
/** Channels and elements that the module takes together. */
const VECTOR = 8;
/** Eight times a sum must fit in 31 bits: 255 * 128 * 8192 is just below 2^28. */
const MOST_RUN = 8192;
/** Multiplications that transforms are worth, as a share of all: below this saving they do not pay. */
const LEAST_GAIN = 0.8;
/** Fewer positions are not worth their tiles. */
const LEAST_POSITIONS = 8;

export interface FastConvolution {
  /** Taps of a group. */
  readonly groupTaps: number;
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
  if (length * depth > MOST_RUN || positions < LEAST_POSITIONS) return undefined;
  // A stride of two is one of one over positions twice as deep.
  const taps = Math.ceil(length / stride);
  let best: FastConvolution | undefined;
  let least = LEAST_GAIN * positions * length;
  for (const groupTaps of GROUP_TAPS) {
    const tileLength = TILE_INPUTS + 1 - groupTaps;
    const groups = Math.ceil(taps / groupTaps);
    // Only where groups are as far apart as tiles do all groups share the tiles' transforms.
    if (groups > 1 && groupTaps !== tileLength) continue;
    const tiles = Math.ceil(positions / tileLength);
    const full = TILE_INPUTS * groups - (taps % groupTaps === 0 ? 0 : 1);
    const cost = tiles * full * stride;
    if (cost >= least) continue;
    least = cost;
    best = { groupTaps, groups, tiles };
  }
  return best;
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
  const { groupTaps, groups, tiles } = tiling;
  const row = stride * depth;
  const tileLength = TILE_INPUTS + 1 - groupTaps;
  const inputTiles = tiles + groups - 1;
  const transformedBytes = 2 * TILE_INPUTS * inputTiles * row;
  const transformed = plan.scratch(transformedBytes + 4 * TILE_INPUTS * tiles * channels);
  const sums = transformed + transformedBytes;
  const { toPoints, productsAtPoint, fromPoints } = plan.functions;
  const points = transformTaps(what, groupTaps, groups).map(({ packed, quads }, point) => ({
    weights: plan.int16s(packed),
    quads,
    input: transformed + 2 * point * inputTiles * row,
    output: sums + 4 * point * tiles * channels,
  }));
  plan.steps.push(() => {
    toPoints(from, 2 * tileLength * row, inputTiles, row, transformed);
    for (const { input, weights, quads, output } of points) {
      productsAtPoint(input, 2 * row, weights, quads, output, tiles, channels);
    }
    fromPoints(sums, tiles, channels, tileLength, offsetsAt, factorsAt, to, positions, least, most);
  });
}

/** Taps at each point, `[channels / 8][2 * quads][8][2]` as the module takes them, without groups that are 0 there. */
function transformTaps(
  { weights, depth, stride, length, channels }: ConvolutionShape & Pick<TiledProduct, 'weights'>,
  groupTaps: number,
  groups: number,
): { packed: Int16Array; quads: number }[] {
  const row = stride * depth;
  const whole = length * depth;
  /** Of tap `k` over positions `row` deep. */
  const tap = (channel: number, k: number, at: number) =>
    k * row + at < whole ? weights[channel * whole + k * row + at] : 0;
  return tapFactors(groupTaps).map((factors) => {
    const firstTap = factors.findIndex((factor) => factor !== 0);
    const used = (groups - 1) * groupTaps + firstTap < Math.ceil(length / stride) ? groups : groups - 1;
    const run = used * row;
    const packed = new Int16Array(channels * run);
    for (let channel = 0; channel < channels; channel++) {
      const start = (channel - (channel % VECTOR)) * run + 2 * (channel % VECTOR);
      for (let i = 0; i < run; i++) {
        const [group, at] = [Math.floor(i / row), i % row];
        const value = factors.reduce(
          (sum, factor, k) => sum + factor * tap(channel, group * groupTaps + k, at),
          0,
        );
        packed[start + (i >> 1) * 2 * VECTOR + (i & 1)] = value;
      }
    }
    return { packed, quads: run / 4 };
  });
}

/** By point: what each tap of a group is multiplied with. */
function tapFactors(groupTaps: number): number[][] {
  const finite = POINTS.map((point) => {
    const product = POINTS.reduce<number>((all, other) => (other === point ? all : all * (point - other)), 1);
    return Array.from({ length: groupTaps }, (_, k) => (DENOMINATOR / product) * point ** k);
  });
  const atInfinity = Array.from({ length: groupTaps }, (_, k) => (k === groupTaps - 1 ? DENOMINATOR : 0));
  return [...finite, atInfinity];
}
