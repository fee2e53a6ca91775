import { PolyphaseTable } from '../condition/polyphase-table.js';
import { RationalResampler } from '../condition/rational-resampler.js';
import type { LiveSound } from './live-listening.js';
import type { SoundPiece } from './sound-piece.js';

/** Heart and lung sounds end far below half of it. */
export const MOST_SOUND_RATE_HZ = 8000;
/** Only the ratio counts. */
const NOMINAL_HZ = 1000;
const ANTI_ALIAS = { passHz: 0.4 * NOMINAL_HZ, stopHz: 0.6 * NOMINAL_HZ, stopbandDb: 60 };

/**
 * Makes what a source brings compact, to be sent: 16 bits, at the source's rate or, above {@link MOST_SOUND_RATE_HZ}, a
 * whole part of it. A new stream begins with each source, rate or time axis. After a gap the low-pass begins anew.
 */
export class SoundEncoder {
  private stream = 0;
  private sourceRateHz = 0;
  private factor = 1;
  private resampler: RationalResampler | undefined;
  /** Of the source: what is expected next. */
  private expected = 0;
  private nextSample = 0;

  /** @returns what the piece completes, `undefined` where that is nothing */
  encode({ sampleRateHz, value }: SoundPiece): LiveSound | undefined {
    // What is missing shows in the index of what comes next.
    if (value.kind === 'gap' || value.samples.length === 0) return undefined;
    if (sampleRateHz !== this.sourceRateHz || value.firstSample < this.expected) this.open(sampleRateHz);
    if (this.expected !== value.firstSample) {
      this.resampler?.reset();
      this.nextSample = Math.round(value.firstSample / this.factor);
    }
    this.expected = value.firstSample + value.samples.length;
    const amplitudes = this.resampler?.execute(value.samples) ?? value.samples;
    if (amplitudes.length === 0) return undefined;
    const firstSample = this.nextSample;
    this.nextSample += amplitudes.length;
    return {
      stream: this.stream,
      sampleRateHz: sampleRateHz / this.factor,
      firstSample,
      samples: toInt16(amplitudes),
    };
  }

  private open(sampleRateHz: number): void {
    this.stream++;
    this.sourceRateHz = sampleRateHz;
    this.expected = -1;
    this.factor = Math.max(1, Math.ceil(sampleRateHz / MOST_SOUND_RATE_HZ));
    this.resampler =
      this.factor === 1
        ? undefined
        : new RationalResampler(
            new PolyphaseTable({
              inputRateHz: this.factor * NOMINAL_HZ,
              outputRateHz: NOMINAL_HZ,
              antiAlias: ANTI_ALIAS,
            }),
          );
  }
}

function toInt16(amplitudes: Float64Array): Int16Array {
  const samples = new Int16Array(amplitudes.length);
  for (let i = 0; i < amplitudes.length; i++) {
    samples[i] = Math.max(-32768, Math.min(32767, Math.round(amplitudes[i] * 32768)));
  }
  return samples;
}
