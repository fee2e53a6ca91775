import { need, valuesOf, type Tensor } from './graph.js';
import { activationOf, type NetworkPlan, type Planned } from './network-plan.js';
import { neighboursOf } from './neighbours.js';
import { reachOf } from './quantised-steps.js';
import { broadcast, reduction } from './shapes.js';

function expectFloat(...tensors: (Tensor | undefined)[]): void {
  need(
    tensors.every((tensor) => tensor?.type === 'float32'),
    'an operation that the kernel has for float32 is of something else',
  );
}

/** Operations of the module's `combine`. */
export type Combination = 0 | 1 | 2 | 3;

/** ADD, SUB, MUL, DIV. */
export function combination(plan: NetworkPlan, planned: Planned, which: Combination): void {
  const { options, inputs, output, operation } = planned;
  const [a, b] = inputs;
  expectFloat(a, b, output);
  const { rows, columns, sides } = broadcast(a!.shape, b!.shape, output.shape);
  const [aAt, bAt] = [plan.addressOf(operation.inputs[0]), plan.addressOf(operation.inputs[1])];
  const to = plan.allocate(operation.outputs[0]);
  const { least, most } = activationOf(options?.int8(0) ?? 0);
  const [aRow, bRow] = sides.map(({ row }) => 4 * row);
  const [aEach, bEach] = sides.map(({ each }) => Number(each));
  plan.program.add('combine', which, aAt, aRow, aEach, bAt, bRow, bEach, to, rows, columns, least, most);
}

/** LOGISTIC. */
export function sigmoids(plan: NetworkPlan, { inputs, output, operation }: Planned): void {
  expectFloat(inputs[0], output);
  const count = sameElements(inputs[0]!, output);
  const from = plan.addressOf(operation.inputs[0]);
  plan.program.add('sigmoids', from, count, plan.allocate(operation.outputs[0]));
}

/** RELU, RELU6. */
export function rectified(
  plan: NetworkPlan,
  { inputs, output, operation }: Planned,
  activation: number,
): void {
  expectFloat(inputs[0], output);
  const count = sameElements(inputs[0]!, output);
  const from = plan.addressOf(operation.inputs[0]);
  const to = plan.allocate(operation.outputs[0]);
  const { least, most } = activationOf(activation);
  plan.program.add('limit', from, count, to, least, most);
}

export function softmaxOf(plan: NetworkPlan, { options, inputs, output, operation }: Planned): void {
  expectFloat(inputs[0], output);
  const count = sameElements(inputs[0]!, output);
  const columns = output.shape.at(-1) ?? 1;
  const beta = options?.float32(0) ?? 0;
  const from = plan.addressOf(operation.inputs[0]);
  const to = plan.allocate(operation.outputs[0]);
  plan.program.add('softmax', from, count / columns, columns, beta, to);
}

const OPERATIONS = { sum: 0, mean: 0, minimum: 1, maximum: 2 };

/** SUM, MEAN, REDUCE_MIN, REDUCE_MAX. */
export function reductionOf(plan: NetworkPlan, planned: Planned, which: keyof typeof OPERATIONS): void {
  const { inputs, output, operation } = planned;
  expectFloat(inputs[0], output);
  const { outer, count, inner } = reduction(inputs[0]!.shape, inputs[1], output.elements);
  const from = plan.addressOf(operation.inputs[0]);
  const to = plan.allocate(operation.outputs[0]);
  const factor = which === 'mean' ? Math.fround(1 / count) : 1;
  plan.program.add('reduce', OPERATIONS[which], from, outer, count, inner, factor, to);
}

/** So few columns are computed one after the other, each along its inputs. */
const FEW_COLUMNS = 4;

