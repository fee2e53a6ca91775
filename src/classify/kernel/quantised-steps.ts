import { addTiled, planTiles, POSITIONS_BEYOND, type ConvolutionShape } from './fast-convolution.js';
import { need, valuesOf, type Tensor } from './graph.js';
import { activationOf, type NetworkPlan, type Planned } from './network-plan.js';

/** Channels that the module computes side by side. */
const GROUP = 8;
/** Inputs that it multiplies at once. */
const QUAD = 4;

/** Step and zero point of a tensor that has one of each. */
function stepOf(tensor: Tensor): { readonly scale: number; readonly zeroPoint: number } {
  const { type, quantisation } = tensor;
  need(type === 'int8' && quantisation?.scales.length === 1, 'a tensor is not int8 with one scale');
  return { scale: quantisation.scales[0], zeroPoint: quantisation.zeroPoints[0] };
}

/** What of int8 an activation leaves, less the zero point. */
function limitsOf(tensor: Tensor, activation: number): { readonly least: number; readonly most: number } {
  const { scale, zeroPoint } = stepOf(tensor);
  const { least, most } = activationOf(activation);
  return {
    least: Math.max(-128 - zeroPoint, roundHalfEven(Math.fround(least / scale))),
    most: Math.min(127 - zeroPoint, roundHalfEven(Math.fround(most / scale))),
  };
}

function roundHalfEven(x: number): number {
  const nearest = Math.round(x);
  return Math.abs(x - Math.trunc(x)) === 0.5 && nearest % 2 !== 0 ? nearest - 1 : nearest;
}

export interface Reach {
  /** Of the output. */
  readonly positions: number;
  /** Positions of the input that are missing before its first. */
  readonly before: number;
}

const SAME = 0;

/** How a window of `length` moves over `size` positions: `Padding` of the schema. */
export function reachOf(size: number, length: number, stride: number, padding: number): Reach {
  need(stride >= 1 && length >= 1, 'a window does not move');
  if (padding === SAME) {
    const positions = Math.ceil(size / stride);
    return { positions, before: Math.max((positions - 1) * stride + length - size, 0) >> 1 };
  }
  need(length <= size, 'a window is longer than what it moves over');
  return { positions: Math.floor((size - length) / stride) + 1, before: 0 };
}

/** Zeros that a convolution needs on either side of its input, in elements. */
export function edgeOf({ inputs, operation, options }: Planned): number {
  const [input, weights] = inputs;
  if (operation.code !== CONV_2D || input === undefined || weights === undefined) return 0;
  const beyond = POSITIONS_BEYOND * Math.max(1, options?.int32(1) ?? 1);
  return ((weights.shape[2] ?? 0) + beyond) * (weights.shape[3] ?? 0);
}

export const CONV_2D = 3;

/** CONV_2D over one axis: `[1, 1, width, channels]`. */
export function convolution(plan: NetworkPlan, planned: Planned): void {
  const { options, inputs, output, operation } = planned;
  const [input, weights, offsets] = inputs;
  need(
    options !== undefined && input !== undefined && weights !== undefined,
    'a convolution lacks something',
  );
  const [batch, height, width, depth] = input.shape;
  const [channels, weightHeight, length, weightDepth] = weights.shape;
  need(
    input.shape.length === 4 && weights.shape.length === 4 && output.shape.length === 4,
    'a convolution is not of four axes',
  );
  need(batch === 1 && height === 1 && weightHeight === 1, 'a convolution is over more than one axis');
  need(weightDepth === depth, 'a convolution is grouped');
  need(options.int32(4, 1) === 1, 'a convolution is dilated');
  const stride = options.int32(1);
  const { positions, before } = reachOf(width, length, stride, options.int8(0));
  need(output.shape.join() === [1, 1, positions, channels].join(), 'a convolution has another shape');
  const from = plan.addressOf(operation.inputs[0]) - 2 * before * depth;
  product(plan, planned, {
    from,
    runStep: 2 * stride * depth,
    runLength: length * depth,
    positions,
    channels,
    weights,
    offsets,
    activation: options.int8(3),
    convolution: { depth, stride, length, positions, channels },
  });
}

/** FULLY_CONNECTED of int8. */
export function quantisedProduct(plan: NetworkPlan, planned: Planned): void {
  const { options, inputs, output, operation } = planned;
  const [input, weights, offsets] = inputs;
  need(options !== undefined && input !== undefined && weights !== undefined, 'a product lacks something');
  need(weights.shape.length === 2 && options.int8(1) === 0, 'weights of a product are arranged otherwise');
  const [channels, depth] = weights.shape;
  const rows = input.elements / depth;
  need(Number.isInteger(rows) && output.elements === rows * channels, 'a product has another shape');
  product(plan, planned, {
    from: plan.addressOf(operation.inputs[0]),
    runStep: 2 * depth,
    runLength: depth,
    positions: rows,
    channels,
    weights,
    offsets,
    activation: options.int8(0),
  });
}

