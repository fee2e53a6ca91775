/**
 * Sounds with a beat, a voice or a motor that are no heart: what must never be called a normal one. Seeded; every sound
 * differs from the next in tempo, colour, room, background, level and in the stethoscope that it goes through.
 */
import {
  addBursts,
  colouredNoise,
  makers,
  randomFrom,
  randomStarts,
  signalOf,
  tone,
} from './bad-signals.mjs';

/** Rate that sounds are made at; a stethoscope hands out this or half of it. */
export const RATE_HZ = 4000;

export const log = (random, low, high) => Math.exp(random.between(Math.log(low), Math.log(high)));
export const quiet = (seconds) => new Float64Array(Math.round(seconds * RATE_HZ));
export const add = (x, at, y, level = 1) => {
  const first = Math.round(at * RATE_HZ);
  for (let i = Math.max(0, -first); i < y.length && first + i < x.length; i++) x[first + i] += level * y[i];
  return x;
};

/** Decaying resonances struck at once, as wood, plastic or a membrane sounds: [hertz, seconds of decay, level]. */
export function struck(random, modes, attackSeconds = 0.0005) {
  const longest = Math.max(...modes.map(([, decay]) => decay));
  const phases = modes.map(() => random.between(0, 2 * Math.PI));
  return signalOf(7 * longest + attackSeconds, RATE_HZ, (n) => {
    const t = n / RATE_HZ;
    const rise = 1 - Math.exp(-t / attackSeconds);
    return modes.reduce(
      (sum, [hertz, decay, level], m) =>
        sum + level * rise * Math.exp(-t / decay) * Math.sin(2 * Math.PI * hertz * t + phases[m]),
      0,
    );
  });
}

/** A burst of noise that rises and decays. */
export function hiss(random, attackSeconds, decaySeconds, slope) {
  const noise = colouredNoise(random, 6 * decaySeconds + attackSeconds, RATE_HZ, slope);
  return noise.map((value, n) => {
    const t = n / RATE_HZ;
    return value * (t < attackSeconds ? t / attackSeconds : Math.exp(-(t - attackSeconds) / decaySeconds));
  });
}

export const modesOf = (random, count, low, high, shortest, longest) =>
  Array.from({ length: count }, () => [
    log(random, low, high),
    log(random, shortest, longest),
    random.between(0.3, 1),
  ]);

/** Times of a beat that a machine keeps, or a hand: `jitter` of each interval, `drift` of the tempo. */
export function beats(random, seconds, period, jitter = 0, drift = 0) {
  const times = [];
  const turn = random.between(0, 6);
  for (let at = random.between(0, period); at < seconds;) {
    times.push(at);
    const slow = 1 + drift * Math.sin(turn + (2 * Math.PI * at) / 9);
    at += period * slow * Math.max(0.3, 1 + jitter * random.normal());
  }
  return times;
}

/** Beats by hand or foot: 40 to 180 a minute, as even as people are. */
export const byHand = (random, seconds, low = 40, high = 180) =>
  beats(random, seconds, 60 / log(random, low, high), random.between(0.01, 0.07), random.between(0, 0.05));

/** A voice or string: harmonics of a pitch that a function of time gives. */
export function harmonics(random, seconds, pitchAt, levels) {
  let phase = 0;
  return signalOf(seconds, RATE_HZ, (n) => {
    phase += pitchAt(n / RATE_HZ) / RATE_HZ;
    return levels.reduce((sum, level, k) => sum + level * Math.sin(2 * Math.PI * (k + 1) * phase), 0);
  });
}

/** Plays one of a few sounds at each time; levels by hand. */
export function play(random, seconds, times, sounds, spread) {
  const x = quiet(seconds);
  times.forEach((at, i) => add(x, at, sounds[i % sounds.length], Math.exp(spread * random.normal())));
  return x;
}

export function notes(random, seconds, beat, low, high, decay) {
  const x = quiet(seconds);
  const scale = [0, 2, 4, 5, 7, 9, 11, 12];
  for (let at = 0; at < seconds; at += beat * random.pick([0.5, 1, 1, 2])) {
    const hertz = low * 2 ** (random.pick(scale) / 12) * random.pick([1, 1, Math.min(2, high / low)]);
    add(
      x,
      at,
      struck(
        random,
        [
          [hertz, decay, 1],
          [2 * hertz, decay / 2, 0.4],
          [3 * hertz, decay / 3, 0.2],
        ],
        0.005,
      ),
    );
  }
  return x;
}

