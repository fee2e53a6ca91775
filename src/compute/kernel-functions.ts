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

/** Of `kernel/heart.ts` and `kernel/heart-sounds.ts`. */
export interface HeartFunctions {
  readonly takeEnvelopes: (
    frames: Address,
    count: number,
    rowBytes: number,
    state: Address,
    blocks: number,
    blockFrames: number,
    lags: number,
  ) => void;
  readonly rhythmBeat: (
    state: Address,
    blocks: number,
    blockFrames: number,
    lags: number,
    leastPairs: number,
    modulation: number,
    shortest: number,
    longest: number,
    preferences: Address,
    isWhole: number,
    work: Address,
    output: Address,
  ) => number;
  readonly heartSoundsLength: () => number;
  readonly heartSoundsWork: (hidden: number) => number;
  readonly heartSounds: (
    frames: Address,
    count: number,
    rowBytes: number,
    state: Address,
    isComplete: number,
    beat: number,
    confidence: number,
    network: Address,
    hidden: number,
    likelihoodScale: number,
    work: Address,
    output: Address,
  ) => number;
  readonly lastHeartSounds: (
    state: Address,
    network: Address,
    hidden: number,
    likelihoodScale: number,
    work: Address,
    output: Address,
  ) => number;
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
