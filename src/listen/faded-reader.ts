import { PlainCascade } from './plain-cascade.js';
import { listeningSections, type ListeningFilter } from './listening-filter.js';
import type { SoundRing } from './sound-ring.js';

/** So long sound takes to come and to go: a jump in the wave would be a click that no heart made. */
export const FADE_SECONDS = 0.01;
/** One filter gives way to the other over this time. */
const CHANGE_SECONDS = 0.02;

/**
 * Reads a {@link SoundRing} sample by sample through the chosen filter. Sound fades out before a hole or the end of what
 * is there, a hole is silence, and behind it sound fades in with a filter that knows nothing of before.
 */
export class FadedReader {
  /** Index of the sample that is read next. */
  position = 0;
  private readonly fadeSamples: number;
  private readonly changeSamples: number;
  private openness = 0;
  private clearUntil = 0;
  private jumpingTo: number | undefined;
  private filter: PlainCascade;
  private previous: PlainCascade | undefined;
  private changed = 0;
  private chosen: ListeningFilter;
  private mustPrime = true;
  private readonly one = new Float64Array(1);

  constructor(
    private readonly ring: SoundRing,
    private readonly sampleRateHz: number,
    filter: ListeningFilter,
  ) {
    this.fadeSamples = Math.max(1, Math.round(FADE_SECONDS * sampleRateHz));
    this.changeSamples = Math.max(1, Math.round(CHANGE_SECONDS * sampleRateHz));
    this.chosen = filter;
    this.filter = new PlainCascade(listeningSections(filter, sampleRateHz));
  }

  get isJumping(): boolean {
    return this.jumpingTo !== undefined;
  }

  get isSilent(): boolean {
    return this.openness === 0;
  }

  choose(filter: ListeningFilter): void {
    if (filter === this.chosen) return;
    this.chosen = filter;
    this.previous = this.mustPrime ? undefined : this.filter;
    this.filter = new PlainCascade(listeningSections(filter, this.sampleRateHz));
    this.changed = 0;
    if (this.previous !== undefined) this.filter.prime(this.ring.at(this.position) || 0);
  }

  /** Goes on elsewhere, once what is heard now has faded. */
  jump(to: number): void {
    this.jumpingTo = to;
    if (this.isSilent) this.land();
  }

  /**
   * The next sample, filtered and faded.
   *
   * @param isOpen whether anything is to be heard at all; where not, sound fades out
   * @param limit index that is not read on to
   */
  read(isOpen: boolean, limit: number): number {
    if (this.jumpingTo !== undefined && this.isSilent) this.land();
    const value = this.ring.at(this.position);
    const isThere = !Number.isNaN(value);
    const opens = isOpen && isThere && this.jumpingTo === undefined && this.isClear(limit);
    this.openness = isThere
      ? Math.max(0, Math.min(1, this.openness + (opens ? 1 : -1) / this.fadeSamples))
      : 0;
    this.position++;
    if (!isThere) {
      this.mustPrime = true;
      return 0;
    }
    if (this.mustPrime) {
      this.filter.prime(value);
      this.previous = undefined;
      this.mustPrime = false;
    }
    const shape = this.openness * this.openness * (3 - 2 * this.openness);
    return this.filtered(value) * shape;
  }

  private filtered(value: number): number {
    const { one } = this;
    one[0] = value;
    this.filter.execute(one, one);
    const [now] = one;
    if (this.previous === undefined) return now;
    one[0] = value;
    this.previous.execute(one, one);
    const share = ++this.changed / this.changeSamples;
    if (share >= 1) this.previous = undefined;
    return one[0] + (now - one[0]) * Math.min(1, share);
  }

  /** Whether there is enough ahead to fade out in. */
  private isClear(limit: number): boolean {
    const last = this.position + this.fadeSamples;
    if (last >= limit) return false;
    this.clearUntil = Math.max(this.clearUntil, this.position);
    for (; this.clearUntil <= last; this.clearUntil++) {
      if (Number.isNaN(this.ring.at(this.clearUntil))) return false;
    }
    return true;
  }

  private land(): void {
    this.position = this.jumpingTo!;
    this.clearUntil = this.position;
    this.jumpingTo = undefined;
    this.mustPrime = true;
  }
}
