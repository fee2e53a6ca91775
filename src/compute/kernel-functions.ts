/** Where something stands in the module's memory, in bytes. */
export type Address = number;

/** Of `kernel/flac.ts`; each is described there. */
export interface FlacFunctions {
  readonly readFlacChannels: (
    bytes: Address,
    from: number,
    until: number,
    blockSize: number,
    channels: number,
    bitsPerSample: number,
    wide: number,
    faults: Address,
    output: Address,
  ) => number;
  readonly flacSamples: (
    samples: Address,
    blockSize: number,
    channels: number,
    arrangement: number,
    bitsPerSample: number,
    output: Address,
  ) => number;
  readonly flacBytes: (
    samples: Address,
    blockSize: number,
    channels: number,
    bytesPerSample: number,
    output: Address,
  ) => void;
}

/** Of `kernel/heart.ts` and `kernel/heart-cycle.ts`. */
export interface HeartFunctions {
  readonly lagProducts: (frames: Address, count: number, lags: number, products: Address) => void;
  readonly correlate: (
    frames: Address,
    held: number,
    context: number,
    products: Address,
    blocks: number,
    lags: number,
    leastPairs: number,
    modulation: number,
    work: Address,
    output: Address,
  ) => void;
  readonly heartStates: (
    rows: Address,
    rowCount: number,
    first: number,
    frames: number,
    scaling: Address,
    network: Address,
    inputs: number,
    hidden: number,
    likelihoodScale: number,
    work: Address,
    output: Address,
  ) => void;
  readonly durationTable: (
    mean: number,
    deviation: number,
    shortest: number,
    longest: number,
    room: number,
    unruly: number,
    table: Address,
    survivals: Address,
  ) => void;
  readonly likeliestPaths: (
    logLikelihoods: Address,
    frames: number,
    before: number,
    tables: Address,
    room: number,
    longest: Address,
    sums: Address,
    entries: Address,
    lengths: Address,
  ) => void;
}

/** Of `kernel/sections.ts`. */
export interface SectionFunctions {
  readonly filterSections: (
    input: Address,
    count: number,
    rows: Address,
    sections: number,
    state: Address,
    output: Address,
  ) => void;
  readonly envelopeFrames: (
    samples: Address,
    count: number,
    coefficients: Address,
    state: Address,
    left: number,
    frameSamples: number,
    output: Address,
  ) => void;
}
