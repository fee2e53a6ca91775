/** Where something stands in the module's memory, in bytes. */
export type Address = number;

/** Of `kernel/flac.ts` and `kernel/flac-bytes.ts`; each is described there. */
export interface FlacFunctions {
  readonly reverseBytes: (bytes: Address, count: number) => void;
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
  readonly flacCrc16: (bytes: Address, from: number, to: number) => number;
  readonly storeFlacSamples: (
    samples: Address,
    blockSize: number,
    channels: number,
    arrangement: number,
    bitsPerSample: number,
    output: Address,
  ) => number;
}

/** Of `kernel/beat.ts`, `kernel/heart.ts`, `kernel/heart-cycle.ts` and `kernel/heart-states.ts`. */
export interface HeartFunctions {
  readonly lagProducts: (
    values: Address,
    step: number,
    frames: Address,
    products: Address,
    bands: number,
    stride: number,
    count: number,
    lags: number,
  ) => void;
  readonly correlate: (
    frames: Address,
    products: Address,
    bands: number,
    stride: number,
    held: number,
    context: number,
    blocks: number,
    lags: number,
    leastPairs: number,
    modulation: number,
    work: Address,
    output: Address,
  ) => void;
  readonly findBeat: (
    correlations: Address,
    lags: number,
    shortest: number,
    longest: number,
    preferences: Address,
    output: Address,
  ) => number;
  readonly judgeFrames: (
    frames: Address,
    count: number,
    rowBytes: number,
    state: Address,
    reference: number,
    leastEnergy: number,
    leastFrames: number,
    lookAhead: number,
    scaling: Address,
    network: Address,
    inputs: number,
    hidden: number,
    likelihoodScale: number,
    work: Address,
    output: Address,
  ) => number;
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
    row: number,
    lengths: Address,
    history: number,
  ) => void;
}

/**
 * Of `additive-scores.ts`, `loud-sounds.ts`, `mains.ts`, `quality-measures.ts`, `rails.ts`, `same-wave.ts`,
 * `selection.ts` and `sound-measures.ts` in `kernel`.
 */
export interface SignalQualityFunctions {
  readonly envelopeBins: (
    samples: Address,
    count: number,
    binSamples: number,
    keep: number,
    state: Address,
  ) => number;
  readonly loudSounds: (
    state: Address,
    keep: number,
    reach: number,
    apart: number,
    most: number,
    leastShare: number,
    floorRank: number,
    leastEnergy: number,
    before: number,
    binSamples: number,
    sampleRate: number,
    frames: Address,
    held: number,
    first: number,
    frameRate: number,
    work: Address,
    output: Address,
  ) => void;
  readonly blockPowers: (
    samples: Address,
    count: number,
    begun: number,
    blockSamples: number,
    state: Address,
    output: Address,
  ) => number;
  readonly mainsBlocks: (
    samples: Address,
    count: number,
    begun: number,
    blockSamples: number,
    blocks: number,
    context: number,
    period: number,
    lines: number,
    state: Address,
    work: Address,
  ) => void;
  readonly areQuiet: (ring: Address, count: number, lines: number, rank: number, limit: number) => number;
  readonly mainsTurns: (
    ring: Address,
    count: number,
    lines: number,
    oldest: number,
    quiet: number,
    rank: number,
    work: Address,
    output: Address,
  ) => void;
  readonly quietMedian: (
    ring: Address,
    count: number,
    lines: number,
    line: number,
    largest: number,
    work: Address,
  ) => number;
  readonly railFrames: (
    samples: Address,
    count: number,
    phase: number,
    frameRate: number,
    sampleRate: number,
    state: Address,
    fullScale: number,
    nearShare: number,
    output: Address,
  ) => void;
  readonly keepFrames: (
    frames: Address,
    count: number,
    rowBytes: number,
    histories: Address,
    keep: number,
    end: number,
  ) => number;
  readonly frameMeasures: (
    histories: Address,
    keep: number,
    end: number,
    count: number,
    perSecond: number,
    work: Address,
    output: Address,
  ) => void;
  readonly rankedOf: (values: Address, count: number, rank: number, work: Address) => number;
  readonly frameLevels: (
    frames: Address,
    count: number,
    rowBytes: number,
    leastEnergy: number,
    output: Address,
  ) => void;
  readonly soundMeasures: (
    levels: Address,
    oldest: number,
    sounds: Address,
    count: number,
    expectedSystole: number,
    unknownDeviation: number,
    unknownSpread: number,
    work: Address,
    output: Address,
  ) => void;
  readonly addScores: (values: Address, table: Address, end: Address, sums: Address, count: number) => void;
  readonly correlationOf: (a: Address, b: Address, first: number, count: number) => number;
  readonly largestCorrelation: (
    x: Address,
    count: number,
    shortest: number,
    lags: number,
    leastEnergy: number,
    work: Address,
  ) => number;
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
