import { noiseFrom } from '../window/synthetic-signals.js';

/** A beat of a recording by its hand-corrected states, in samples. */
export interface CutBeat {
  readonly start: number;
  readonly systole: number;
  readonly secondSound: number;
  readonly diastole: number;
  readonly end: number;
}

export interface PlannedBeat {
  /** From this beat's first sound to the next beat's. */
  readonly intervalSeconds: number;
  readonly gainFirst?: number;
  readonly gainSecond?: number;
  /** What this beat is: it comes too early; what follows it: nothing for too long. */
  readonly event?: 'extra-beat' | 'pause';
}

export interface MadeUpRecording {
  readonly samples: Float64Array;
  readonly rateHz: number;
  /** When the first sound of each planned beat begins. */
  readonly startSeconds: readonly number[];
}

export const RHYTHM_KINDS = [
  'steady',
  'breathing',
  'drifting',
  'soft-beats',
  'fibrillation',
  'single-extra',
  'bigeminy',
  'trigeminy',
  'pauses',
] as const;
export type RhythmKind = (typeof RHYTHM_KINDS)[number];

/** A hand-corrected beginning may be a little late: cuts lie so much before it. */
const CUT_SECONDS = 0.03;
/** What rings on after the second sound is not repeated in a longer diastole. */
const RINGING_SECONDS = 0.06;
const FADE_SECONDS = 0.005;
const LEAST_DIASTOLE_SECONDS = 0.08;

/** Whole beats among the states of one recording: `(N` and what it opens are no states, so that no beat holds noise. */
export function cutBeats(
  states: readonly { readonly at: number; readonly state: string }[],
  rateHz: number,
): CutBeat[] {
  const early = Math.round(CUT_SECONDS * rateHz);
  return states.flatMap(({ at, state }, i) => {
    const four = states.slice(i, i + 5);
    const whole = ['S1', 'systole', 'S2', 'diastole', 'S1'];
    if (state !== 'S1' || at < early || !whole.every((name, k) => four[k]?.state === name)) return [];
    const [start, systole, secondSound, diastole, end] = four.map((mark) => mark.at);
    return [{ start: start - early, systole, secondSound, diastole, end: end - early }];
  });
}

/**
 * Puts real beats at other intervals: a diastole is cut short, or goes on with its own samples backwards and forwards.
 * Beats follow each other as in the recording.
 */
export function assembleRhythm(
  source: { readonly samples: Float64Array; readonly rateHz: number },
  beats: readonly CutBeat[],
  plan: readonly PlannedBeat[],
): MadeUpRecording {
  const { samples, rateHz } = source;
  const made: number[] = [];
  const starts: number[] = [];
  const fade = Math.round(FADE_SECONDS * rateHz);
  plan.forEach(({ intervalSeconds, gainFirst = 1, gainSecond = 1 }, n) => {
    const { start, systole, secondSound, diastole, end } = beats[n % beats.length];
    const from = made.length;
    starts.push(from / rateHz + CUT_SECONDS);
    const least = diastole - start + LEAST_DIASTOLE_SECONDS * rateHz;
    const length = Math.round(Math.max(least, intervalSeconds * rateHz));
    const gainAt = (at: number) => {
      const [gain, first, last] =
        at < systole ? [gainFirst, start, systole] : [gainSecond, secondSound, diastole];
      if (at < first || at >= last) return 1;
      return 1 + (gain - 1) * Math.min(1, (at - first) / fade, (last - at) / fade);
    };
    const turn = Math.min(end - 2, diastole + Math.round(RINGING_SECONDS * rateHz));
    const span = end - turn;
    for (let i = 0; i < length; i++) {
      const at = start + i;
      const beyond = at - end;
      const phase = beyond % (2 * span);
      const index = beyond < 0 ? at : phase < span ? end - 1 - phase : turn + (phase - span);
      made.push(samples[index] * gainAt(at));
    }
    // The seam: what is cut off goes over into what comes.
    if (from === 0) return;
    for (let i = 0; i < Math.min(fade, from); i++) {
      const share = (i + 1) / (fade + 1);
      const before = Math.max(0, start - fade + i);
      made[from - fade + i] = (1 - share) * made[from - fade + i] + share * samples[before];
    }
  });
  return { samples: Float64Array.from(made), rateHz, startSeconds: starts };
}

/**
 * Intervals of a rhythm over beats that usually last `usualSeconds`; the same for the same seed.
 *
 * @param seconds about so long
 */
export function planRhythm(
  kind: RhythmKind,
  usualSeconds: number,
  seconds: number,
  seed: number,
): PlannedBeat[] {
  const { uniform, normal } = noiseFrom(seed);
  const between = (low: number, high: number) => low + (high - low) * uniform();
  const count = Math.ceil(seconds / usualSeconds);
  const breath = { share: between(0.04, 0.18), seconds: between(2.8, 6), phase: between(0, 2 * Math.PI) };
  const drift = between(-0.25, 0.35);
  const scatter = between(0.15, 0.3);
  const faster = between(0.75, 1);
  const coupling = between(0.52, 0.72);
  const plan: PlannedBeat[] = [];
  let at = 0;
  let untilNext = Math.floor(between(5, 10));
  const push = (beat: PlannedBeat) => {
    plan.push(beat);
    at += beat.intervalSeconds;
  };
  const usual = () =>
    usualSeconds *
    (1 + 0.015 * normal() + 0.02 * Math.sin((2 * Math.PI * at) / breath.seconds + breath.phase));
  /** A beat whose successor comes too early, and that successor. */
  const early = (share: number, pause: number) => {
    const gains = { gainFirst: between(0.6, 1.2), gainSecond: between(0.4, 1) };
    push({ intervalSeconds: share * usualSeconds });
    push({ intervalSeconds: pause * usualSeconds, ...gains, event: 'extra-beat' });
  };
  while (at < seconds && plan.length < 4 * count) {
    if (kind === 'breathing') {
      const swing = breath.share * Math.sin((2 * Math.PI * at) / breath.seconds + breath.phase);
      push({ intervalSeconds: usualSeconds * (1 + swing + 0.015 * normal()) });
    } else if (kind === 'drifting') {
      push({ intervalSeconds: usual() * (1 + (drift * at) / seconds) });
    } else if (kind === 'fibrillation') {
      const length = faster * Math.exp(scatter * normal());
      push({ intervalSeconds: usualSeconds * Math.max(0.45, Math.min(1.9, length)) });
    } else if (kind === 'bigeminy') {
      early(coupling + 0.02 * normal(), 2 - coupling + 0.02 * normal());
    } else if (kind === 'trigeminy') {
      push({ intervalSeconds: usual() });
      early(coupling + 0.02 * normal(), 2 - coupling + 0.02 * normal());
    } else if (--untilNext > 0 || kind === 'steady') {
      push({ intervalSeconds: usual() });
    } else {
      untilNext = Math.floor(between(5, 13));
      if (kind === 'single-extra') {
        const share = between(0.5, 0.78);
        early(share, uniform() < 0.7 ? 2 - share + 0.03 * normal() : between(1, 1.15));
      } else if (kind === 'pauses') {
        push({ intervalSeconds: usualSeconds * between(1.95, 3.2), event: 'pause' });
      } else {
        const gain = between(0.2, 0.5);
        push({ intervalSeconds: usual(), gainFirst: gain, gainSecond: gain });
      }
    }
  }
  return plan;
}
