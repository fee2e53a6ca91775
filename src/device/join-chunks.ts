import type { SampleChunk } from '../decode/samples.js';

/** About a second of a stethoscope: a stage behind this gets no more at once of a line that is read as fast as it goes. */
const MOST_SAMPLES = 2048;

/**
 * Makes one chunk of contiguous ones that one read of the line brought. A stethoscope sends some fifty packets a second, a
 * calm line is read seventeen times, and each chunk costs every stage behind this as much as the samples in it.
 *
 * Nothing overtakes the samples before it, and none is held beyond the read that it came with.
 */
export class ChunkJoiner<Other extends { readonly kind: string }> {
  private held: SampleChunk[] = [];
  private length = 0;

  /**
   * @param values what follows those before
   * @param isMore more of the same read follows at once: what can still be joined is held back
   * @returns what is to be handed on now, in order
   */
  push(values: readonly (SampleChunk | Other)[], isMore: boolean): (SampleChunk | Other)[] {
    const out: (SampleChunk | Other)[] = [];
    for (const value of values) {
      if (!isChunk(value)) {
        this.release(out);
        out.push(value);
        continue;
      }
      if (!this.canTake(value)) this.release(out);
      this.held.push(value);
      this.length += value.samples.length;
    }
    if (!isMore) this.release(out);
    return out;
  }

  private canTake({ firstSample, samples }: SampleChunk): boolean {
    const [first] = this.held;
    if (first === undefined) return true;
    return firstSample === first.firstSample + this.length && this.length + samples.length <= MOST_SAMPLES;
  }

  private release(out: (SampleChunk | Other)[]): void {
    const { held, length } = this;
    if (held.length === 0) return;
    this.held = [];
    this.length = 0;
    if (held.length === 1) {
      out.push(held[0]);
      return;
    }
    const samples = new Float64Array(length);
    let at = 0;
    for (const chunk of held) {
      samples.set(chunk.samples, at);
      at += chunk.samples.length;
    }
    out.push({ ...held[0], samples });
  }
}

const isChunk = (value: { readonly kind: string }): value is SampleChunk => value.kind === 'samples';
