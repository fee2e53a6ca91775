import type { Address, KernelFunctions, KernelModule } from '../../compute/kernel-module.js';

/**
 * Functions of the compute module in the order of their numbers in `program.ts` there, and which of their arguments are
 * float32.
 */
const FUNCTIONS = {
  convolve: [],
  toPoints: [],
  productsAtPoint: [],
  fromPoints: [],
  meanOverTime: [3],
  quantise: [2],
  dequantise: [2],
  combine: [10, 11],
  scaledExponentials: [6],
  scaledLogarithms: [8],
  sigmoids: [],
  limit: [3, 4],
  softmax: [3],
  reduce: [5],
  multiply: [10, 11],
  multiplyNeighbours: [1, 8, 9],
  multiplyRuns: [7, 8],
  averagePool: [8, 9],
  copyRows: [],
  transpose: [],
} as const satisfies Partial<Record<keyof KernelFunctions, readonly number[]>>;

export type ProgramFunction = keyof typeof FUNCTIONS;

const NAMES = Object.keys(FUNCTIONS) as readonly ProgramFunction[];

/** Calls of the compute module that it carries out by itself, one after the other. */
export class NetworkProgram {
  private readonly words: number[] = [];
  /** Places of {@link words} that are float32. */
  private readonly floats = new Set<number>();

  add<Name extends ProgramFunction>(name: Name, ...values: Parameters<KernelFunctions[Name]>): void {
    const first = this.words.push(NAMES.indexOf(name));
    for (const index of FUNCTIONS[name]) this.floats.add(first + index);
    this.words.push(...values);
  }

  get bytes(): number {
    return 4 * this.words.length;
  }

  /**
   * Writes the program into the module.
   *
   * @param at room for {@link bytes}
   * @returns what carries it out
   */
  load(kernel: KernelModule, at: Address): () => void {
    const integers = kernel.int32s(at, this.words.length);
    const floats = kernel.float32s(at, this.words.length);
    this.words.forEach((word, i) => ((this.floats.has(i) ? floats : integers)[i] = word));
    const { runProgram } = kernel.functions;
    const end = at + this.bytes;
    return () => runProgram(at, end);
  }
}
