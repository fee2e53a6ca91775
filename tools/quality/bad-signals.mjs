/**
 * Signals that are no heart sound, at any device's rate: what signal quality must refuse although no recording of the
 * data set shows it. Seeded; each maker returns samples around 1 at its loudest, which `badSignal` scales.
 */

/** Mulberry32: a 32-bit generator with one word of state; enough for noise, the same on every machine. */
export function randomFrom(seed) {
  let state = seed >>> 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  const between = (low, high) => low + (high - low) * uniform();
  return { uniform, normal, between, pick: (list) => list[Math.floor(uniform() * list.length)] };
}

export const signalOf = (seconds, rate, sample) =>
  Float64Array.from({ length: Math.round(seconds * rate) }, (_, n) => sample(n));

/** Noise whose power falls by `slope` x 3 dB an octave: 0 white, 1 pink, 2 brown; by leaky integrators. */
export function colouredNoise(random, seconds, rate, slope) {
  if (slope === 0) return signalOf(seconds, rate, random.normal);
  if (slope === 2) {
    let level = 0;
    return signalOf(seconds, rate, () => (level = level * (1 - 60 / rate) + random.normal()));
  }
  // One integrator an octave from 10 Hz on, each as strong as the next: 1/f within a decibel.
  const levels = Array.from({ length: 12 }, (_, octave) => ({
    pole: Math.exp((-2 * Math.PI * 10 * 2 ** octave) / rate),
    level: 0,
  }));
  return signalOf(seconds, rate, () => {
    let sum = 0;
    for (const integrator of levels) {
      const { pole } = integrator;
      integrator.level = pole * integrator.level + Math.sqrt(1 - pole * pole) * random.normal();
      sum += integrator.level;
    }
    return sum;
  });
}

/** A burst's envelope: rises and falls as a sine's half does. */
export function addBursts(x, carrier, rate, starts) {
  for (const { at, seconds, level } of starts) {
    const first = Math.round(at * rate);
    const length = Math.round(seconds * rate);
    for (let i = 0; i < length && first + i < x.length; i++) {
      if (first + i >= 0)
        x[first + i] += level * Math.sin((Math.PI * (i + 0.5)) / length) * carrier[first + i];
    }
  }
  return x;
}

/** Starts of bursts in a Poisson process. */
export function randomStarts(random, seconds, perSecond, duration, level) {
  const starts = [];
  for (let at = 0; at < seconds; at += -Math.log(1 - random.uniform()) / perSecond) {
    starts.push({ at, seconds: duration(), level: level() });
  }
  return starts;
}

export function tone(random, seconds, rate, hertz, harmonics) {
  const phases = harmonics.map(() => random.between(0, 2 * Math.PI));
  return signalOf(seconds, rate, (n) =>
    harmonics.reduce(
      (sum, level, k) => sum + level * Math.sin((2 * Math.PI * hertz * (k + 1) * n) / rate + phases[k]),
      0,
    ),
  );
}

export const mixed = (x, y, level) => x.map((value, n) => value + level * y[n]);

