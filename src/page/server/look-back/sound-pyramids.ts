import { BAND_LEVELS, TRACE_LEVELS } from '../../look-back-grid.js';
import { COLUMN_SECONDS } from '../../spectrum-columns.js';
import { TraceRing } from '../../trace-ring.js';
import { BandPyramid } from './band-pyramid.js';
import { TracePyramid } from './trace-pyramid.js';

/** Tiles that are kept, level by level, the finest first. */
export interface KeptTiles {
  readonly trace: readonly number[];
  readonly bands: readonly number[];
}

/** At most so many samples go into the ring at once: the spectra must be taken before they are forgotten. */
const PIECE_SAMPLES = 4096;

/** Trace and spectrogram of one recording as it comes, at the model's rate, at every resolution. */
export class SoundPyramids {
  readonly trace: TracePyramid;
  readonly bands: BandPyramid;
  private readonly ring = new TraceRing();

  constructor(kept: KeptTiles) {
    this.trace = new TracePyramid(kept.trace);
    this.bands = new BandPyramid(kept.bands);
  }

  /** From now on. */
  keepAtMost({ trace, bands }: KeptTiles): void {
    this.trace.keepAtMost(trace);
    this.bands.keepAtMost(bands);
  }

  /** 0 before the first sample. */
  get sampleRateHz(): number {
    return this.ring.sampleRateHz;
  }

  /** Behind the newest sample. */
  get endSeconds(): number {
    return this.ring.endSeconds;
  }

  push(startSeconds: number, sampleRateHz: number, samples: Float64Array): void {
    for (let at = 0; at < samples.length; at += PIECE_SAMPLES) {
      const piece = new Float32Array(samples.subarray(at, at + PIECE_SAMPLES));
      const start = startSeconds + at / sampleRateHz;
      this.ring.push({ recording: 0, sampleRateHz, startSeconds: start, samples: piece });
      this.trace.push(Math.round(start * sampleRateHz), piece);
      this.bands.advance(this.ring);
    }
  }

  /** Seconds from which on all of each level is known. */
  get keptFromSeconds(): { readonly trace: readonly number[]; readonly bands: readonly number[] } {
    const rate = Math.max(1, this.sampleRateHz);
    return {
      trace: Array.from({ length: TRACE_LEVELS }, (_, level) => this.trace.keptFrom(level) / rate),
      bands: Array.from({ length: BAND_LEVELS }, (_, level) => this.bands.keptFrom(level) * COLUMN_SECONDS),
    };
  }
}
