/**
 * The newest seconds of a sound on its time axis, which counts lost samples. What is missing is there as missing, so that
 * it can be played as silence.
 */
export class SoundRing {
  private readonly samples: Float32Array;
  private first = 0;
  private behind = 0;

  /** @param capacity samples that are kept, at least 1 */
  constructor(capacity: number) {
    this.samples = new Float32Array(capacity);
  }

  /** Index of the oldest sample that is kept. */
  get begin(): number {
    return this.first;
  }

  /** Index behind the newest sample. */
  get end(): number {
    return this.behind;
  }

  /** Forgets everything; the next sample is expected at `index`. */
  reset(index: number): void {
    this.first = this.behind = index;
  }

  /** Amplitudes from `firstSample` on. What lies between the end and them is missing; what is there already stays. */
  write(firstSample: number, amplitudes: ArrayLike<number>): void {
    const { samples } = this;
    const capacity = samples.length;
    if (firstSample - this.behind >= capacity) this.reset(firstSample);
    for (; this.behind < firstSample; this.behind++) samples[this.behind % capacity] = NaN;
    for (let i = this.behind - firstSample; i < amplitudes.length; i++, this.behind++) {
      samples[this.behind % capacity] = amplitudes[i];
    }
    this.first = Math.max(this.first, this.behind - capacity);
  }

  /** @returns the amplitude, NaN where there is none */
  at(index: number): number {
    return index >= this.first && index < this.behind ? this.samples[index % this.samples.length] : NaN;
  }

  /** How many samples are there from `from` to before `to`. */
  count(from: number, to: number): number {
    let count = 0;
    const last = Math.min(to, this.behind);
    for (let i = Math.max(from, this.first); i < last; i++) if (!Number.isNaN(this.at(i))) count++;
    return count;
  }
}
