import { expect } from 'chai';
import { KernelRuntime, UnsupportedModel } from '../../src/classify/kernel/kernel-runtime.js';
import type { InferenceStart } from '../../src/classify/inference-worker.js';
import { RequestThread } from '../../src/classify/request-thread.js';
import { elementCount, type LoadedTensors } from '../../src/classify/runtime.js';
import { MadeUpNetwork, type Options, type Scale } from '../support/made-up-network.js';

/** Numbers in -1..1 without a pattern. */
function randoms(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

/** What LiteRT makes of it, in a thread of its own. */
async function litert(modelBytes: Uint8Array, input: Float32Array): Promise<Float32Array> {
  const workerData: InferenceStart = { modelBytes, runtime: 'litert' };
  const thread = new RequestThread<Float32Array, Float32Array, LoadedTensors>(
    {
      script: new URL('../../src/classify/inference-worker.js', import.meta.url),
      workerData,
      timeoutMs: 30_000,
      what: 'test',
    },
    () => undefined,
  );
  try {
    await thread.ready;
    return await thread.request(input);
  } finally {
    await thread.close();
  }
}

const activation = (code: number) => ({ int8: code });
const combined = (type: number, code = 0): Options => ({ type, fields: [activation(code)] });
const kept = (keepDims: number): Options => ({ type: 27, fields: [{ int8: keepDims }] });

/** One network of many operations, each of whose results is a part of the output. */
class Parts {
  readonly network: MadeUpNetwork;
  private readonly parts: { readonly name: string; readonly tensor: number }[] = [];

  constructor(
    shape: readonly number[],
    readonly random: () => number,
  ) {
    this.network = new MadeUpNetwork(shape);
  }

  add(name: string, tensor: number): void {
    this.parts.push({ name, tensor });
  }

  values(count: number, scale = 1): number[] {
    return Array.from({ length: count }, () => scale * this.random());
  }

  /** To float32 and flat, so that it can be a part. */
  addQuantised(name: string, tensor: number): void {
    this.add(name, this.network.operation(6, [tensor], this.network.shapes[tensor], { version: 2 }));
  }

  build(): { bytes: Uint8Array; names: string[] } {
    const { network } = this;
    const names: string[] = [];
    const flat = this.parts.map(({ name, tensor }) => {
      const count = elementCount(network.shapes[tensor]);
      names.push(...Array.from({ length: count }, (_, i) => `${name} [${i}]`));
      return network.operation(22, [tensor, network.int32([1, count])], [1, count]);
    });
    const options: Options = { type: 10, fields: [{ int32: 1 }, activation(0)] };
    return { bytes: network.bytes(network.operation(2, flat, [1, names.length], { options })), names };
  }
}

/** float32 operations on `[1, rows, columns]`. */
function floatParts(rows: number, columns: number, seed: number): Parts {
  const parts = new Parts([1, rows, columns], randoms(seed));
  const { network } = parts;
  const { input } = network;
  const shape = [1, rows, columns];

  const sides: Record<string, number[]> = {
    alike: shape,
    'one row': [1, 1, columns],
    'one column': [1, rows, 1],
    'one number': [1],
    'a row of fewer axes': [columns],
  };
  for (const [side, other] of Object.entries(sides)) {
    const values = parts.values(elementCount(other), 2).map((x) => (Math.abs(x) < 0.1 ? 0.5 : x));
    const constant = network.float32(other, values);
    for (const [name, code, type] of [
      ['ADD', 0, 11],
      ['SUB', 41, 28],
      ['MUL', 18, 21],
      ['DIV', 42, 29],
    ] as const) {
      for (const limits of [0, 1, 3]) {
        const options = combined(type, limits);
        parts.add(
          `${name} ${side} ${limits}`,
          network.operation(code, [input, constant], shape, { options }),
        );
      }
      parts.add(
        `${name} ${side}, turned`,
        network.operation(code, [constant, network.operation(47, [input], shape)], shape, {
          options: combined(type),
        }),
      );
    }
  }
  const exponentials = network.operation(47, [input], shape);
  parts.add('EXP', exponentials);
  parts.add('LOG', network.operation(73, [exponentials], shape));
  const one = (code: number, type: number, tensor: number, value: number) =>
    network.operation(code, [tensor, network.float32([1], [value])], shape, { options: combined(type) });
  const quotient = one(0, 11, one(42, 29, exponentials, 3), 0.01);
  const scaled = one(18, 21, network.operation(73, [quotient], shape), 0.43);
  parts.add('LOG with what stands around it', scaled);
  const ofAll = network.int32([1, 2]);
  parts.add('its MEAN', network.operation(40, [scaled, ofAll], [1, 1, 1], { options: kept(1) }));
  const raised = network.operation(47, [one(0, 11, one(18, 21, input, 1.7), -0.3)], shape);
  parts.add(
    'the SUM of EXP with it',
    network.operation(74, [raised, ofAll], [1, 1, 1], { options: kept(1) }),
  );
  parts.add('LOGISTIC', network.operation(14, [input], shape));
  parts.add('RELU', network.operation(19, [input], shape));
  parts.add('RELU6', network.operation(21, [exponentials], shape));
  const softmax: Options = { type: 9, fields: [{ float32: 1 }] };
  parts.add('SOFTMAX', network.operation(25, [input], shape, { options: softmax }));

  const reductions: [string, number][] = [
    ['SUM', 74],
    ['MEAN', 40],
    ['REDUCE_MAX', 82],
    ['REDUCE_MIN', 89],
  ];
  for (const [name, code] of reductions) {
    const over = (axes: number[], output: number[], keep: number) =>
      parts.add(
        `${name} over ${axes.join()}`,
        network.operation(code, [input, network.int32(axes)], output, { options: kept(keep) }),
      );
    over([1], [1, 1, columns], 1);
    over([2], [1, rows], 0);
    over([1, 2], [1, 1, 1], 1);
    over([-1], [1, rows, 1], 1);
  }

  const swap = network.int32([0, 2, 1]);
  const turned = network.operation(39, [input, swap], [1, columns, rows], {
    options: { type: 26, fields: [] },
  });
  parts.add('TRANSPOSE', turned);
  const begin = network.int32([0, 1, 0]);
  const end = network.int32([0, rows, 0]);
  const ones = network.int32([1, 1, 1]);
  const slice = (beginMask: number, endMask: number): Options => ({
    type: 32,
    fields: [{ int32: beginMask }, { int32: endMask }, { int32: 0 }, { int32: 0 }, { int32: 0 }],
  });
  const lower = network.operation(45, [input, begin, end, ones], [1, rows - 1, columns], {
    options: slice(5, 7),
  });
  parts.add('STRIDED_SLICE of rows', lower);
  const last = network.operation(
    45,
    [input, network.int32([0, 0, -2]), network.int32([0, 0, columns - 1]), ones],
    [1, rows, 1],
    { options: slice(3, 3) },
  );
  parts.add('STRIDED_SLICE of a column', last);
  const concatenation: Options = { type: 10, fields: [{ int32: -1 }, activation(0)] };
  parts.add(
    'CONCATENATION of columns',
    network.operation(2, [input, last, exponentials], [1, rows, 2 * columns + 1], { options: concatenation }),
  );
  for (const [down, across] of [
    [1, 3],
    [1, 7],
    [1, 1],
    [4, 1],
  ]) {
    const tiled = network.operation(
      69,
      [input, network.int32([1, down, across])],
      [1, down * rows, across * columns],
    );
    parts.add(`TILE ${down} ${across}`, tiled);
  }
  parts.add(
    'EXPAND_DIMS and SQUEEZE',
    network.operation(
      43,
      [network.operation(70, [input, network.int32([1])], [1, 1, rows, columns])],
      [rows, columns],
      { options: { type: 30, fields: [] } },
    ),
  );

  for (const width of [1, 3, 9, 12]) {
    const weights = network.float32([width, columns], parts.values(width * columns));
    const offsets = network.float32([width], parts.values(width));
    for (const limits of [0, 1]) {
      const options: Options = {
        type: 8,
        fields: [activation(limits), { int8: 0 }, { int8: 1 }],
      };
      parts.add(
        `FULLY_CONNECTED to ${width} ${limits}`,
        network.operation(9, [input, weights, offsets], [1, rows, width], { options }),
      );
    }
  }
  if (columns >= 16) {
    // Twice the sums of four neighbours, with other offsets, and one that is a weight off.
    const firsts = [0, 16, 0].map((first) => Math.min(first, columns - 16));
    const sums = firsts.flatMap((first) =>
      [0, 4, 8, 12].flatMap((at) =>
        Array.from({ length: columns }, (_, k) => (k >> 2 === (first + at) >> 2 ? 0.7 : 0) as number),
      ),
    );
    const offBy1 = sums.with(3, 0.6);
    for (const [name, values] of Object.entries({ neighbours: sums, 'all but neighbours': offBy1 })) {
      const weights = network.float32([12, columns], values);
      const offsets = network.float32([12], parts.values(12));
      const options: Options = { type: 8, fields: [activation(3), { int8: 0 }, { int8: 1 }] };
      parts.add(
        `FULLY_CONNECTED of ${name}`,
        network.operation(9, [input, weights, offsets], [1, rows, 12], { options }),
      );
    }
  }
  const adjoint = (first: number): Options => ({ type: 101, fields: [{ int8: first }, { int8: 0 }] });
  parts.add(
    'BATCH_MATMUL',
    network.operation(126, [turned, input], [1, columns, columns], { options: adjoint(0) }),
  );
  parts.add(
    'BATCH_MATMUL, the first turned',
    network.operation(126, [input, exponentials], [1, columns, columns], { options: adjoint(1) }),
  );

  const line = network.operation(22, [input, network.int32([1, 1, rows, columns])], [1, 1, rows, columns]);
  for (const [padding, stride, length] of [
    [0, 2, 2],
    [0, 1, 3],
    [0, 3, 5],
    [1, 1, 4],
    [1, 2, 3],
  ]) {
    const positions = padding === 0 ? Math.ceil(rows / stride) : Math.floor((rows - length) / stride) + 1;
    const options: Options = {
      type: 5,
      fields: [
        { int8: padding },
        { int32: stride },
        { int32: 1 },
        { int32: length },
        { int32: 1 },
        activation(0),
      ],
    };
    parts.add(
      `AVERAGE_POOL_2D ${padding} ${stride} ${length}`,
      network.operation(1, [line], [1, 1, positions, columns], { options }),
    );
  }
  return parts;
}

/** int8 operations on `[1, 1, width, depth]`. */
function quantisedParts(width: number, depth: number, seed: number): Parts {
  const parts = new Parts([1, 1, width, depth], randoms(seed));
  const { network } = parts;
  const scale: Scale = { scales: [0.013], zeroPoints: [-7] };
  const input = network.operation(114, [network.input], [1, 1, width, depth], { scale });
  parts.addQuantised('QUANTIZE and DEQUANTIZE', input);
  const perChannel = (count: number): Scale => ({
    scales: parts.values(count).map((x) => 0.002 + 0.001 * Math.abs(x)),
    zeroPoints: Array.from({ length: count }, () => 0),
  });
  const int8s = (count: number) => parts.values(count, 127).map(Math.round);
  const offsetsFor = (weights: Scale) =>
    network.int32(
      weights.scales.map(() => Math.round(3000 * parts.random())),
      {
        scales: weights.scales.map((x) => x * scale.scales[0]),
        zeroPoints: weights.zeroPoints,
      },
    );

  for (const [channels, length, stride, padding, limits] of [
    [8, 3, 1, 0, 1],
    [9, 5, 2, 0, 0],
    [17, 1, 1, 0, 3],
    [3, 4, 3, 1, 1],
    [16, 9, 2, 0, 0],
    // In tiles, where depth and width allow it: of one group of 4 or 5 taps, of several, with and without a rest.
    [8, 4, 1, 1, 0],
    [16, 5, 1, 0, 1],
    [24, 13, 1, 0, 1],
    [8, 16, 1, 1, 0],
    [8, 9, 2, 1, 1],
    [32, 7, 2, 0, 0],
    [8, 10, 3, 0, 1],
  ]) {
    if (length > width) continue;
    const weightScale = perChannel(channels);
    const weights = network.int8([channels, 1, length, depth], int8s(channels * length * depth), weightScale);
    const positions = padding === 0 ? Math.ceil(width / stride) : Math.floor((width - length) / stride) + 1;
    const result: Scale =
      limits === 0 ? { scales: [0.05], zeroPoints: [11] } : { scales: [0.03], zeroPoints: [-128] };
    const options: Options = {
      type: 1,
      fields: [
        { int8: padding },
        { int32: stride },
        { int32: 1 },
        activation(limits),
        { int32: 1 },
        { int32: 1 },
      ],
    };
    const output = network.operation(
      3,
      [input, weights, offsetsFor(weightScale)],
      [1, 1, positions, channels],
      { options, scale: result, version: 3 },
    );
    parts.addQuantised(`CONV_2D ${channels} ${length} ${stride} ${padding} ${limits}`, output);
  }

  const flat = network.operation(22, [input, network.int32([width, depth])], [width, depth], { scale });
  for (const channels of [1, 8, 13]) {
    const weightScale: Scale = { scales: [0.004], zeroPoints: [0] };
    const weights = network.int8([channels, depth], int8s(channels * depth), weightScale);
    const offsets = network.int32(
      Array.from({ length: channels }, () => Math.round(3000 * parts.random())),
      { scales: [0.004 * scale.scales[0]], zeroPoints: [0] },
    );
    const options: Options = { type: 8, fields: [activation(0), { int8: 0 }, { int8: 1 }] };
    const output = network.operation(9, [flat, weights, offsets], [width, channels], {
      options,
      scale: { scales: [0.04], zeroPoints: [3] },
      version: 5,
    });
    parts.addQuantised(`FULLY_CONNECTED of int8 to ${channels}`, output);
  }

  const line = network.operation(22, [input, network.int32([1, width, depth])], [1, width, depth], { scale });
  const mean = network.operation(40, [line, network.int32([1])], [1, depth], {
    options: kept(0),
    scale: { scales: [0.003], zeroPoints: [-20] },
    version: 2,
  });
  parts.addQuantised('MEAN of int8', mean);
  return parts;
}

describe("the kernel's operations, against LiteRT", function () {
  const compare = async (parts: Parts, shape: number[], seed: number, tolerance: number, scale: number) => {
    const { bytes, names } = parts.build();
    const random = randoms(seed);
    const input = Float32Array.from({ length: elementCount(shape) }, () => scale * random());
    const ours = new KernelRuntime(bytes).runNow(input);
    const expected = await litert(bytes, input.slice());
    expect(ours.length).to.equal(expected.length);
    expected.forEach((value, i) => {
      const limit = tolerance * Math.max(1, Math.abs(value));
      expect(Math.abs(ours[i] - value), `${names[i]}: ${ours[i]} for ${value}`).to.be.at.most(limit);
    });
  };

  for (const [rows, columns, seed] of [
    [7, 9, 1],
    [16, 8, 2],
    [5, 3, 3],
    [37, 33, 4],
    [6, 48, 5],
  ]) {
    it(`of float32 agree in its digits, ${rows} x ${columns}`, () =>
      compare(floatParts(rows, columns, seed), [1, rows, columns], seed + 100, 1e-5, 2));
  }

  for (const [width, depth, seed] of [
    [37, 32, 1],
    [11, 5, 2],
    [10, 1, 3],
    [74, 13, 4],
    [74, 8, 5],
    [61, 16, 6],
    [147, 48, 7],
  ]) {
    it(`of int8 agree to the bit, ${width} x ${depth}`, () =>
      compare(quantisedParts(width, depth, seed), [1, 1, width, depth], seed + 200, 0, 2));
  }

  it('are refused where they are not what the kernel has', () => {
    const build = (make: (network: MadeUpNetwork) => number) => {
      const network = new MadeUpNetwork([1, 1, 8, 4]);
      const bytes = network.bytes(make(network));
      return () => new KernelRuntime(bytes);
    };
    const options = combined(11);
    const shape = [1, 1, 8, 4];
    const refused: [RegExp, (network: MadeUpNetwork) => number][] = [
      [/code 28/, (network) => network.operation(28, [network.input], shape)],
      [
        /another shape/,
        (network) =>
          network.operation(0, [network.input, network.float32([3], [1, 2, 3])], shape, { options }),
      ],
      [
        /more than two axes/,
        (network) =>
          network.operation(
            0,
            [
              network.operation(22, [network.input, network.int32([2, 2, 2, 4])], [2, 2, 2, 4]),
              network.float32([2, 1, 2, 1], [1, 2, 3, 4]),
            ],
            [2, 2, 2, 4],
            { options },
          ),
      ],
      [
        /activation of code 4/,
        (network) =>
          network.operation(0, [network.input, network.input], shape, { options: combined(11, 4) }),
      ],
      [/other elements/, (network) => network.operation(22, [network.input, network.int32([3])], [3])],
    ];
    for (const [message, make] of refused) expect(build(make)).to.throw(UnsupportedModel, message);
  });
});
