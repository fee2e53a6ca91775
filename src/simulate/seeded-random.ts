/**
 * Numbers that look random and are the same for the same seed: mulberry32 (Tommy Ettinger, public domain), good enough
 * for faults, not for secrets.
 */
export class SeededRandom {
  private state: number;

  /** @param keys whole numbers, all of which change the sequence. */
  constructor(...keys: readonly number[]) {
    let state = 0x9e3779b9;
    for (const key of keys) state = scramble(state ^ scramble(key >>> 0));
    this.state = state;
  }

  /** uint32. */
  integer(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = this.state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  /** In [0, 1). */
  fraction(): number {
    return this.integer() / 2 ** 32;
  }

  /** Whole number in 0..limit - 1. */
  below(limit: number): number {
    return Math.floor(this.fraction() * limit);
  }

  bytes(count: number): Uint8Array {
    const bytes = new Uint8Array(count);
    for (let index = 0; index < count; index++) bytes[index] = this.integer();
    return bytes;
  }
}

/** Finaliser of MurmurHash3 (Austin Appleby, public domain). */
function scramble(value: number): number {
  let mixed = value ^ (value >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
