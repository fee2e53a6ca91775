import { FRAME_LENGTH, FrameField } from '../../src/heart/envelope-bank.js';
import type { HeartSound } from '../../src/heart/heart-sounds.js';

const FRAME_RATE_HZ = 50;
const CONTEXT_SECONDS = 8;

/**
 * The readable twin of what `HeartLikenessMeasures` says of heart sounds: of a whole stretch at once, with sorting.
 *
 * @param sounds of the stretch that are settled
 * @param beatSeconds 0 where there is no beat
 * @returns the first nine of LIKENESS_MEASURES
 */
export function plainSoundMeasures(
  frames: Float64Array,
  sounds: readonly HeartSound[],
  beatSeconds: number,
): number[] {
  const frameCount = frames.length / FRAME_LENGTH;
  const recent = sounds.filter(
    ({ startSeconds }) => startSeconds >= frameCount / FRAME_RATE_HZ - CONTEXT_SECONDS,
  );
  const [firsts, seconds] = (['S1', 'S2'] as const).map((kind) =>
    recent.filter(({ sound }) => sound === kind),
  );
  const systoles = recent.flatMap(({ sound, startSeconds }, i) =>
    sound === 'S1' && recent[i + 1]?.sound === 'S2' ? [recent[i + 1].startSeconds - startSeconds] : [],
  );
  const beats = firsts.slice(1).map(({ startSeconds }, i) => startSeconds - firsts[i].startSeconds);
  const expected = beatSeconds === 0 ? 0.3 : 0.131 + 0.2165 * beatSeconds;

  const level = (frame: number) => {
    const row = frame * FRAME_LENGTH;
    return Math.log10(frames[row + FrameField.low] + frames[row + FrameField.mid] + 1e-20);
  };
  const frame = (at: number) => Math.round(at * FRAME_RATE_HZ);
  const levels = (from: number, to: number) =>
    Array.from({ length: Math.max(0, to - from) }, (_, i) => level(from + i));
  const loudness = ({ startSeconds, endSeconds }: HeartSound) =>
    mean(levels(frame(startSeconds), frame(endSeconds)), 0);
  const rest = recent
    .slice(1)
    .flatMap(({ startSeconds }, i) => levels(frame(recent[i].endSeconds), frame(startSeconds)));
  const pause = quantile(rest, 0.5, 0);
  return [
    mean(confidences(firsts), 0),
    mean(confidences(seconds), 0),
    quantile(confidences(recent), 0.2, 0),
    Math.abs(quantile(systoles, 0.5, expected + 0.3) - expected),
    spread(systoles.map(Math.log)),
    spread(beats.map(Math.log)),
    quantile(firsts.map(loudness), 0.5, pause) - pause,
    quantile(seconds.map(loudness), 0.5, pause) - pause,
    quantile(rest, 0.95, 0) - quantile(recent.map(loudness), 0.5, 0),
  ];
}

const confidences = (sounds: readonly HeartSound[]) => sounds.map(({ confidence }) => confidence);

const mean = (values: readonly number[], fallback: number): number =>
  values.length === 0 ? fallback : values.reduce((sum, value) => sum + value, 0) / values.length;

/** Nearest rank. */
function quantile(values: readonly number[], share: number, fallback: number): number {
  if (values.length === 0) return fallback;
  return [...values].sort((a, b) => a - b)[Math.round(share * (values.length - 1))];
}

function spread(values: readonly number[]): number {
  if (values.length < 2) return 0.5;
  const centre = mean(values, 0);
  return Math.sqrt(
    mean(
      values.map((value) => (value - centre) ** 2),
      0,
    ),
  );
}
