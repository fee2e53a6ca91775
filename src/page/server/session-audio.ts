import { kaiserLowPass } from '../../condition/kaiser-low-pass.js';
import { WAV_HEADER_BYTES, wavHeader } from '../../decode/file/wav-writer.js';
import type { StoredSession } from '../../record/stored-session.js';

/** Chromium plays nothing below 3,000 Hz, Firefox nothing below 8,000 Hz. */
const LEAST_RATE_HZ = 8000;
/** A WAV file's sizes are 32 bits. */
const MOST_BYTES = 2 ** 31;
const BLOCK_SAMPLES = 32_768;

/**
 * A session's recording as a WAV file that a browser can play and seek in: on its time axis, with gaps as silence,
 * raised to {@link LEAST_RATE_HZ} or more by a whole factor, made louder by `gain`. Any part of the file can be made
 * without the parts before it.
 */
export class SessionAudio {
  readonly bytes: number;
  private readonly header: Uint8Array;
  private readonly factor: number;
  private readonly taps: Float64Array;
  /** Source samples before and after one that an output depends on. */
  private readonly reach: number;

  constructor(
    private readonly session: StoredSession,
    private readonly gain: number,
  ) {
    const { sampleRateHz } = session.description.storage;
    this.factor = Math.max(1, Math.ceil(LEAST_RATE_HZ / sampleRateHz));
    const outputRateHz = sampleRateHz * this.factor;
    const samples = Math.round(session.durationSeconds * sampleRateHz) * this.factor;
    const dataBytes = Math.min(2 * samples, MOST_BYTES);
    this.bytes = WAV_HEADER_BYTES + dataBytes;
    this.header = wavHeader({ sampleRateHz: outputRateHz, bitsPerSample: 16, dataBytes });
    const design = { passHz: 0.4 * sampleRateHz, stopHz: 0.6 * sampleRateHz, stopbandDb: 60 };
    this.taps =
      this.factor === 1 ? Float64Array.of(1) : kaiserLowPass({ ...design, sampleRateHz: outputRateHz });
    this.reach = Math.ceil(this.taps.length / 2 / this.factor);
  }

  /** @param end index behind the last byte */
  async *range(begin: number, end: number): AsyncGenerator<Uint8Array, void, undefined> {
    if (begin < WAV_HEADER_BYTES) yield this.header.subarray(begin, Math.min(end, WAV_HEADER_BYTES));
    const firstByte = Math.max(0, begin - WAV_HEADER_BYTES);
    const endByte = end - WAV_HEADER_BYTES;
    for (let at = firstByte; at < endByte;) {
      const firstSample = Math.floor(at / 2);
      const endSample = Math.min(firstSample + BLOCK_SAMPLES, Math.ceil(endByte / 2));
      const bytes = await this.samples(firstSample, endSample);
      yield bytes.subarray(at - 2 * firstSample, Math.min(endByte, 2 * endSample) - 2 * firstSample);
      at = 2 * endSample;
    }
  }

  /** 16-bit samples `first` to `end` of the output. */
  private async samples(first: number, end: number): Promise<Uint8Array> {
    const { factor, taps, reach, gain } = this;
    const sourceFirst = Math.floor(first / factor) - reach;
    const source = await this.source(sourceFirst, Math.ceil(end / factor) + reach + 1);
    const bytes = new Uint8Array(2 * (end - first));
    const view = new DataView(bytes.buffer);
    const centre = (taps.length - 1) / 2;
    for (let n = first; n < end; n++) {
      // Output n lies at n / factor; source sample k contributes through the tap at their distance.
      let sum = 0;
      const least = Math.ceil((n - centre) / factor);
      const most = Math.floor((n + centre) / factor);
      for (let k = least; k <= most; k++) sum += taps[n - k * factor + centre] * source[k - sourceFirst];
      const value = Math.round(sum * factor * gain * 32768);
      view.setInt16(2 * (n - first), Math.max(-32768, Math.min(32767, value)), true);
    }
    return bytes;
  }

  /** Amplitudes on the time axis, silence where there are none. */
  private async source(first: number, end: number): Promise<Float64Array> {
    const amplitudes = new Float64Array(end - first);
    for (const piece of this.session.pieces) {
      if (piece.kind === 'gap') continue;
      const from = Math.max(first, piece.firstSample);
      const to = Math.min(end, piece.firstSample + piece.samples);
      const stored = piece.storedFrom - piece.firstSample;
      let at = from - first;
      if (from >= to) continue;
      for await (const block of this.session.files.amplitudes(from + stored, to + stored)) {
        amplitudes.set(block, at);
        at += block.length;
      }
    }
    return amplitudes;
  }
}
