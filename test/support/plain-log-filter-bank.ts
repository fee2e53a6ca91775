import { frameCount, type LogFilterBankOptions } from '../../src/window/log-filter-bank.js';
import { RealFft } from '../../src/window/real-fft.js';

/** The readable twin of `LogFilterBank`: the same arithmetic in plain TypeScript, a number at a time. */
export class PlainLogFilterBank {
  readonly frames: number;
  private readonly fft: RealFft;
  private readonly taper: Float64Array;
  /** Non-zero weights of all bands in a row, and where each band's begin. */
  private readonly weights: Float64Array;
  private readonly bandStarts: Uint32Array;
  private readonly bandBins: Uint32Array;
  private readonly power: Float64Array;
  private readonly frame: Float64Array;
  /** Samples from which the next frame is cut, `filled` of them valid. */
  private readonly pending: Float64Array;
  private filled = 0;
  /** `[2 * frames][bandCount]`: frame f stands at f % frames and again `frames` later. */
  private readonly energies: Float64Array;
  private framesSeen = 0;

  constructor(private readonly options: LogFilterBankOptions) {
    const { frameSamples, fftSize, bandCount } = options;
    this.frames = frameCount(options);
    this.fft = new RealFft(fftSize);
    this.taper = Float64Array.from(
      { length: frameSamples },
      (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / frameSamples),
    );
    const bands = bandWeights(options);
    this.weights = Float64Array.from(bands.flatMap((band) => band.weights));
    this.bandBins = Uint32Array.from(bands, (band) => band.firstBin);
    this.bandStarts = new Uint32Array(bandCount + 1);
    bands.forEach((band, b) => (this.bandStarts[b + 1] = this.bandStarts[b] + band.weights.length));
    this.power = new Float64Array(fftSize / 2 + 1);
    this.frame = new Float64Array(frameSamples);
    this.pending = new Float64Array(frameSamples);
    this.energies = new Float64Array(2 * this.frames * bandCount);
  }

  /** Takes conditioned samples of one stretch, in order, in chunks of any size. */
  execute(samples: Float64Array): void {
    const { frameSamples, hopSamples } = this.options;
    const { pending } = this;
    let taken = 0;
    while (taken < samples.length) {
      const count = Math.min(frameSamples - this.filled, samples.length - taken);
      pending.set(samples.subarray(taken, taken + count), this.filled);
      this.filled += count;
      taken += count;
      if (this.filled === frameSamples) {
        this.computeFrame();
        pending.copyWithin(0, hopSamples);
        this.filled = frameSamples - hopSamples;
      }
    }
  }

  /**
   * Features of the window that ends with the last complete frame.
   *
   * @returns float32 `[frames][bandCount]`, or `undefined` for a window without any energy, which has no level to be
   *   relative to. The receiver owns the array.
   */
  window(): Float32Array | undefined {
    const { bandCount, floor, bandMeanRemoval, scale, clip } = this.options;
    const first = (this.framesSeen % this.frames) * bandCount;
    const size = this.frames * bandCount;
    const energy = this.energies.subarray(first, first + size);
    let level = 0;
    for (let i = 0; i < size; i++) level += energy[i];
    level /= size;
    if (!(level > 0) || !Number.isFinite(level)) return undefined;

    const log = new Float64Array(size);
    const bandMeans = new Float64Array(bandCount);
    for (let i = 0, b = 0; i < size; i++) {
      const value = Math.log(energy[i] / level + floor) * Math.LOG10E;
      log[i] = value;
      bandMeans[b] += value;
      if (++b === bandCount) b = 0;
    }
    let mean = 0;
    for (let b = 0; b < bandCount; b++) {
      bandMeans[b] /= this.frames;
      mean += bandMeans[b] / bandCount;
    }
    for (let b = 0; b < bandCount; b++) {
      bandMeans[b] = bandMeanRemoval * bandMeans[b] + (1 - bandMeanRemoval) * mean;
    }
    const features = new Float32Array(size);
    for (let i = 0, b = 0; i < size; i++) {
      const value = (log[i] - bandMeans[b]) / scale;
      features[i] = value < -clip ? -clip : value > clip ? clip : value;
      if (++b === bandCount) b = 0;
    }
    return features;
  }

  reset(): void {
    this.filled = 0;
    this.framesSeen = 0;
    this.energies.fill(0);
  }

  private computeFrame(): void {
    const { bandCount, frameSamples } = this.options;
    const { energies, power, frame, pending, taper, weights, bandStarts, bandBins } = this;
    for (let n = 0; n < frameSamples; n++) frame[n] = pending[n] * taper[n];
    this.fft.execute(frame, power);
    const row = (this.framesSeen % this.frames) * bandCount;
    const twin = row + this.frames * bandCount;
    for (let b = 0; b < bandCount; b++) {
      let sum = 0;
      let bin = bandBins[b];
      for (let w = bandStarts[b]; w < bandStarts[b + 1]; w++) sum += weights[w] * power[bin++];
      energies[row + b] = sum;
      energies[twin + b] = sum;
    }
    this.framesSeen++;
  }
}

/** Triangles between log-spaced centres, at least a bin wide, each summing to 1. */
function bandWeights(options: LogFilterBankOptions): { firstBin: number; weights: number[] }[] {
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
