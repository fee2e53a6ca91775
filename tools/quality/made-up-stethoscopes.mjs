/**
 * Hearts as a stethoscope would hear them that the data set does not have: cut short, faster, through another membrane, microphone,
 * gain control and background. Seeded. None is a model of any one device; together they reach further than devices differ.
 */
import { colouredNoise, randomFrom, tone } from './bad-signals.mjs';
import { RATE_HZ, log, peakOf, recorded, rms, throughStethoscope } from './heartless-sounds.mjs';

/** Played faster, hearts of adults become those of children; none beats faster than this. */
const FASTEST_BPM = 140;
/** Samples either side that one between them is made of. */
const REACH = 8;

/** Direct form 1 of an RBJ filter whose a0 is 1. */
function biquad(x, { b, a }) {
  let [x1, x2, y1, y2] = [0, 0, 0, 0];
  return x.map((value) => {
    const out = b[0] * value + b[1] * x1 + b[2] * x2 - a[0] * y1 - a[1] * y2;
    [x2, x1, y2, y1] = [x1, value, y1, out];
    return out;
  });
}

const angle = (hertz) => (2 * Math.PI * hertz) / RATE_HZ;

/** What a small microphone does below its corner. */
function highPassed(x, hertz, q) {
  const cosine = Math.cos(angle(hertz));
  const alpha = Math.sin(angle(hertz)) / (2 * q);
  const b = (1 + cosine) / 2 / (1 + alpha);
  return biquad(x, { b: [b, -2 * b, b], a: [(-2 * cosine) / (1 + alpha), (1 - alpha) / (1 + alpha)] });
}

function lowPassed(x, hertz, q) {
  const cosine = Math.cos(angle(hertz));
  const alpha = Math.sin(angle(hertz)) / (2 * q);
  const b = (1 - cosine) / 2 / (1 + alpha);
  return biquad(x, { b: [b, 2 * b, b], a: [(-2 * cosine) / (1 + alpha), (1 - alpha) / (1 + alpha)] });
}

/** A chest piece that rings, or swallows, at one frequency. */
function peaked(x, hertz, q, decibels) {
  const gain = 10 ** (decibels / 40);
  const cosine = Math.cos(angle(hertz));
  const alpha = Math.sin(angle(hertz)) / (2 * q);
  const a0 = 1 + alpha / gain;
  return biquad(x, {
    b: [(1 + alpha * gain) / a0, (-2 * cosine) / a0, (1 - alpha * gain) / a0],
    a: [(-2 * cosine) / a0, (1 - alpha / gain) / a0],
  });
}

/** A telephone evens out what it hears: fast down, slow up, never more than some gain. */
function gainControlled(x, attackSeconds, releaseSeconds, strength) {
  const [attack, release] = [attackSeconds, releaseSeconds].map((s) => 1 - Math.exp(-1 / (s * RATE_HZ)));
  const usual = rms(x);
  let level = usual;
  return x.map((value) => {
    const size = Math.abs(value) + 1e-9;
    level += (size > level ? attack : release) * (size - level);
    return value * Math.max(0.05, level / usual) ** -strength;
  });
}

/** At {@link RATE_HZ}, `speed` times as fast, by a windowed sinc: what is screened ends at 400 Hz, far below its corner. */
function played(samples, rate, speed) {
  const step = (rate * speed) / RATE_HZ;
  return Float64Array.from({ length: Math.floor((samples.length - 1) / step) }, (_, n) => {
    const at = n * step;
    const first = Math.floor(at) - REACH + 1;
    const between = at - Math.floor(at);
    if (between === 0) return samples[at];
    let sum = 0;
    for (let k = 0; k < 2 * REACH; k++) {
      const away = between + REACH - 1 - k;
      const taper = 1 - (away / REACH) ** 2;
      sum += ((k % 2 === 0 ? -1 : 1) * (samples[first + k] ?? 0) * taper * taper) / away;
    }
    return (-(REACH % 2 === 0 ? -1 : 1) * sum * Math.sin(Math.PI * between)) / Math.PI;
  });
}

/** Two pieces of ten are whole (30 s at most), as many of 10 to 15 s, the others of 4.5 to 10 s. */
function piece(random, x, rate) {
  const choice = random.uniform();
  const seconds = choice < 0.2 ? 30 : choice < 0.4 ? random.between(10, 15) : random.between(4.5, 10);
  const length = Math.min(x.length, Math.round(seconds * rate));
  const first = Math.floor(random.between(0, x.length - length));
  return x.slice(first, first + length);
}

/**
 * @param samples of a heart
 * @param bpm its rate, where known
 * @returns samples on a 16-bit grid in [-1, 1), with the rate that they are at
 */
export function throughForeignStethoscope(seed, samples, rate, bpm = undefined) {
  const random = randomFrom(seed * 15485863 + 29);
  const wanted = random.pick([1, 1, 1, log(random, 0.85, 1.8)]);
  const speed = Math.max(Math.min(1, wanted), Math.min(wanted, FASTEST_BPM / (bpm ?? 100)));
  let x = played(piece(random, samples, rate * speed), rate, speed);
  if (random.uniform() < 0.45) {
    const [corner, q] = [log(random, 20, 220), random.between(0.5, 0.9)];
    const orders = random.pick([1, 1, 2]);
    for (let order = 0; order < orders; order++) x = highPassed(x, corner, q);
  }
  const kind = random.uniform();
  if (kind < 0.45) x = throughStethoscope(random, x);
  else if (kind < 0.65) {
    const corner = log(random, 120, 450);
    for (const q of [0.51, 0.6, 0.9, 2.56]) x = lowPassed(x, corner, q);
  }
  const peaks = random.pick([0, 1, 2]);
  for (let n = 0; n < peaks; n++)
    x = peaked(x, log(random, 30, 350), random.between(0.7, 3), random.between(-10, 10));
  const level = rms(x);
  const noise = colouredNoise(random, x.length / RATE_HZ, RATE_HZ, random.pick([0, 1, 1, 2]));
  const background = random.uniform() < 0.5 ? throughStethoscope(random, noise) : noise;
  const noiseGain = (level / rms(background)) * 10 ** (-random.between(6, 50) / 20);
  const hum = tone(random, x.length / RATE_HZ, RATE_HZ, random.pick([50, 60]), [1, random.between(0, 0.5)]);
  const humGain = random.uniform() < 0.2 ? level * 10 ** (-random.between(10, 40) / 20) : 0;
  x = x.map((value, n) => value + noiseGain * (background[n] ?? 0) + humGain * (hum[n] ?? 0));
  if (random.uniform() < 0.35)
    x = gainControlled(x, log(random, 0.002, 0.1), log(random, 0.1, 2), random.between(0.3, 0.9));
  const peak = peakOf(x);
  if (random.uniform() < 0.15) {
    const drive = random.between(1, 3);
    x = x.map((value) => (peak * Math.tanh((drive * value) / peak)) / Math.tanh(drive));
  }
  return recorded(random, x, 0.03, peak);
}
