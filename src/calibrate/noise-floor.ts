import type { ConditionedChunk } from '../condition/conditioned.js';

const FRAME_SECONDS = 0.05;
/** Of the frames of a heart at rest, so many lie between its sounds and hold nothing but the floor, or a murmur. */
const QUIET_SHARE = 0.1;
/** Digital silence is no level. */
const LOWEST_DB = -120;

/** The level between the heart sounds of one recording, at the model's rate and in its band. */
export class NoiseFloor {
  private readonly frameSamples: number;
  private readonly levels: number[] = [];
  private squares = 0;
  private filled = 0;

  constructor(sampleRateHz: number) {
    this.frameSamples = Math.round(FRAME_SECONDS * sampleRateHz);
  }

  push({ samples }: ConditionedChunk): void {
    for (const sample of samples) {
      this.squares += sample * sample;
      if (++this.filled < this.frameSamples) continue;
      this.levels.push(10 * Math.log10(Math.max(this.squares / this.frameSamples, 10 ** (LOWEST_DB / 10))));
      this.squares = 0;
      this.filled = 0;
    }
  }

  /** dB below full scale, `null` before the first whole frame. */
  get db(): number | null {
    if (this.levels.length === 0) return null;
    const sorted = [...this.levels].sort((a, b) => a - b);
    return sorted[Math.floor(QUIET_SHARE * sorted.length)];
  }
}
