/** Where something stands in the module's memory, in bytes. */
export type Address = number;

/** Of `kernel/flac.ts`, `kernel/flac-bytes.ts` and `kernel/pcm.ts`; each is described there. */
export interface FileFunctions {
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
  readonly int16Amplitudes: (
    input: Address,
    step: number,
    count: number,
    factor: number,
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
 * Of `additive-scores.ts`, `keep-stretch.ts`, `logarithms64.ts`, `loud-sounds.ts`, `mains.ts`, `quality-measures.ts`,
 * `rails.ts`, `same-wave.ts`, `selection.ts` and `sound-measures.ts` in `kernel`.
 */
export interface SignalQualityFunctions {
  readonly keepStretch: (
    samples: Address,
    count: number,
    frames: Address,
    frameCount: number,
    kept: Address,
  ) => void;
  readonly loudSounds: (
    kept: Address,
    binSamples: number,
    keep: number,
    sampleRate: number,
    context: number,
    frameRate: number,
    work: Address,
    output: Address,
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
  readonly judgeRails: (frames: Address, count: number, output: Address) => void;
  readonly frameMeasures: (
    kept: Address,
    count: number,
    context: number,
    perSecond: number,
    work: Address,
    output: Address,
    squares: Address,
  ) => void;
  readonly exactLogarithm10: (x: number) => number;
  readonly rankedOf: (values: Address, count: number, rank: number, work: Address) => number;
  readonly rankedNear: (values: Address, count: number, rank: number, guess: number, work: Address) => number;
  readonly soundMeasures: (
    kept: Address,
    context: number,
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
  readonly sameWave: (kept: Address, lag: number, sampleRate: number, work: Address) => number;
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