/** FULLY_CONNECTED of float32. */
export function product(plan: NetworkPlan, { options, inputs, output, operation }: Planned): void {
  const [input, weights, offsets] = inputs;
  expectFloat(input, weights, output);
  need(options?.int8(1) === 0 || options === undefined, 'weights of a product are arranged otherwise');
  need(weights!.shape.length === 2, 'weights of a product are not of two axes');
  const [columns, depth] = weights!.shape;
  const rows = input!.elements / depth;
  need(Number.isInteger(rows) && output.elements === rows * columns, 'a product has another shape');
  need(
    offsets === undefined || (offsets.type === 'float32' && offsets.elements === columns),
    'offsets of a product are not one a column',
  );
  plan.count(rows * depth * columns);
  const values = valuesOf(weights!);
  const offsetsAt = plan.float32s(offsets === undefined ? new Float32Array(columns) : valuesOf(offsets));
  const from = plan.addressOf(operation.inputs[0]);
  const to = plan.allocate(operation.outputs[0]);
  const { least, most } = activationOf(options?.int8(0) ?? 0);
  if (columns < FEW_COLUMNS) {
    const b = plan.float32s(values);
    plan.program.add('multiplyRuns', from, b, offsetsAt, to, rows, depth, columns, least, most);
    return;
  }
  const neighbours = neighboursOf(values, columns, depth);
  if (neighbours !== undefined) {
    const { weight } = neighbours;
    const blocks = plan.int32s(neighbours.blocks);
    plan.program.add(
      'multiplyNeighbours',
      from,
      weight,
      blocks,
      offsetsAt,
      to,
      rows,
      depth,
      columns,
      least,
      most,
    );
    return;
  }
  const turned = new Float32Array(values.length);
  values.forEach((value, i) => (turned[(i % depth) * columns + Math.floor(i / depth)] = value));
  const b = plan.float32s(turned);
  plan.program.add(
    'multiply',
    from,
    4 * depth,
    4,
    b,
    4 * columns,
    offsetsAt,
    to,
    rows,
    depth,
    columns,
    least,
    most,
  );
}

/** BATCH_MATMUL of two matrices, the second as it is. */
export function matrixProduct(plan: NetworkPlan, { options, inputs, output, operation }: Planned): void {
  const [a, b] = inputs;
  expectFloat(a, b, output);
  const isTurned = options?.int8(0) === 1;
  need((options?.int8(1) ?? 0) === 0, 'the second matrix of a product is turned');
  const [aRows, aColumns] = matrix(a!);
  const [depth, columns] = matrix(b!);
  const rows = isTurned ? aColumns : aRows;
  need((isTurned ? aRows : aColumns) === depth, 'matrices of a product do not fit');
  need(matrix(output).join() === [rows, columns].join(), 'a product has another shape');
  plan.count(rows * depth * columns);
  const [aAt, bAt] = [plan.addressOf(operation.inputs[0]), plan.addressOf(operation.inputs[1])];
  const offsets = plan.float32s(new Float32Array(columns));
  const to = plan.allocate(operation.outputs[0]);
  const [aRow, aStep] = isTurned ? [4, 4 * rows] : [4 * depth, 4];
  plan.program.add(
    'multiply',
    aAt,
    aRow,
    aStep,
    bAt,
    4 * columns,
    offsets,
    to,
    rows,
    depth,
    columns,
    -Infinity,
    Infinity,
  );
}

function matrix({ shape, elements }: Tensor): [rows: number, columns: number] {
  need(shape.length >= 2, 'a matrix has no two axes');
  const [rows, columns] = shape.slice(-2);
  need(rows * columns === elements, 'matrices are multiplied in batches');
  return [rows, columns];
}

/** AVERAGE_POOL_2D over one axis: `[1, 1, width, channels]`. */
export function averagePoolOf(plan: NetworkPlan, { options, inputs, output, operation }: Planned): void {
  const [input] = inputs;
  expectFloat(input, output);
  need(options !== undefined && input!.shape.length === 4, 'a mean of neighbours is not of four axes');
  const [batch, height, width, channels] = input!.shape;
  need(batch === 1 && height === 1 && options.int32(4) === 1, 'a mean of neighbours is over two axes');
  const [stride, length] = [options.int32(1), options.int32(3)];
  const { positions, before } = reachOf(width, length, stride, options.int8(0));
  need(output.shape.join() === [1, 1, positions, channels].join(), 'a mean of neighbours has another shape');
  plan.count(positions * channels * length);
  const from = plan.addressOf(operation.inputs[0]);
  const to = plan.allocate(operation.outputs[0]);
  const { least, most } = activationOf(options.int8(5));
  plan.program.add('averagePool', from, width, channels, -before, length, stride, to, positions, least, most);
}

function sameElements(input: Tensor, output: Tensor): number {
  need(input.elements === output.elements, 'an operation changes the number of elements');
  return input.elements;
}