/** By name: `(random, seconds) -> samples` at {@link RATE_HZ}, of any level. */
export const kinds = {
  metronome: (random, seconds) => {
    const click = () =>
      struck(random, [
        ...modesOf(random, 2, 400, 1800, 0.002, 0.02),
        ...modesOf(random, 1, 60, 300, 0.005, 0.03),
      ]);
    const accent = click();
    const plain = click();
    const bar = random.pick([
      [plain],
      [plain],
      [accent, plain],
      [accent, plain, plain],
      [accent, plain, plain, plain],
    ]);
    return play(random, seconds, beats(random, seconds, 60 / random.between(40, 208)), bar, 0.01);
  },
  clock: (random, seconds) => {
    const period = random.pick([0.2, 0.25, 0.4, 0.5, 0.5, 1, random.between(0.3, 1)]);
    const lame = random.between(0, 0.1) * period;
    const sounds = [0, 1].map(() => struck(random, modesOf(random, 3, 80, 1800, 0.002, 0.03)));
    const times = beats(random, seconds, period, 0.0005).map((at, i) => at + (i % 2) * lame);
    return play(random, seconds, times, sounds, 0.03);
  },
  knocks: (random, seconds) => {
    const sound = struck(random, modesOf(random, 3, 40, 300, 0.008, 0.06), log(random, 0.0005, 0.006));
    return play(random, seconds, byHand(random, seconds), [sound], random.between(0.05, 0.3));
  },
  tapping: (random, seconds) => {
    // A finger on the membrane itself: a dull thump and the skin's friction as it leaves.
    const thump = struck(random, modesOf(random, 2, 25, 120, 0.01, 0.05), log(random, 0.002, 0.015));
    const leave = hiss(random, 0.005, random.between(0.01, 0.03), 1);
    const x = quiet(seconds);
    const level = random.between(0, 0.3);
    const held = random.between(0.06, 0.2);
    for (const at of byHand(random, seconds)) {
      const strength = Math.exp(0.2 * random.normal());
      add(x, at, thump, strength);
      add(x, at + held * Math.exp(0.1 * random.normal()), leave, level * strength);
    }
    return x;
  },
  clicks: (random, seconds) => {
    // A pen or a mouse: down and up, one after the other.
    const sounds = [0, 1].map(() => struck(random, modesOf(random, 3, 150, 1800, 0.001, 0.012)));
    const x = quiet(seconds);
    const even = random.uniform() < 0.5;
    const times = even
      ? byHand(random, seconds)
      : randomStarts(
          random,
          seconds,
          random.between(0.8, 3),
          () => 0,
          () => 1,
        ).map(({ at }) => at);
    for (const at of times) {
      add(x, at, sounds[0]);
      add(x, at + random.between(0.06, 0.18), sounds[1], random.between(0.5, 0.9));
    }
    return x;
  },
  footsteps: (random, seconds) => {
    const heel = [0, 1].map(() => struck(random, modesOf(random, 3, 30, 180, 0.01, 0.06), 0.002));
    const toe = hiss(random, 0.01, random.between(0.02, 0.06), random.pick([1, 2]));
    const x = quiet(seconds);
    const roll = random.between(0.06, 0.16);
    const level = random.between(0.05, 0.5);
    const limp = random.between(-0.04, 0.04);
    beats(random, seconds, 60 / random.between(75, 135), random.between(0.01, 0.04)).forEach((at, i) => {
      add(x, at + (i % 2) * limp, heel[i % 2], Math.exp(0.15 * random.normal()));
      add(x, at + roll + (i % 2) * limp, toe, level);
    });
    return x;
  },
  chewing: (random, seconds) => {
    const x = quiet(seconds);
    for (const at of byHand(random, seconds, 55, 110)) {
      const crumbs = 1 + Math.floor(random.between(2, 15));
      const length = random.between(0.1, 0.35);
      for (let c = 0; c < crumbs; c++) {
        add(
          x,
          at + random.between(0, length),
          hiss(random, 0.001, log(random, 0.003, 0.03), random.pick([0, 1, 2])),
          log(random, 0.2, 1),
        );
      }
    }
    return x;
  },
  clapping: (random, seconds) => {
    const sounds = [0, 1, 2].map(() => hiss(random, 0.002, random.between(0.006, 0.03), random.pick([0, 1])));
    return play(random, seconds, byHand(random, seconds, 60, 220), sounds, 0.2);
  },
  typing: (random, seconds) => {
    const keys = [0, 1, 2, 3].map(() => struck(random, modesOf(random, 3, 80, 1500, 0.003, 0.03)));
    const times = beats(random, seconds, 1 / random.between(2, 8), random.between(0.2, 0.5));
    return play(
      random,
      seconds,
      times.filter(() => random.uniform() < 0.9),
      keys,
      0.4,
    );
  },
  dripping: (random, seconds) => {
    const times = beats(random, seconds, log(random, 0.3, 1.2), random.pick([0.005, 0.03, 0.2]));
    const x = quiet(seconds);
    const hertz = log(random, 80, 900);
    const decay = log(random, 0.015, 0.08);
    for (const at of times) {
      const rise = random.between(0.5, 4);
      let phase = 0;
      const plink = signalOf(6 * decay, RATE_HZ, (n) => {
        const t = n / RATE_HZ;
        phase += (hertz * (1 + rise * t)) / RATE_HZ;
        return Math.exp(-t / decay) * Math.sin(2 * Math.PI * phase);
      });
      add(x, at, plink, Math.exp(0.2 * random.normal()));
    }
    return x;
  },
  drums: (random, seconds) => {
    const beat = 60 / random.between(60, 180);
    const hertz = random.between(40, 80);
    const decay = log(random, 0.05, 0.2);
    let phase = 0;
    const kick = signalOf(5 * decay, RATE_HZ, (n) => {
      const t = n / RATE_HZ;
      phase += (hertz * (1 + 2 * Math.exp(-t / 0.015))) / RATE_HZ;
      return Math.exp(-t / decay) * Math.sin(2 * Math.PI * phase);
    });
    const snare = hiss(random, 0.001, random.between(0.03, 0.12), 1);
    const hat = hiss(random, 0.001, 0.02, 0);
    const x = quiet(seconds);
    const pattern = random.pick([
      [1, 0, 2, 0],
      [1, 0, 2, 1],
      [1, 1, 2, 0],
      [1, 0, 1, 0],
      [1, 0, 0, 0, 2, 0, 1, 0],
    ]);
    const swing = random.between(0, 0.15) * beat;
    const [loudSnare, loudHat] = [random.between(0.1, 0.6), random.between(0, 0.3)];
    for (let i = 0, at = 0; at < seconds; i++, at += beat / 2) {
      const step = pattern[i % pattern.length];
      const late = (i % 2) * swing;
      if (step === 1) add(x, at + late, kick);
      if (step === 2) add(x, at + late, snare, loudSnare);
      add(x, at + late, hat, loudHat);
    }
    return x;
  },
  band: (random, seconds) => {
    const beat = 60 / random.between(60, 160);
    const x = kinds.drums(random, seconds);
    const bass = notes(random, seconds, beat, random.between(40, 90), 180, random.between(0.15, 0.5));
    const tune = notes(random, seconds, beat / 2, random.between(150, 350), 700, random.between(0.1, 0.4));
    const [b, t] = [random.between(0.2, 1), random.between(0.1, 0.7)];
    return x.map((value, n) => value + b * bass[n] + t * tune[n]);
  },
  tune: (random, seconds) =>
    notes(
      random,
      seconds,
      60 / random.between(60, 160),
      random.between(100, 300),
      600,
      random.between(0.08, 0.6),
    ),
  fan: (random, seconds) => {
    const blades = random.between(8, 60);
    const depth = random.between(0, 0.7);
    const wobble = random.between(0.3, 4);
    const slow = random.between(0, 0.5);
    const hum = tone(random, seconds, RATE_HZ, blades * random.pick([1, 2, 3]), [1, 0.5, 0.3, 0.2]);
    const level = random.between(0, 1);
    return colouredNoise(random, seconds, RATE_HZ, random.pick([1, 2])).map((value, n) => {
      const t = n / RATE_HZ;
      return (
        (value * (1 + depth * Math.sin(2 * Math.PI * blades * t)) + level * hum[n]) *
        (1 + slow * Math.sin(2 * Math.PI * wobble * t))
      );
    });
  },
  pump: (random, seconds) => {
    // A piston, a compressor, a breathing machine: two strokes a turn, each a push of noise or a hum, exactly on time.
    const period = 60 / random.between(30, 160);
    const strokes = [0, 1].map(() => {
      const length = random.between(0.06, 0.45) * period;
      const noise = colouredNoise(random, length, RATE_HZ, random.pick([1, 2]));
      const hum = tone(random, length, RATE_HZ, random.between(25, 120), [1, 0.6, 0.4, 0.2]);
      const share = random.between(0, 2);
      return noise.map(
        (value, n) => (value + share * hum[n]) * Math.sin((Math.PI * (n + 0.5)) / noise.length) ** 2,
      );
    });
    const x = quiet(seconds);
    const [second, level] = [random.between(0.3, 0.6), random.between(0, 1)];
    for (const at of beats(random, seconds, period, 0.001)) {
      add(x, at, strokes[0]);
      add(x, at + second * period, strokes[1], level);
    }
    const floor = colouredNoise(random, seconds, RATE_HZ, 1);
    const steady = random.between(0, 0.1);
    return x.map((value, n) => value + steady * floor[n]);
  },
  motor: (random, seconds) => {
    const hertz = random.between(12, 110);
    const wander = random.between(0, 0.03);
    const beat = random.between(0.5, 4);
    const depth = random.between(0, 0.9);
    const levels = Array.from({ length: 8 }, () => random.between(0, 1));
    const x = harmonics(random, seconds, (t) => hertz * (1 + wander * Math.sin(1.3 * t)), levels);
    return x.map((value, n) => value * (1 + depth * Math.sin((2 * Math.PI * beat * n) / RATE_HZ)));
  },
  drill: (random, seconds) => {
    const hertz = random.between(30, 200);
    const x = harmonics(
      random,
      seconds,
      (t) => hertz * (1 + 0.05 * Math.sin(2 * t)),
      [1, 0.8, 0.7, 0.5, 0.4],
    );
    const noise = colouredNoise(random, seconds, RATE_HZ, 0);
    const period = log(random, 0.4, 4);
    return x.map((value, n) => ((n / RATE_HZ) % period < 0.6 * period ? value + noise[n] : 0.02 * noise[n]));
  },
  speech: (random, seconds) => makers.speech(random, seconds, RATE_HZ),
  counting: (random, seconds) => {
    // One word a beat: "one, two, three", voiced bursts with a falling pitch.
    const x = quiet(seconds);
    const pitch = random.between(80, 230);
    for (const at of byHand(random, seconds, 50, 130)) {
      const length = random.between(0.15, 0.4);
      const word = harmonics(random, length, (t) => pitch * (1.1 - 0.3 * t), [
        1,
        random.between(0.3, 1),
        random.between(0.2, 0.8),
        0.3,
        0.2,
      ]);
      add(
        x,
        at,
        word.map((value, n) => value * Math.sin((Math.PI * n) / word.length)),
        Math.exp(0.2 * random.normal()),
      );
    }
    return x;
  },
  rubbing: (random, seconds) => makers.rubbing(random, seconds, RATE_HZ),
  strokes: (random, seconds) => {
    // The membrane is rubbed to and fro.
    const period = 60 / random.between(40, 160);
    const carrier = colouredNoise(random, seconds, RATE_HZ, random.pick([1, 2]));
    const x = quiet(seconds);
    const starts = beats(random, seconds, period, random.between(0.02, 0.1)).flatMap((at) => [
      { at, seconds: random.between(0.3, 0.5) * period, level: random.between(0.7, 1) },
      { at: at + 0.5 * period, seconds: random.between(0.3, 0.5) * period, level: random.between(0.3, 1) },
    ]);
    return addBursts(x, carrier, RATE_HZ, starts);
  },
  beeps: (random, seconds) => {
    // A monitor, a timer, an alarm.
    const hertz = random.between(120, 900);
    const length = random.between(0.04, 0.3);
    const beep = signalOf(
      length,
      RATE_HZ,
      (n) => Math.sin((2 * Math.PI * hertz * n) / RATE_HZ) * Math.min(1, n / 20, (length * RATE_HZ - n) / 20),
    );
    return play(
      random,
      seconds,
      beats(random, seconds, 60 / random.between(40, 180), random.pick([0, 0, 0.02])),
      [beep],
      0,
    );
  },
  siren: (random, seconds) => {
    const [low, sweep, period] = [random.between(100, 300), random.between(0.3, 1.5), log(random, 0.3, 4)];
    return harmonics(
      random,
      seconds,
      (t) => low * (1 + sweep * (0.5 - 0.5 * Math.cos((2 * Math.PI * t) / period))),
      [1, 0.4, 0.2],
    );
  },
  tones: (random, seconds) =>
    tone(random, seconds, RATE_HZ, random.between(25, 380), [1, random.between(0, 1)]),
  breathing: (random, seconds) => makers.breathing(random, seconds, RATE_HZ),
  snoring: (random, seconds) => {
    const rattle = random.between(25, 70);
    const period = random.between(2.5, 5);
    const x = harmonics(
      random,
      seconds,
      (t) => rattle * (1 + 0.1 * Math.sin(3 * t)),
      [1, 0.8, 0.7, 0.5, 0.4, 0.3],
    );
    const noise = colouredNoise(random, seconds, RATE_HZ, 1);
    return x.map(
      (value, n) => (value + noise[n]) * Math.max(0.02, Math.sin((2 * Math.PI * n) / RATE_HZ / period)),
    );
  },
  gut: (random, seconds) => {
    const x = quiet(seconds);
    for (const { at } of randomStarts(
      random,
      seconds,
      random.between(0.5, 4),
      () => 0,
      () => 1,
    )) {
      const count = 1 + Math.floor(random.between(0, 6));
      for (let i = 0; i < count; i++) {
        add(
          x,
          at + i * random.between(0.03, 0.12),
          struck(random, modesOf(random, 2, 60, 350, 0.01, 0.05), 0.008),
          log(random, 0.2, 1),
        );
      }
    }
    return x;
  },
  train: (random, seconds) => {
    // Rails' joints under two axles: pairs of thumps on time, over rumble.
    const period = random.between(0.5, 1.3);
    const gap = random.between(0.18, 0.45) * period;
    const thump = struck(random, modesOf(random, 3, 40, 250, 0.01, 0.05), 0.002);
    const x = colouredNoise(random, seconds, RATE_HZ, 2).map((value) => 0.02 * value);
    for (const at of beats(random, seconds, period, random.between(0.001, 0.01))) {
      add(x, at, thump);
      add(x, at + gap, thump, random.between(0.7, 1));
    }
    return x;
  },
  hoofs: (random, seconds) => {
    const sound = [0, 1, 2].map(() => struck(random, modesOf(random, 2, 60, 500, 0.005, 0.03)));
    const period = random.between(0.4, 0.8);
    const x = quiet(seconds);
    for (const at of beats(random, seconds, period, 0.03))
      [0, 0.22, 0.44].forEach((share, i) => add(x, at + share * period, sound[i], random.between(0.5, 1)));
    return x;
  },
  washing: (random, seconds) => {
    const turn = 60 / random.between(40, 120);
    const noise = colouredNoise(random, seconds, RATE_HZ, 2);
    const hum = tone(random, seconds, RATE_HZ, random.between(25, 60), [1, 0.5, 0.4]);
    const thud = struck(random, modesOf(random, 3, 30, 120, 0.03, 0.12), 0.01);
    const x = noise.map(
      (value, n) => value * (0.1 + 0.3 * Math.sin((Math.PI * n) / RATE_HZ / turn) ** 4) + 0.1 * hum[n],
    );
    for (const at of beats(random, seconds, turn, 0.01))
      add(x, at, thud, 3 * Math.exp(0.2 * random.normal()));
    return x;
  },
  bouncing: (random, seconds) => {
    const sound = struck(random, modesOf(random, 2, 60, 600, 0.004, 0.02));
    const x = quiet(seconds);
    for (let at = 0; at < seconds; at += random.between(2, 4)) {
      for (
        let gap = random.between(0.4, 0.8), t = at, level = 1;
        gap > 0.04 && t < seconds;
        t += gap, gap *= 0.85, level *= 0.85
      )
        add(x, t, sound, level);
    }
    return x;
  },
  coughing: (random, seconds) => {
    const x = quiet(seconds);
    for (const { at } of randomStarts(
      random,
      seconds,
      random.between(0.3, 1.2),
      () => 0,
      () => 1,
    ))
      add(x, at, hiss(random, 0.01, random.between(0.05, 0.15), 1), log(random, 0.3, 1));
    return x;
  },
  wipers: (random, seconds) => {
    const period = random.between(0.7, 1.6);
    const swish = hiss(random, 0.1, random.between(0.05, 0.15), 1);
    const clunk = struck(random, modesOf(random, 2, 40, 200, 0.01, 0.04), 0.002);
    const x = quiet(seconds);
    for (const at of beats(random, seconds, period, 0.002)) {
      add(x, at, swish);
      add(x, at + 0.42 * period, clunk, random.between(1, 3));
    }
    return x;
  },
  silence: (random, seconds) => colouredNoise(random, seconds, RATE_HZ, random.pick([0, 1, 2])),
};

