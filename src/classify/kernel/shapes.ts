import { need, numbersOf, type Tensor } from './graph.js';

export type Shape = readonly number[];

/** How one side of a combination is walked over: elements from row to row, and whether it has one for each column. */
export interface Side {
  readonly row: number;
  readonly each: boolean;
}

/**
 * Two tensors that are combined, each standing for what it lacks, as rows and columns.
 *
 * @throws UnsupportedModel where two axes do not do
 */
export function broadcast(
  a: Shape,
  b: Shape,
  output: Shape,
): { readonly rows: number; readonly columns: number; readonly sides: readonly [Side, Side] } {
  need(a.length <= output.length && b.length <= output.length, 'a combination has another shape');
  const sizeOf = (shape: Shape, axis: number) => shape[axis - output.length + shape.length] ?? 1;
  /** Neighbouring axes that both sides have or lack alike are one. */
  const axes: { size: number; readonly has: readonly [boolean, boolean] }[] = [];
  output.forEach((size, axis) => {
    const has = [a, b].map((shape) => sizeOf(shape, axis) === size) as [boolean, boolean];
    need(
      [a, b].every((shape) => [1, size].includes(sizeOf(shape, axis))) && has.includes(true),
      'a combination has another shape',
    );
    if (size === 1) return;
    const last = axes.at(-1);
    if (last !== undefined && last.has.join() === has.join()) last.size *= size;
    else axes.push({ size, has });
  });
  need(axes.length <= 2, 'a combination is over more than two axes');
  while (axes.length < 2) axes.unshift({ size: 1, has: [false, false] });
  const [rows, columns] = axes;
  const sides = [0, 1].map((side): Side => {
    const each = columns.has[side];
    return { each, row: rows.has[side] ? (each ? columns.size : 1) : 0 };
  }) as [Side, Side];
  return { rows: rows.size, columns: columns.size, sides };
}

/** A tensor whose axes in `axes` become one figure, as `[outer][count][inner]`. */
export function reduction(
  shape: Shape,
  axes: Tensor | undefined,
  left: number,
): { readonly outer: number; readonly count: number; readonly inner: number } {
  need(axes?.type === 'int32', 'the axes of a sum are not given');
  const chosen = new Set(numbersOf(axes).map((axis) => (axis < 0 ? axis + shape.length : axis)));
  const sizes = [1, 1, 1];
  let part = 0;
  shape.forEach((size, axis) => {
    if (size === 1) return;
    if (chosen.has(axis) !== (part === 1)) part++;
    need(part <= 2, 'a sum is over axes that are not side by side');
    sizes[part] *= size;
  });
  const [outer, count, inner] = sizes;
  need(outer * inner === left, 'a sum has another shape');
  return { outer, count, inner };
}

/** Equal pieces, one after the other here and there. */
export interface Rows {
  readonly rows: number;
  /** Elements, like all here. */
  readonly length: number;
  readonly first: number;
  readonly step: number;
}

/**
 * What STRIDED_SLICE takes, with strides of 1.
 *
 * @param masks bit n set: axis n from its beginning, to its end
 */
export function sliceOf(
  shape: Shape,
  [begins, ends, strides]: readonly (readonly number[])[],
  masks: { readonly begin: number; readonly end: number },
  output: Shape,
): Rows {
  need(
    [begins, ends, strides].every((list) => list.length === shape.length) &&
      strides.every((step) => step === 1),
    'a part is taken with gaps',
  );
  const inside = (at: number, size: number) => Math.min(Math.max(at < 0 ? at + size : at, 0), size);
  const from = shape.map((size, axis) => ((masks.begin >> axis) & 1 ? 0 : inside(begins[axis], size)));
  const taken = shape.map(
    (size, axis) => ((masks.end >> axis) & 1 ? size : inside(ends[axis], size)) - from[axis],
  );
  need(output.join() === taken.join(), 'a part has another shape');
  const product = (sizes: Shape) => sizes.reduce((total, size) => total * size, 1);
  const isPart = shape.map((size, axis) => taken[axis] < size);
  const last = isPart.lastIndexOf(true);
  if (last === -1) return { rows: 1, length: product(shape), first: 0, step: 0 };
  need(isPart.indexOf(true) === last, 'a part is cut from more than one axis');
  const inner = product(shape.slice(last + 1));
  return {
    rows: product(shape.slice(0, last)),
    length: taken[last] * inner,
    first: from[last] * inner,
    step: shape[last] * inner,
  };
}
