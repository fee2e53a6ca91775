import { noiseFrom, signalOf } from '../window/synthetic-signals.js';

/**
 * Sounds that have a beat and are no heart, made apart from tools/quality, which the limits were fitted with. Each is a
 * function of a seed that sets tempo, colour and evenness; peak about 1.
 */

type Random = ReturnType<typeof noiseFrom>;

const between = ({ uniform }: Random, low: number, high: number): number => low + (high - low) * uniform();

/** A resonance that is struck and dies away. */
const struck = (hertz: number, decaySeconds: number) => (t: number) =>
  Math.exp(-t / decaySeconds) * Math.sin(2 * Math.PI * hertz * t);

const noiseBurst =
  ({ normal }: Random, decaySeconds: number) =>
  (t: number) =>
    0.5 * Math.exp(-t / decaySeconds) * normal();

interface Stroke {
  readonly at: number;
  readonly sound: (t: number) => number;
  readonly level?: number;
  readonly seconds?: number;
}

function played(random: Random, seconds: number, rateHz: number, strokes: readonly Stroke[]): Float64Array {
  const x = signalOf(seconds, rateHz, () => 0.004 * random.normal());
  for (const { at, sound, level = 1, seconds: length = 0.3 } of strokes) {
    const first = Math.round(at * rateHz);
    for (let i = 0; i < length * rateHz && first + i < x.length; i++)
      x[first + i] += level * sound(i / rateHz);
  }
  return x;
}

function times(random: Random, seconds: number, period: number, jitter = 0): number[] {
  const all: number[] = [];
  for (let at = 0.1; at < seconds; at += period * (1 + jitter * random.normal())) all.push(at);
  return all;
}

/** By name: `(seed, seconds, rateHz) -> samples`. */
export const heartlessSounds: Readonly<
  Record<string, (seed: number, seconds: number, rateHz: number) => Float64Array>
> = {
  'a metronome': (seed, seconds, rateHz) => {
    const random = noiseFrom(seed);
    const sound = struck(between(random, 250, 800), between(random, 0.004, 0.02));
    const strokes = times(random, seconds, 60 / between(random, 60, 180)).map((at) => ({ at, sound }));
    return played(random, seconds, rateHz, strokes);
  },
  'knocks on a table': (seed, seconds, rateHz) => {
    const random = noiseFrom(seed);
    const sound = struck(between(random, 90, 250), between(random, 0.012, 0.04));
    const strokes = times(random, seconds, 60 / between(random, 70, 130), 0.03).map((at) => ({
      at,
      sound,
      level: between(random, 0.7, 1),
    }));
    return played(random, seconds, rateHz, strokes);
  },
  'a clock': (seed, seconds, rateHz) => {
    const random = noiseFrom(seed);
    const sounds = [struck(between(random, 300, 700), 0.008), struck(between(random, 200, 600), 0.01)];
    const strokes = times(random, seconds, [0.25, 0.4, 0.5, 1][seed % 4]).map((at, i) => ({
      at,
      sound: sounds[i % 2],
    }));
    return played(random, seconds, rateHz, strokes);
  },
  footsteps: (seed, seconds, rateHz) => {
    const random = noiseFrom(seed);
    const heel = struck(between(random, 60, 150), between(random, 0.015, 0.04));
    const toe = noiseBurst(random, 0.04);
    const strokes = times(random, seconds, 60 / between(random, 90, 125), 0.02).flatMap((at) => [
      { at, sound: heel },
      { at: at + 0.11, sound: toe, level: 0.3 },
    ]);
    return played(random, seconds, rateHz, strokes);
  },
  typing: (seed, seconds, rateHz) => {
    const random = noiseFrom(seed);
    const keys = [0, 1, 2].map(() => struck(between(random, 150, 600), between(random, 0.005, 0.02)));
    const strokes = times(random, seconds, 1 / between(random, 3, 7), 0.3).map((at, i) => ({
      at,
      sound: keys[i % 3],
      level: between(random, 0.4, 1),
    }));
    return played(random, seconds, rateHz, strokes);
  },
  clapping: (seed, seconds, rateHz) => {
    const random = noiseFrom(seed);
    const clap = noiseBurst(random, between(random, 0.008, 0.025));
    const strokes = times(random, seconds, 60 / between(random, 80, 200), 0.03).map((at) => ({
      at,
      sound: clap,
    }));
    return played(random, seconds, rateHz, strokes);
  },
  'a dripping tap': (seed, seconds, rateHz) => {
    const random = noiseFrom(seed);
    const hertz = between(random, 150, 380);
    const plink = (t: number) => Math.exp(-t / 0.03) * Math.sin(2 * Math.PI * hertz * (1 + 2 * t) * t);
    const strokes = times(random, seconds, between(random, 0.5, 1.1), 0.01).map((at) => ({
      at,
      sound: plink,
    }));
    return played(random, seconds, rateHz, strokes);
  },
  drums: (seed, seconds, rateHz) => {
    const random = noiseFrom(seed);
    const kick = struck(between(random, 45, 75), between(random, 0.08, 0.16));
    const snare = noiseBurst(random, 0.08);
    const hat = noiseBurst(random, 0.02);
    const strokes = times(random, seconds, 30 / between(random, 80, 150)).flatMap((at, i) => [
      { at, sound: hat, level: 0.3 },
      ...(i % 4 === 0 ? [{ at, sound: kick, seconds: 0.5 }] : []),
      ...(i % 4 === 2 ? [{ at, sound: snare, level: 0.7 }] : []),
    ]);
    return played(random, seconds, rateHz, strokes);
  },
  'a voice that counts': (seed, seconds, rateHz) => {
    const random = noiseFrom(seed);
    const pitch = between(random, 90, 220);
    const strokes = times(random, seconds, 60 / between(random, 60, 110), 0.04).map((at) => {
      const length = between(random, 0.2, 0.4);
      const sound = (t: number) =>
        0.4 *
        Math.sin((Math.PI * t) / length) *
        [1, 0.7, 0.5, 0.3].reduce(
          (sum, level, k) => sum + level * Math.sin(2 * Math.PI * pitch * (k + 1) * (1 - 0.2 * t) * t),
          0,
        );
      return { at, sound, seconds: length };
    });
    return played(random, seconds, rateHz, strokes);
  },
  'a monitor that beeps': (seed, seconds, rateHz) => {
    const random = noiseFrom(seed);
    const hertz = between(random, 200, 390);
    const length = between(random, 0.06, 0.15);
    const sound = (t: number) => Math.sin(2 * Math.PI * hertz * t);
    const strokes = times(random, seconds, 60 / between(random, 50, 120)).map((at) => ({
      at,
      sound,
      seconds: length,
    }));
    return played(random, seconds, rateHz, strokes);
  },
  'a pump': (seed, seconds, rateHz) => {
    const random = noiseFrom(seed);
    const period = 60 / between(random, 40, 110);
    const length = 0.4 * period;
    const stroke = (t: number) =>
      Math.sin((Math.PI * t) / length) ** 2 * (0.3 * random.normal() + Math.sin(2 * Math.PI * 90 * t));
    const strokes = times(random, seconds, period).map((at) => ({ at, sound: stroke, seconds: length }));
    return played(random, seconds, rateHz, strokes);
  },
};