/** A room or a table top answers: resonances and a tail of echoes. */
function inRoom(random, x) {
  const tail = log(random, 0.01, 0.3);
  const level = random.pick([0, random.between(0.02, 0.4)]);
  const y = Float64Array.from(x);
  if (level > 0) {
    for (let echo = 0; echo < 25; echo++) {
      const late = log(random, 0.003, 3 * tail);
      const gain = level * Math.exp(-late / tail) * (random.uniform() < 0.5 ? -1 : 1);
      const lag = Math.round(late * RATE_HZ);
      for (let n = lag; n < x.length; n++) y[n] += gain * x[n - lag];
    }
  }
  return y;
}

/** Second-order resonance or low-pass of a chest piece and its microphone: keeps lows, as stethoscopes do. */
export function throughStethoscope(random, x) {
  let y = x;
  const stages = 1 + Math.floor(random.between(0, 2.99));
  for (let stage = 0; stage < stages; stage++) {
    // RBJ's low-pass: a corner, and a Q that may ring.
    const w = (2 * Math.PI * log(random, 70, 900)) / RATE_HZ;
    const alpha = Math.sin(w) / (2 * random.between(0.5, 1.6));
    const b = (1 - Math.cos(w)) / 2 / (1 + alpha);
    const [a1, a2] = [(-2 * Math.cos(w)) / (1 + alpha), (1 - alpha) / (1 + alpha)];
    let [x1, x2, y1, y2] = [0, 0, 0, 0];
    y = y.map((value) => {
      const out = b * (value + 2 * x1 + x2) - a1 * y1 - a2 * y2;
      [x2, x1, y2, y1] = [x1, value, y1, out];
      return out;
    });
  }
  return y;
}

