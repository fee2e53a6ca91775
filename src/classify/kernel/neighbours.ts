/** Inputs of a column, and columns that the module computes at once. */
const FOUR = 4;

/** A matrix that `multiplyNeighbours` of the compute module takes. */
export interface Neighbours {
  /** The only one that is not 0. */
  readonly weight: number;
  /** `[columns / 4][2]`: bytes to the first input and to the first column, the same inputs one after the other. */
  readonly blocks: readonly number[];
}

/**
 * Sums or means of neighbours: whether each column of a matrix is of four inputs side by side, all with one weight, and four
 * columns side by side are of sixteen. The rest of the products, with 0, need not be computed then.
 *
 * @param weights `[columns][depth]`
 */
export function neighboursOf(
  weights: ArrayLike<number>,
  columns: number,
  depth: number,
): Neighbours | undefined {
  if (columns % FOUR !== 0 || depth < FOUR * FOUR) return undefined;
  const weight = weights[firstOf(weights, 0, depth)];
  const blocks: { readonly input: number; readonly column: number }[] = [];
  for (let column = 0; column < columns; column += FOUR) {
    const input = firstOf(weights, column, depth);
    if (input + FOUR * FOUR > depth) return undefined;
    for (let i = 0; i < FOUR * depth; i++) {
      const begin = input + FOUR * Math.floor(i / depth);
      const at = i % depth;
      const expected = at >= begin && at < begin + FOUR ? weight : 0;
      if (weights[column * depth + i] !== expected) return undefined;
    }
    blocks.push({ input, column });
  }
  blocks.sort((a, b) => a.input - b.input);
  return { weight, blocks: blocks.flatMap(({ input, column }) => [4 * input, 4 * column]) };
}

/** The first input of a column that counts; the depth where there is none. */
function firstOf(weights: ArrayLike<number>, column: number, depth: number): number {
  let at = 0;
  while (at < depth && weights[column * depth + at] === 0) at++;
  return at;
}