/** By name: `(random, seconds, rate) -> samples`. */
export const makers = {
  white: (random, seconds, rate) => colouredNoise(random, seconds, rate, 0),
  pink: (random, seconds, rate) => colouredNoise(random, seconds, rate, 1),
  brown: (random, seconds, rate) => colouredNoise(random, seconds, rate, 2),
  tone: (random, seconds, rate) => tone(random, seconds, rate, random.between(25, 400), [1]),
  noisyTone: (random, seconds, rate) =>
    mixed(
      tone(random, seconds, rate, random.between(30, 390), [1]),
      colouredNoise(random, seconds, rate, 0),
      random.between(0.01, 0.5),
    ),
  hum: (random, seconds, rate) =>
    mixed(
      tone(random, seconds, rate, random.pick([50, 60]), [
        1,
        random.between(0, 0.5),
        random.between(0, 0.8),
        0,
        random.between(0, 0.4),
      ]),
      colouredNoise(random, seconds, rate, random.pick([0, 1])),
      random.between(0.001, 0.3),
    ),
  chirp: (random, seconds, rate) => {
    const sweep = random.between(2, 40);
    return signalOf(seconds, rate, (n) => {
      const t = n / rate;
      return Math.sin(2 * Math.PI * (30 * t + (sweep * t * t) / 2));
    });
  },
  speech: (random, seconds, rate) => {
    // Syllables at irregular times, voiced by harmonics of a wandering pitch, and pauses between phrases.
    let phase = 0;
    const pitch = random.between(90, 220);
    const wander = random.between(0.2, 0.6);
    const breath = colouredNoise(random, seconds, rate, 1);
    const voice = signalOf(seconds, rate, (n) => {
      phase += (2 * Math.PI * pitch * (1 + 0.15 * Math.sin((2 * Math.PI * wander * n) / rate))) / rate;
      return Math.sin(phase) + 0.7 * Math.sin(2 * phase) + 0.4 * Math.sin(3 * phase) + 0.3 * breath[n];
    });
    const starts = [];
    for (
      let at = 0;
      at < seconds;
      at += random.uniform() < 0.15 ? random.between(0.4, 1.2) : random.between(0.12, 0.4)
    ) {
      starts.push({ at, seconds: random.between(0.08, 0.35), level: random.between(0.2, 1) });
    }
    const silence = signalOf(seconds, rate, () => 0.01 * random.normal());
    return addBursts(silence, voice, rate, starts);
  },
  rubbing: (random, seconds, rate) => {
    const carrier = colouredNoise(random, seconds, rate, random.pick([1, 2]));
    const floor = random.between(0.003, 0.1);
    const quiet = signalOf(seconds, rate, () => floor * random.normal());
    const level = () => Math.exp(random.between(-2.5, 0));
    return addBursts(
      quiet,
      carrier,
      rate,
      randomStarts(random, seconds, random.between(1, 5), () => random.between(0.05, 0.6), level),
    );
  },
  knocks: (random, seconds, rate) => {
    const x = signalOf(seconds, rate, () => 0.003 * random.normal());
    for (const { at, level } of randomStarts(
      random,
      seconds,
      random.between(0.3, 4),
      () => 0,
      () => Math.exp(random.between(-2, 0)),
    )) {
      const hertz = random.between(30, 200);
      const decay = random.between(0.01, 0.05);
      for (let i = 0, n = Math.round(at * rate); i < 6 * decay * rate && n + i < x.length; i++) {
        x[n + i] += level * Math.exp(-i / rate / decay) * Math.sin((2 * Math.PI * hertz * i) / rate);
      }
    }
    return x;
  },
  steps: (random, seconds, rate) => {
    let level = 0;
    const noise = random.between(0.0005, 0.05);
    const perSecond = random.between(0.3, 4);
    return signalOf(seconds, rate, () => {
      if (random.uniform() < perSecond / rate) level = random.between(-1, 1);
      return level + noise * random.normal();
    });
  },
  noRhythm: (random, seconds, rate) => {
    // Bursts as long, as loud and as frequent as heart sounds, at times that nothing orders.
    const carrier = tone(random, seconds, rate, random.between(30, 80), [1, 0.5]);
    const quiet = signalOf(seconds, rate, () => 0.03 * random.normal());
    const level = () => random.between(0.5, 1);
    return addBursts(
      quiet,
      carrier,
      rate,
      randomStarts(random, seconds, random.between(1.5, 3.5), () => random.between(0.08, 0.16), level),
    );
  },
  breathing: (random, seconds, rate) => {
    const carrier = colouredNoise(random, seconds, rate, 1);
    const period = random.between(2, 6);
    return carrier.map(
      (value, n) =>
        value * (0.1 + Math.abs(Math.sin((Math.PI * n) / rate / period + 0.3 * Math.sin(n / rate)))),
    );
  },
};

export const RATES_HZ = [1000, 2000, 4000, 8000, 11025, 44100, 48000];

/**
 * @param name of a maker, or `dither`: silence with a last bit that moves
 * @returns samples on a 16-bit grid in [-1, 1), with the rate that they are at
 */
export function badSignal(name, seed, seconds) {
  const random = randomFrom(seed);
  const rate = random.pick(RATES_HZ);
  const x = makers[name](random, seconds, rate);
  const peak = x.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const gain = Math.exp(random.between(Math.log(0.01), Math.log(0.95))) / peak;
  return { rate, samples: x.map((value) => Math.round(value * gain * 32767) / 32768) };
}
