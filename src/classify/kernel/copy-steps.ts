import { need, numbersOf } from './graph.js';
import type { NetworkPlan, Planned } from './network-plan.js';
import { sliceOf, type Shape } from './shapes.js';

const product = (sizes: Shape) => sizes.reduce((total, size) => total * size, 1);

/** RESHAPE, EXPAND_DIMS, SQUEEZE: nothing moves. */
export function reshape(plan: NetworkPlan, { inputs, output, operation }: Planned): void {
  const [input] = inputs;
  need(input?.type === output.type && input.elements === output.elements, 'a new shape has other elements');
  need(
    output.type !== 'int8' || JSON.stringify(input.quantisation) === JSON.stringify(output.quantisation),
    'a new shape has another scale',
  );
  plan.alias(operation.outputs[0], operation.inputs[0]);
}

function expectFloats({ inputs, output }: Planned): void {
  need(output.type === 'float32' && inputs[0]?.type === 'float32', 'it moves what is not float32');
}

/** STRIDED_SLICE */
export function slice(plan: NetworkPlan, planned: Planned): void {
  expectFloats(planned);
  const { options, inputs, output, operation } = planned;
  const [input, ...bounds] = inputs;
  need(
    bounds.length === 3 && bounds.every((bound) => bound?.type === 'int32') && options !== undefined,
    'a part is not described',
  );
  need(
    [2, 3, 4].every((mask) => options.int32(mask) === 0),
    'a part is described with masks',
  );
  const masks = { begin: options.int32(0), end: options.int32(1) };
  const lists = bounds.map((bound) => numbersOf(bound!));
  const { rows, length, first, step } = sliceOf(input!.shape, lists, masks, output.shape);
  const from = plan.addressOf(operation.inputs[0]) + 4 * first;
  const to = plan.allocate(operation.outputs[0]);
  plan.program.add('copyRows', from, 4 * step, to, 4 * length, rows, 4 * length);
}

/** CONCATENATION */
export function concatenation(plan: NetworkPlan, planned: Planned): void {
  expectFloats(planned);
  const { options, inputs, output, operation } = planned;
  const axes = output.shape.length;
  const axis = ((options?.int32(0) ?? 0) + axes) % axes;
  need(axis >= 0 && (options?.int8(1) ?? 0) === 0, 'tensors are joined in another way');
  const others = (shape: Shape) => shape.filter((_, i) => i !== axis).join();
  const rows = product(output.shape.slice(0, axis));
  const to = plan.allocate(operation.outputs[0]);
  let at = 0;
  inputs.forEach((input, i) => {
    need(
      input?.type === 'float32' &&
        input.shape.length === axes &&
        others(input.shape) === others(output.shape),
      'tensors that are joined do not fit',
    );
    const length = input.elements / rows;
    const from = plan.addressOf(operation.inputs[i]);
    const start = to + 4 * at;
    at += length;
    plan.program.add('copyRows', from, 4 * length, start, (4 * output.elements) / rows, rows, 4 * length);
  });
  need(at * rows === output.elements, 'tensors that are joined have another shape');
}

/** TILE along one axis. */
export function tile(plan: NetworkPlan, planned: Planned): void {
  expectFloats(planned);
  const { inputs, output, operation } = planned;
  const [input, multiples] = inputs;
  need(multiples?.type === 'int32' && multiples.elements === input!.shape.length, 'copies are not counted');
  const times = numbersOf(multiples);
  need(
    output.shape.join() === input!.shape.map((size, axis) => size * times[axis]).join(),
    'copies have another shape',
  );
  need(times.filter((count) => count !== 1).length <= 1, 'copies are along more than one axis');
  const axis = Math.max(
    times.findIndex((count) => count !== 1),
    0,
  );
  const rows = product(input!.shape.slice(0, axis));
  const length = input!.elements / rows;
  const from = plan.addressOf(operation.inputs[0]);
  const to = plan.allocate(operation.outputs[0]);
  const count = times[axis];
  const row = 4 * length * count;
  plan.program.add('copyRows', from, 4 * length, to, row, rows, 4 * length);
  // What is there already is copied behind itself.
  for (let done = 1; done < count; done *= 2) {
    const more = Math.min(done, count - done);
    plan.program.add('copyRows', to, row, to + 4 * length * done, row, rows, 4 * length * more);
  }
}

/** TRANSPOSE that swaps two groups of axes. */
export function turn(plan: NetworkPlan, planned: Planned): void {
  expectFloats(planned);
  const { inputs, output, operation } = planned;
  const [input, order] = inputs;
  need(order?.type === 'int32' && order.elements === input!.shape.length, 'axes are not put in order');
  const { shape } = input!;
  const axes = numbersOf(order);
  need(
    [...axes].sort((a, b) => a - b).every((axis, i) => axis === i) &&
      output.shape.join() === axes.map((axis) => shape[axis]).join(),
    'axes that change places have another shape',
  );
  const moved = axes.filter((axis) => shape[axis] !== 1);
  const start = moved.findIndex((axis, i) => i > 0 && axis < moved[i - 1]);
  if (start === -1) {
    plan.alias(operation.outputs[0], operation.inputs[0]);
    return;
  }
  const rotated = [...moved.slice(start), ...moved.slice(0, start)];
  need(
    rotated.every((axis, i) => i === 0 || axis > rotated[i - 1]),
    'more than two groups of axes change places',
  );
  const columns = product(moved.slice(0, start).map((axis) => shape[axis]));
  const from = plan.addressOf(operation.inputs[0]);
  const to = plan.allocate(operation.outputs[0]);
  const rows = input!.elements / columns;
  plan.program.add('transpose', from, rows, columns, to);
}
