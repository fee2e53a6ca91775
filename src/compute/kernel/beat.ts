/** The beat in autocorrelations of envelopes, in float64. */
import { exactLogarithm } from './logarithms64';

/**
 * A fraction of the period found is the beat where it correlates nearly as well, and well at all: otherwise it is
 * systole, whose length varies less than the beat's. Thresholds from the hand-corrected states.
 */
const FRACTION_SHARE: f64 = 0.9;
const LEAST_HALF: f64 = 0.7;
const LEAST_THIRD: f64 = 0.85;
/** A multiple of the beat that correlates so much less than the beat does not refine it. */
const MULTIPLE_SHARE: f64 = 0.8;

/**
 * What the envelopes repeat at, by the mean of the two lower bands.
 *
 * @param correlations by band `[4][lags]`, the shortest lag first: low, mid, one that is not looked at, and room for the mean
 * @param shortest lag that is a beat
 * @param longest lag that is one, at most `lags - 3`
 * @param preferences `[lags]`, what a lag has to show more than others
 * @param output `[8]`: to a fraction of a frame, the lag; correlation one beat apart, mean, low, mid and, left to the caller, high;
 *   two beats apart, or one where two do not fit; the smallest at a shorter lag; |ln| of the ratio of the lags of low and mid, at
 *   most 1
 * @returns the lag, 0 where none stands out, and nothing in `output`
 */
export function findBeat(
  correlations: usize,
  lags: i32,
  shortest: i32,
  longest: i32,
  preferences: usize,
  output: usize,
): i32 {
  const low = correlations;
  const mid = low + 8 * lags;
  const mean = mid + 16 * lags;
  for (let at = 0; at < 8 * lags; at += 8) {
    store<f64>(mean + at, (load<f64>(low + at) + load<f64>(mid + at)) / 2);
  }
  const lag = strongestLag(mean, shortest, longest, preferences);
  if (lag === 0) return 0;
  let trough: f64 = 1;
  for (let l = 1; l < lag; l++) trough = min(trough, load<f64>(mean + 8 * l));
  store<f64>(output, refinedLag(mean, lags, lag));
  store<f64>(output, load<f64>(mean + 8 * lag), 8);
  store<f64>(output, load<f64>(low + 8 * lag), 16);
  store<f64>(output, load<f64>(mid + 8 * lag), 24);
  store<f64>(output, load<f64>(mean + 8 * (2 * lag < lags ? 2 * lag : lag)), 40);
  store<f64>(output, trough, 48);
  const ofLow = strongestLag(low, shortest, longest, preferences);
  const ofMid = strongestLag(mid, shortest, longest, preferences);
  store<f64>(output, disagreement(<f64>ofLow, <f64>ofMid), 56);
  return lag;
}

/** At most 1: beyond that two rates have nothing to do with each other, however far apart. */
function disagreement(a: f64, b: f64): f64 {
  return a === 0 || b === 0 ? 1 : min(1, abs(exactLogarithm(a / b)));
}

function isPeak(r: usize, lag: i32): bool {
  const value = load<f64>(r + 8 * lag);
  return value >= load<f64>(r + 8 * lag - 8) && value >= load<f64>(r + 8 * lag, 8);
}

/** The lag of the beat, or 0 where no positive peak lies between the ends. */
function strongestLag(r: usize, shortest: i32, longest: i32, preferences: usize): i32 {
  let best = 0;
  let most: f64 = 0;
  for (let lag = shortest; lag <= longest; lag++) {
    const value = load<f64>(r + 8 * lag);
    if (!(value > 0) || !isPeak(r, lag)) continue;
    const preferred = value - load<f64>(preferences + 8 * lag);
    if (best === 0 || preferred > most) {
      best = lag;
      most = preferred;
    }
  }
  const nearlyAsWell = FRACTION_SHARE * load<f64>(r + 8 * best);
  const half = peakNear(r, <f64>best / 2, shortest, longest, max(LEAST_HALF, nearlyAsWell));
  if (half !== 0) return half;
  const third = peakNear(r, <f64>best / 3, shortest, longest, max(LEAST_THIRD, nearlyAsWell));
  return third !== 0 ? third : best;
}

/** The nearest lag, or one beside it, that has a peak of at least `least`; 0 where there is none. */
function peakNear(r: usize, lag: f64, shortest: i32, longest: i32, least: f64): i32 {
  const near = <i32>floor(lag + 0.5);
  for (let i = 0; i < 3; i++) {
    const at = i === 0 ? near : i === 1 ? near - 1 : near + 1;
    if (at >= shortest && at <= longest && isPeak(r, at) && load<f64>(r + 8 * at) >= least) return at;
  }
  return 0;
}

/** The lag of one beat to a fraction of a frame: from the latest of its multiples that still stands out. */
function refinedLag(r: usize, lags: i32, lag: i32): f64 {
  const least = MULTIPLE_SHARE * load<f64>(r + 8 * lag);
  let refined = <f64>lag + vertexOffset(r, lag);
  for (let beats: f64 = 2; beats * refined < <f64>(lags - 2); beats++) {
    const peak = peakNear(r, beats * refined, 1, lags - 2, -Infinity);
    if (peak === 0 || load<f64>(r + 8 * peak) < least) break;
    refined = (<f64>peak + vertexOffset(r, peak)) / beats;
  }
  return refined;
}

/** Where the parabola through a peak and its neighbours is highest, in -0.5..0.5 of a lag. */
function vertexOffset(r: usize, lag: i32): f64 {
  const at = r + 8 * lag;
  const before = load<f64>(at - 8);
  const after = load<f64>(at, 8);
  const curvature = before - 2 * load<f64>(at) + after;
  if (!(curvature < 0)) return 0;
  return max(-0.5, min(0.5, (0.5 * (before - after)) / curvature));
}