interface Product {
  /** Where the first run of inputs stands. */
  readonly from: number;
  /** Bytes. */
  readonly runStep: number;
  readonly runLength: number;
  readonly positions: number;
  readonly channels: number;
  /** `[channels][runLength]` */
  readonly weights: Tensor;
  readonly offsets: Tensor | undefined;
  readonly activation: number;
  /** Where the runs are a convolution's. */
  readonly convolution?: ConvolutionShape;
}

function product(plan: NetworkPlan, { inputs, output, operation }: Planned, what: Product): void {
  const { from, runStep, runLength, positions, channels, weights, offsets, activation } = what;
  const input = stepOf(inputs[0]!);
  const result = stepOf(output);
  const quantisation = weights.quantisation;
  need(
    weights.type === 'int8' &&
      quantisation !== undefined &&
      quantisation.zeroPoints.every((zero) => zero === 0) &&
      (quantisation.scales.length === 1 ||
        (quantisation.scales.length === channels && quantisation.axis === 0)),
    'weights are not int8 with a scale a channel',
  );
  need(
    offsets === undefined || (offsets.type === 'int32' && offsets.elements === channels),
    'offsets are not int32, one a channel',
  );
  plan.count(positions * channels * runLength);
  const { scales } = quantisation;
  const padded = Math.ceil(channels / GROUP) * GROUP;
  const factors = new Float32Array(padded);
  for (let channel = 0; channel < channels; channel++) {
    const scale = scales.length === 1 ? scales[0] : scales[channel];
    factors[channel] = Math.fround(input.scale * scale) / result.scale;
  }
  const offsetsPadded = new Int32Array(padded);
  if (offsets !== undefined) offsetsPadded.set(valuesOf(offsets));
  const factorsAt = plan.float32s(factors);
  const offsetsAt = plan.int32s(offsetsPadded);
  const to = plan.allocate(operation.outputs[0]);
  const { least, most } = limitsOf(output, activation);
  const tiling = what.convolution && planTiles(what.convolution);
  if (tiling !== undefined) {
    const taps = { ...what.convolution!, from, weights: valuesOf(weights), offsetsAt, factorsAt };
    return addTiled(plan, tiling, { ...taps, to, least, most });
  }
  const quads = Math.ceil(runLength / QUAD);
  const packed = plan.int16s(packWeights(valuesOf(weights), channels, runLength, quads));
  plan.program.add(
    'convolve',
    from,
    runStep,
    packed,
    quads,
    offsetsAt,
    factorsAt,
    to,
    positions,
    channels,
    least,
    most,
  );
}

/** `[channels][runLength]` to `[channels / 8][2 * quads][8][2]`, zeros where there is none. */
function packWeights(
  weights: ArrayLike<number>,
  channels: number,
  runLength: number,
  quads: number,
): Int16Array {
  const groups = Math.ceil(channels / GROUP);
  const packed = new Int16Array(groups * GROUP * QUAD * quads);
  for (let channel = 0; channel < channels; channel++) {
    const group = Math.floor(channel / GROUP) * GROUP * QUAD * quads;
    for (let k = 0; k < runLength; k++) {
      const pair = group + (k >> 1) * 2 * GROUP;
      packed[pair + 2 * (channel % GROUP) + (k & 1)] = weights[channel * runLength + k];
    }
  }
  return packed;
}

/** QUANTIZE: float32 to int8. */
export function quantisation(plan: NetworkPlan, { inputs, output, operation }: Planned): void {
  const [input] = inputs;
  need(input?.type === 'float32' && input.elements === output.elements, 'it quantises what is not float32');
  const { scale } = stepOf(output);
  const from = plan.addressOf(operation.inputs[0]);
  const to = plan.allocate(operation.outputs[0]);
  const { least, most } = limitsOf(output, 0);
  const inverse = Math.fround(1 / scale);
  const { elements } = input;
  plan.program.add('quantise', from, elements, inverse, to, least, most);
}

/** DEQUANTIZE: int8 to float32. */
export function dequantisation(plan: NetworkPlan, { inputs, output, operation }: Planned): void {
  const [input] = inputs;
  need(
    input?.type === 'int8' && output.type === 'float32' && input.elements === output.elements,
    'it makes float32 of what is not int8',
  );
  const { scale } = stepOf(input);
  const from = plan.addressOf(operation.inputs[0]);
  const to = plan.allocate(operation.outputs[0]);
  const { elements } = input;
  plan.program.add('dequantise', from, elements, scale, to);
}

/** MEAN of int8 over the axis before the last. */
export function quantisedMean(
  plan: NetworkPlan,
  { inputs, output, operation }: Planned,
  steps: number,
): void {
  const input = inputs[0]!;
  const channels = output.elements;
  const { scale } = stepOf(input);
  const factor = Math.fround(scale / Math.fround(stepOf(output).scale * steps));
  const from = plan.addressOf(operation.inputs[0]);
  const to = plan.allocate(operation.outputs[0]);
  const { least, most } = limitsOf(output, 0);
  plan.program.add('meanOverTime', from, steps, channels, factor, to, least, most);
}
