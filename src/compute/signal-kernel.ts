import { KernelModule, type Address, type KernelFunctions } from './kernel-module.js';

export type { Address } from './kernel-module.js';

/** A place in the module's memory that grows with what is put there. */
export class Region {
  private address: Address = 0;
  private bytes = 0;
  private owner: object | undefined;

  constructor(private readonly module: KernelModule) {}

  /** Room for `bytes` bytes; what was there is lost where it has to grow. */
  room(bytes: number): Address {
    if (bytes > this.bytes) this.grow(bytes);
    return this.address;
  }

  /**
   * Puts tables there, unless they are there from the last call. They must not change.
   *
   * @param arrange what is done to them once they are there
   */
  holding(tables: Uint8Array | Float64Array, arrange?: (address: Address, bytes: number) => void): Address {
    if (this.owner !== tables) this.take(tables, arrange);
    return this.address;
  }

  // What is seldom done stands for itself, here and below: V8 compiles what is often done into each of its callers.

  private grow(bytes: number): void {
    // By half at least, as what is left behind is not used again.
    this.bytes = Math.max(bytes, Math.ceil(1.5 * this.bytes));
    this.address = this.module.allocate(this.bytes);
    this.owner = undefined;
  }

  private take(
    tables: Uint8Array | Float64Array,
    arrange: ((address: Address, bytes: number) => void) | undefined,
  ): void {
    const bytes = new Uint8Array(tables.buffer, tables.byteOffset, tables.byteLength);
    const address = this.room(bytes.length);
    this.module.bytes(address, bytes.length).set(bytes);
    arrange?.(address, bytes.length);
    this.owner = tables;
  }
}

/** What has numbers of its own that the module works on. */
export interface Resident {
  /** As they were when somebody else came; not looked at as long as nobody does. */
  readonly numbers: Float64Array;
}

/**
 * A place in the module's memory for the numbers of one object at a time, of several alike. They stay there from call to
 * call, and are carried out and in only where two of them take turns.
 */
export class Residence {
  private address: Address = 0;
  private bytes = 0;
  private resident: Resident | undefined;

  constructor(private readonly module: KernelModule) {}

  /** Where the numbers of this one are now. */
  of(resident: Resident): Address {
    if (this.resident !== resident) this.moveIn(resident);
    return this.address;
  }

  private moveIn(resident: Resident): void {
    const { numbers } = resident;
    if (this.resident !== undefined) this.resident.numbers.set(this.view(this.resident.numbers.length));
    if (numbers.byteLength > this.bytes) {
      this.bytes = numbers.byteLength;
      this.address = this.module.allocate(this.bytes);
    }
    this.view(numbers.length).set(numbers);
    this.resident = resident;
  }

  private view(count: number): Float64Array {
    return this.module.float64s(this.address, count);
  }
}

/** From so many numbers on, a view of them takes less time than to copy them one by one. */
const MANY = 40;

/**
 * This thread's compute module for the signal. Whoever calls it keeps its own state and puts in what the call needs, or
 * lives in a {@link Residence}: so there is one memory, whatever comes and goes, and nothing that has to be given back.
 */
export class SignalKernel {
  private static instance: SignalKernel | undefined;
  private readonly module = new KernelModule();
  readonly functions: KernelFunctions = this.module.functions;
  readonly bank = this.region();
  readonly taps = this.region();
  readonly input = this.region();
  readonly work = this.region();
  readonly output = this.region();
  readonly network = this.region();
  readonly fileBytes = this.region();
  readonly beatPreferences = this.region();
  readonly qualityScores = this.region();
  readonly likenessScores = this.region();

  readonly frontEnd = new Residence(this.module);
  readonly sections = new Residence(this.module);
  readonly rails = new Residence(this.module);
  readonly envelopeBank = new Residence(this.module);
  readonly heartRhythm = new Residence(this.module);
  readonly heartSounds = new Residence(this.module);
  readonly keptStretch = new Residence(this.module);
  readonly qualityMeasures = new Residence(this.module);
  readonly heartLikeness = new Residence(this.module);

  static get(): SignalKernel {
    return (this.instance ??= new SignalKernel());
  }

  /** All of the module's memory, whose numbers stand at an eighth of their address; void as soon as a region grows. */
  get numbers(): Float64Array {
    return this.module.numbers;
  }

  /** Copies numbers into the module's memory, without a view of it. */
  put(values: Float64Array, address: Address): void {
    this.module.numbers.set(values, address / 8);
  }

  /** Copies numbers out of the module's memory, to `output` from `to` on. */
  get(address: Address, count: number, output: Float64Array, to = 0): void {
    const { numbers } = this.module;
    const from = address / 8;
    if (count < MANY) for (let i = 0; i < count; i++) output[to + i] = numbers[from + i];
    else output.set(numbers.subarray(from, from + count), to);
  }

  float64s(address: Address, count: number): Float64Array {
    return this.module.float64s(address, count);
  }

  float32s(address: Address, count: number): Float32Array {
    return this.module.float32s(address, count);
  }

  int32s(address: Address, count: number): Int32Array {
    return this.module.int32s(address, count);
  }

  bytes(address: Address, count: number): Uint8Array {
    return this.module.bytes(address, count);
  }

  private region(): Region {
    return new Region(this.module);
  }
}
