import { FRAME_LENGTH, FRAME_RATE_HZ, FrameField } from '../../src/heart/envelope-bank.js';
import type { LOUD_SOUND_MEASURES } from '../../src/window/loud-sounds.js';

type LoudSounds = Record<(typeof LOUD_SOUND_MEASURES)[number], number>;

/** The readable twin of `measureLoudSounds`: of a whole stretch at once, with sorting. */
export function plainLoudSounds(samples: Float64Array, frames: Float64Array, rateHz: number): LoudSounds {
  const binSamples = Math.round(rateHz / 250);
  const all = Array.from({ length: Math.floor(samples.length / binSamples) }, (_, b) =>
    samples.subarray(b * binSamples, (b + 1) * binSamples).reduce((sum, x) => sum + x * x, 0),
  );
  const bins = all.slice(-2000);
  const at = (n: number) => bins[n] ?? 0;
  const envelope = bins.map(
    (value, n) => (3 * value + 2 * (at(n - 1) + at(n + 1)) + at(n - 2) + at(n + 2)) / 9,
  );
  const floor = rank(envelope, 0.2, 0);
  const loudestFirst = envelope
    .map((_, n) => n)
    .slice(25, Math.max(25, envelope.length - 25))
    .filter((n) => envelope[n] >= envelope[n - 1] && envelope[n] > envelope[n + 1])
    .sort((a, b) => envelope[b] - envelope[a] || a - b);
  const most = Math.floor((2.5 * envelope.length * binSamples) / rateHz);
  const peaks: number[] = [];
  for (const n of loudestFirst) {
    if (peaks.length === most) break;
    if (peaks.length >= 3 && envelope[n] < 0.05 * envelope[peaks[1]]) break;
    if (peaks.every((peak) => Math.abs(peak - n) > 38)) peaks.push(n);
  }
  const shapes = peaks.map((peak) => {
    const d = Array.from({ length: 51 }, (_, i) => i - 25);
    const values = d.map((offset) => Math.max(0, envelope[peak + offset] - floor));
    const total = (weight: (offset: number) => number) =>
      values.reduce((sum, value, i) => sum + value * weight(d[i]), 0);
    const sum = 1e-20 + total(() => 1);
    const centre = total((offset) => offset) / sum;
    const second = total((offset) => offset * offset) / sum;
    return { width: Math.sqrt(Math.max(0, second - centre ** 2)), skew: total(Math.sign) / sum };
  });
  const frameCount = frames.length / FRAME_LENGTH;
  const colours = peaks.map((peak) => {
    const seconds = ((all.length - bins.length + peak) * binSamples) / rateHz;
    const centre = Math.floor(seconds * FRAME_RATE_HZ);
    const from = Math.max(0, frameCount - 400, centre - 2);
    const to = Math.min(frameCount, centre + 4);
    const total = (field: number) => {
      let sum = 1e-20;
      for (let frame = from; frame < to; frame++) sum += frames[frame * FRAME_LENGTH + field];
      return sum;
    };
    const [low, mid, high] = [FrameField.low, FrameField.mid, FrameField.high].map(total);
    const crossings = total(FrameField.crossings) / Math.max(1, to - from);
    return {
      high: Math.log10(high / (low + mid)),
      mid: Math.log10(mid / low),
      pitch: (crossings * rateHz) / 2,
    };
  });
  const levels = peaks.map((peak) => Math.log10(envelope[peak] + 1e-20));
  const msPerBin = (1000 * binSamples) / rateHz;
  const median = (values: number[], fallback: number) => rank(values, 0.5, fallback);
  return {
    soundsPerSecond: peaks.length / Math.max(1, (envelope.length * msPerBin) / 1000),
    soundWidth:
      msPerBin *
      median(
        shapes.map(({ width }) => width),
        0,
      ),
    soundSkew: median(
      shapes.map(({ skew }) => skew),
      1,
    ),
    levelSpread: rank(levels, 0.9, 0) - rank(levels, 0.1, 0),
    loudHigh: median(
      colours.map(({ high }) => high),
      0,
    ),
    loudMid: median(
      colours.map(({ mid }) => mid),
      0,
    ),
    pitch: median(
      colours.map(({ pitch }) => pitch),
      0,
    ),
  };
}

function rank(values: readonly number[], share: number, fallback: number): number {
  if (values.length === 0) return fallback;
  return [...values].sort((a, b) => a - b)[Math.round(share * (values.length - 1))];
}
