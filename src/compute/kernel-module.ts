import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageDirectory } from '../package-info.js';
import type {
  Address,
  FileFunctions,
  HeartFunctions,
  SectionFunctions,
  SignalQualityFunctions,
} from './kernel-functions.js';

export type { Address } from './kernel-functions.js';

/** What `kernel/index.ts` exports; each is described there. */
export interface KernelFunctions
  extends FileFunctions, HeartFunctions, SectionFunctions, SignalQualityFunctions {
  readonly convolve: (
    input: Address,
    runStep: number,
    weights: Address,
    quads: number,
    offsets: Address,
    factors: Address,
    output: Address,
    positions: number,
    channels: number,
    least: number,
    most: number,
  ) => void;
  readonly toPoints: (
    input: Address,
    tileStep: number,
    tiles: number,
    depth: number,
    output: Address,
  ) => void;
  readonly productsAtPoint: (
    input: Address,
    runStep: number,
    weights: Address,
    pairs: number,
    output: Address,
    tiles: number,
    channels: number,
  ) => void;
  readonly fromPoints: (
    input: Address,
    tiles: number,
    channels: number,
    offsets: Address,
    factors: Address,
    output: Address,
    positions: number,
    least: number,
    most: number,
  ) => void;
  readonly meanOverTime: (
    input: Address,
    steps: number,
    channels: number,
    factor: number,
    output: Address,
    least: number,
    most: number,
  ) => void;
  readonly quantise: (
    input: Address,
    count: number,
    inverse: number,
    output: Address,
    least: number,
    most: number,
  ) => void;
  readonly dequantise: (input: Address, count: number, step: number, output: Address) => void;
  readonly combine: (
    operation: number,
    a: Address,
    aRow: number,
    aEach: number,
    b: Address,
    bRow: number,
    bEach: number,
    output: Address,
    rows: number,
    columns: number,
    least: number,
    most: number,
  ) => void;
  readonly scaledExponentials: (
    input: Address,
    count: number,
    factor: Address,
    plus: Address,
    output: Address,
    total: Address,
    share: number,
  ) => void;
  readonly scaledLogarithms: (
    input: Address,
    count: number,
    operation: number,
    before: Address,
    plus: Address,
    after: Address,
    output: Address,
    total: Address,
    share: number,
  ) => void;
  readonly sigmoids: (input: Address, count: number, output: Address) => void;
  readonly limit: (input: Address, count: number, output: Address, least: number, most: number) => void;
  readonly softmax: (input: Address, rows: number, columns: number, beta: number, output: Address) => void;
  readonly reduce: (
    operation: number,
    input: Address,
    outer: number,
    count: number,
    inner: number,
    factor: number,
    output: Address,
  ) => void;
  readonly multiply: (
    a: Address,
    aRow: number,
    aStep: number,
    b: Address,
    bRow: number,
    offsets: Address,
    output: Address,
    rows: number,
    depth: number,
    columns: number,
    least: number,
    most: number,
  ) => void;
  readonly multiplyNeighbours: (
    a: Address,
    weight: number,
    blocks: Address,
    offsets: Address,
    output: Address,
    rows: number,
    depth: number,
    columns: number,
    least: number,
    most: number,
  ) => void;
  readonly multiplyRuns: (
    a: Address,
    b: Address,
    offsets: Address,
    output: Address,
    rows: number,
    depth: number,
    columns: number,
    least: number,
    most: number,
  ) => void;
  readonly averagePool: (
    input: Address,
    steps: number,
    channels: number,
    first: number,
    length: number,
    stride: number,
    output: Address,
    positions: number,
    least: number,
    most: number,
  ) => void;
  readonly copyRows: (
    input: Address,
    inputRow: number,
    output: Address,
    outputRow: number,
    rows: number,
    bytes: number,
  ) => void;
  readonly transpose: (input: Address, rows: number, columns: number, output: Address) => void;
  readonly allFinite: (input: Address, count: number) => number;
  readonly runProgram: (at: Address, end: Address) => void;
  readonly frameEnergies: (
    samples: Address,
    frames: number,
    hop: number,
    frameSamples: number,
    half: number,
    bands: number,
    tables: Address,
    weightCount: number,
    work: Address,
    ring: Address,
    rows: number,
    row: number,
  ) => void;
  readonly windowFeatures: (
    energies: Address,
    rows: number,
    columns: number,
    floor: number,
    bandMeanRemoval: number,
    scale: number,
    clip: number,
    work: Address,
    output: Address,
  ) => number;
  readonly resample: (
    input: Address,
    phases: Address,
    taps: number,
    up: number,
    down: number,
    position: number,
    output: Address,
    count: number,
    work: Address,
  ) => void;
}

type Exports = KernelFunctions & {
  readonly memory: WebAssembly.Memory;
  readonly FIRST_FREE: WebAssembly.Global;
};

const PAGE_BYTES = 65_536;
/** A vector; also as much as a loop may read or write behind the end of what it works on. */
const ALIGNMENT = 16;

let compiled: WebAssembly.Module | undefined;

/**
 * The compute module with a memory of its own. Compiled once a thread, in a few milliseconds, without waiting.
 *
 * What is allocated stays until the whole object is let go.
 */
export class KernelModule {
  readonly functions: KernelFunctions;
  private readonly memory: WebAssembly.Memory;
  /** The memory's, which another replaces when it grows; to ask for it takes longer than to make a view. */
  private buffer: ArrayBuffer;
  private all: Float64Array;
  private free: Address;

  constructor() {
    compiled ??= new WebAssembly.Module(readFileSync(join(packageDirectory, 'src/compute/kernel.wasm')));
    const exports = new WebAssembly.Instance(compiled).exports as unknown as Exports;
    this.functions = exports;
    this.memory = exports.memory;
    this.buffer = this.memory.buffer;
    this.all = new Float64Array(this.buffer);
    this.free = exports.FIRST_FREE.value as number;
  }

  /**
   * Room for `bytes` bytes and a vector behind them, all 0. Views that were taken before may be void afterwards.
   *
   * @throws RangeError where the memory cannot grow so far
   */
  allocate(bytes: number): Address {
    const address = Math.ceil(this.free / ALIGNMENT) * ALIGNMENT;
    const end = address + bytes + ALIGNMENT;
    const missing = end - this.buffer.byteLength;
    if (missing > 0) {
      this.memory.grow(Math.ceil(missing / PAGE_BYTES));
      this.buffer = this.memory.buffer;
      this.all = new Float64Array(this.buffer);
    }
    this.free = end;
    return address;
  }

  /** All of the memory: what is at an address is its eighth. */
  get numbers(): Float64Array {
    return this.all;
  }

  bytes(address: Address, count: number): Uint8Array {
    return new Uint8Array(this.buffer, address, count);
  }

  float32s(address: Address, count: number): Float32Array {
    return new Float32Array(this.buffer, address, count);
  }

  float64s(address: Address, count: number): Float64Array {
    return new Float64Array(this.buffer, address, count);
  }

  int32s(address: Address, count: number): Int32Array {
    return new Int32Array(this.buffer, address, count);
  }

  int16s(address: Address, count: number): Int16Array {
    return new Int16Array(this.buffer, address, count);
  }
}
