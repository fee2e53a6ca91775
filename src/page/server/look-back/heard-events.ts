import type { HeartSoundMark } from '../../../bedside/bedside-status.js';
import type { GapEvent, WindowEvent } from '../../../screen/result-events.js';
import type { StatusEvent } from '../../../screen/screening-events.js';
import type { LookBackNews, WindowView } from '../../look-back-messages.js';
import { NoContactTimes } from '../../no-contact-times.js';
import type { GapView } from '../../page-messages.js';
import { NumberRows } from './number-rows.js';

/** Half a day of windows, a second each, and of heart sounds. What is older is forgotten. */
const MOST_WINDOWS = 50_000;
const MOST_MARKS = 100_000;
const MOST_GAPS = 20_000;
/** No screen has room for more of any of them. */
const MOST_TOLD = 2000;
/** Without a margin a mark would come and go while it is dragged over the edge. */
const MARGIN = 0.5;

/** Windows, heart sounds, gaps and lost contact of one recording, to be looked back at. Its memory is bounded. */
export class HeardEvents {
  /** Start, end, 1 where it is usable, and probability, NaN where there is none. */
  private readonly windows = new NumberRows(4, MOST_WINDOWS);
  /** Time, and which of {@link SOUNDS} it is. */
  private readonly marks = new NumberRows(2, MOST_MARKS);
  private readonly gaps: GapView[] = [];
  private readonly contact = new NoContactTimes();

  window({ startSeconds, endSeconds, usable, probability }: WindowEvent): void {
    this.windows.push([startSeconds, endSeconds, Number(usable), probability ?? NaN]);
  }

  sounds(marks: readonly HeartSoundMark[]): void {
    for (const { timeSeconds, sound } of marks) this.marks.push([timeSeconds, SOUNDS.indexOf(sound)]);
  }

  /** @param sampleRateHz of the device, whose samples the event counts */
  gap({ atSample, lostSamples, cause }: GapEvent, sampleRateHz: number): void {
    const fromSeconds = atSample / sampleRateHz;
    this.gaps.push({ fromSeconds, toSeconds: fromSeconds + lostSamples / sampleRateHz, lostSamples, cause });
    forget(this.gaps, MOST_GAPS);
  }

  status({ atSample, contact }: StatusEvent, sampleRateHz: number): void {
    if (atSample !== undefined) this.contact.push(atSample / sampleRateHz, contact);
  }

  between(
    fromSeconds: number,
    toSeconds: number,
    endSeconds: number,
  ): Pick<LookBackNews, 'marks' | 'windows' | 'windowStep' | 'gaps' | 'noContact'> {
    const margin = MARGIN * (toSeconds - fromSeconds);
    const from = fromSeconds - margin;
    const to = toSeconds + margin;
    const windows = this.windows.within(0, 1, from, to);
    const windowStep = Math.ceil(windows.length / MOST_TOLD) || 1;
    const marks = this.marks.within(0, 0, from, to);
    const gaps = this.gaps.filter((gap) => gap.toSeconds >= from && gap.fromSeconds <= to);
    return {
      marks: marks.length > MOST_TOLD ? null : marks.map((at) => markOf(this.marks.row(at))),
      windows: windows.filter((_, i) => i % windowStep === 0).map((at) => windowOf(this.windows.row(at))),
      windowStep,
      gaps: gaps.length > MOST_TOLD ? joined(gaps, (to - from) / MOST_TOLD) : gaps,
      noContact: this.contact
        .view(endSeconds)
        .filter((part) => part.toSeconds >= from && part.fromSeconds <= to),
    };
  }
}

const SOUNDS: readonly HeartSoundMark['sound'][] = ['S1', 'S2'];

const windowOf = ([startSeconds, endSeconds, usable, probability]: readonly number[]): WindowView => ({
  startSeconds,
  endSeconds,
  usable: usable === 1,
  probability: Number.isNaN(probability) ? null : probability,
});

const markOf = ([timeSeconds, sound]: readonly number[]): HeartSoundMark => ({
  sound: SOUNDS[sound],
  timeSeconds,
});

/** In one go once a hundredth is too much: to shift an array for each value would cost more. */
function forget(values: unknown[], most: number): void {
  if (values.length > 1.01 * most) values.splice(0, values.length - most);
}

/** Gaps that stand closer together than `seconds` as one, with the sum of what was lost. */
function joined(gaps: readonly GapView[], seconds: number): GapView[] {
  const all: GapView[] = [];
  for (const gap of gaps) {
    const before = all.at(-1);
    if (before === undefined || gap.fromSeconds - before.toSeconds > seconds) all.push(gap);
    else {
      const lostSamples = before.lostSamples + gap.lostSamples;
      all[all.length - 1] = { ...before, toSeconds: gap.toSeconds, lostSamples };
    }
  }
  return all;
}