export const rms = (x) => Math.sqrt(x.reduce((sum, value) => sum + value * value, 0) / x.length) || 1e-9;

/**
 * @param kind of {@link kinds}
 * @param given sound at 4,000 Hz to put through room, stethoscope and background in place of a made-up one
 * @returns samples on a 16-bit grid in [-1, 1), with the rate that they are at
 */
export function heartlessSound(kind, seed, seconds, given = undefined) {
  const random = randomFrom(seed * 7919 + 13);
  let x = given ?? kinds[kind](random, seconds);
  x = throughStethoscope(random, inRoom(random, x));
  const level = rms(x);
  const noise = throughStethoscope(
    random,
    colouredNoise(random, x.length / RATE_HZ, RATE_HZ, random.pick([0, 1, 1, 2])),
  );
  const noiseGain = (level / rms(noise)) * 10 ** (-random.between(10, 60) / 20);
  const hum = tone(random, x.length / RATE_HZ, RATE_HZ, random.pick([50, 60]), [
    1,
    random.between(0, 0.5),
    random.between(0, 0.8),
  ]);
  const humGain = random.uniform() < 0.3 ? level * 10 ** (-random.between(15, 50) / 20) : 0;
  x = x.map((value, n) => value + noiseGain * noise[n] + humGain * hum[n]);
  return recorded(random, x, 0.02);
}

export const peakOf = (x) => x.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-9);

/**
 * As a device stores it: at some level, at this rate or half of it.
 *
 * @param leastLevel of its peak, as a part of full scale
 * @param peak before whatever limited it
 * @returns samples on a 16-bit grid in [-1, 1), with the rate that they are at
 */
export function recorded(random, x, leastLevel, peak = peakOf(x)) {
  const gain = log(random, leastLevel, 0.95) / peak;
  const every = random.pick([1, 2]);
  const kept = every === 1 ? x : halved(x);
  return {
    rate: RATE_HZ / every,
    samples: kept.map((value) => Math.round(Math.max(-1, Math.min(1, value * gain)) * 32767) / 32768),
  };
}

/** Half the rate, behind a short low-pass; what is screened ends at 400 Hz. */
export const halved = (x) =>
  Float64Array.from({ length: Math.floor(x.length / 2) }, (_, i) => {
    const at = (n) => x[n] ?? 0;
    const n = 2 * i;
    return 0.5 * at(n) + 0.28125 * (at(n - 1) + at(n + 1)) - 0.03125 * (at(n - 3) + at(n + 3));
  });
