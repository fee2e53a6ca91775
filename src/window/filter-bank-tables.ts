import { ConfigurationError } from '../errors.js';

export interface FilterBankDesign {
  readonly sampleRateHz: number;
  readonly frameSamples: number;
  readonly fftSize: number;
  readonly bandCount: number;
  readonly lowHz: number;
  readonly highHz: number;
}

/** What the compute module's `frameEnergies` multiplies with, in the order in which it says. */
export interface FilterBankTables {
  readonly bytes: Uint8Array;
  /** Weights of all bands together that are not 0. */
  readonly weightCount: number;
}

/** @throws ConfigurationError for a transform whose length is no power of two */
export function filterBankTables(options: FilterBankDesign): FilterBankTables {
  const { frameSamples, fftSize, bandCount } = options;
  if (!Number.isInteger(fftSize) || fftSize < 8 || (fftSize & (fftSize - 1)) !== 0) {
    throw new ConfigurationError(
      `the length of a transform must be a power of two from 8 on, got ${fftSize}`,
    );
  }
  const half = fftSize / 2;
  const bands = bandWeights(options);
  const starts = new Int32Array(bandCount + 1);
  bands.forEach((band, b) => (starts[b + 1] = starts[b] + band.weights.length));
  const angle = (k: number) => (2 * Math.PI * k) / fftSize;
  const parts = [
    Float64Array.from(
      { length: frameSamples },
      (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / frameSamples),
    ),
    Float64Array.from({ length: half }, (_, k) => Math.cos(angle(k))),
    Float64Array.from({ length: half }, (_, k) => -Math.sin(angle(k))),
    // The module's powers are four times as large as they are.
    Float64Array.from(bands.flatMap((band) => band.weights.map((weight) => weight / 4))),
    Int32Array.from({ length: half }, (_, i) => reversedBits(i, Math.log2(half))),
    starts,
    Int32Array.from(bands, (band) => band.firstBin),
  ];
  const bytes = Buffer.concat(parts.map(({ buffer }) => new Uint8Array(buffer)));
  return { bytes, weightCount: starts[bandCount] };
}

function reversedBits(i: number, bits: number): number {
  let reversed = 0;
  for (let b = 0; b < bits; b++) reversed |= ((i >> b) & 1) << (bits - 1 - b);
  return reversed;
}

/** Triangles between log-spaced centres, at least a bin wide, each summing to 1. */
function bandWeights(options: FilterBankDesign): { firstBin: number; weights: number[] }[] {
  const { fftSize, bandCount, lowHz, highHz, sampleRateHz } = options;
  const ratio = Math.pow(highHz / lowHz, 1 / (bandCount - 1));
  const binHz = sampleRateHz / fftSize;
  return Array.from({ length: bandCount }, (_, b) => {
    const centre = lowHz * Math.pow(ratio, b);
    const halfWidth = Math.max(centre * (ratio - 1), binHz);
    const all = Array.from({ length: fftSize / 2 + 1 }, (_, k) =>
      Math.max(0, 1 - Math.abs(k * binHz - centre) / halfWidth),
    );
    const firstBin = all.findIndex((weight) => weight > 0);
    const weights = all.filter((weight) => weight > 0);
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return { firstBin, weights: weights.map((weight) => weight / sum) };
  });
}
