/**
 * Further kinds of sounds that are no heart, made as those of heartless-sounds.mjs are; likeness to a heart is fitted on none of
 * them. Some come as near to a heart as a sound can that is none: two low thumps a turn, by hand.
 */
import {
  RATE_HZ,
  add,
  beats,
  byHand,
  harmonics,
  heartlessSound as throughRoom,
  hiss,
  log,
  modesOf,
  notes,
  play,
  quiet,
  struck,
} from './heartless-sounds.mjs';
import { addBursts, colouredNoise, randomFrom, signalOf, tone } from './bad-signals.mjs';

const LOW_NOISES = [1, 2];

/** Strokes to and fro of noise, the second of another length and level. */
function toAndFro(random, seconds, [slowest, fastest], slopes) {
  const period = 60 / random.between(slowest, fastest);
  const carrier = colouredNoise(random, seconds, RATE_HZ, random.pick(slopes));
  const [jitter, second] = [random.between(0.01, 0.08), random.between(0.42, 0.58)];
  const [there, back] = [random.between(0.25, 0.5), random.between(0.25, 0.45)];
  const level = random.between(0.2, 1);
  const strokes = beats(random, seconds, period, jitter).flatMap((at) => [
    { at, seconds: there * period, level: random.between(0.7, 1) },
    { at: at + second * period, seconds: back * period, level: level * random.between(0.7, 1) },
  ]);
  return addBursts(quiet(seconds), carrier, RATE_HZ, strokes);
}

/** Two sounds a turn, the second after a share of it. */
function pairs(random, times, x, [first, second], share, level) {
  times.forEach((at, i) => {
    const turn = (times[i + 1] ?? at + (at - times[i - 1] || 1)) - at;
    add(x, at, first, Math.exp(0.1 * random.normal()));
    add(x, at + share * turn, second, level * Math.exp(0.1 * random.normal()));
  });
  return x;
}

/** By name: `(random, seconds) -> samples` at {@link RATE_HZ}. */
export const kinds = {
  toothbrush: (random, seconds) => toAndFro(random, seconds, [90, 240], [0, 1]),
  sawing: (random, seconds) => toAndFro(random, seconds, [30, 110], LOW_NOISES),
  scratching: (random, seconds) => {
    const x = quiet(seconds);
    for (const at of byHand(random, seconds, 60, 240))
      add(x, at, hiss(random, log(random, 0.01, 0.06), random.between(0.02, 0.08), random.pick([0, 1, 2])));
    return x;
  },
  ropeJumping: (random, seconds) => {
    const land = struck(random, modesOf(random, 3, 30, 150, 0.01, 0.07), 0.003);
    const x = quiet(seconds);
    const [late, level] = [random.between(0.3, 0.6), random.between(0.1, 0.6)];
    const period = 60 / random.between(70, 150);
    for (const at of beats(random, seconds, period, 0.02)) {
      add(x, at, land, Math.exp(0.15 * random.normal()));
      add(x, at + late * period, hiss(random, 0.04, 0.05, 1), level);
    }
    return x;
  },
  indicator: (random, seconds) => {
    const relay = [0, 1].map(() => struck(random, modesOf(random, 3, 60, 900, 0.003, 0.03)));
    const times = beats(random, seconds, 60 / random.between(60, 120), 0.002);
    return pairs(random, times, quiet(seconds), relay, random.between(0.35, 0.6), random.between(0.5, 1));
  },
  dribbling: (random, seconds) => {
    const ball = struck(random, modesOf(random, 3, 35, 220, 0.01, 0.08), 0.003);
    return play(random, seconds, byHand(random, seconds, 60, 140), [ball], 0.2);
  },
  knockPairs: (random, seconds) => {
    const knock = struck(random, modesOf(random, 3, 40, 250, 0.008, 0.05), log(random, 0.0005, 0.006));
    const other = struck(random, modesOf(random, 3, 40, 250, 0.008, 0.05), log(random, 0.0005, 0.006));
    const sounds = [knock, random.pick([knock, other])];
    const times = byHand(random, seconds, 40, 120);
    return pairs(random, times, quiet(seconds), sounds, random.between(0.2, 0.5), random.between(0.4, 1.1));
  },
  rockingChair: (random, seconds) => {
    const thump = struck(random, modesOf(random, 2, 30, 120, 0.02, 0.08), 0.01);
    const creak = harmonics(
      random,
      random.between(0.1, 0.3),
      (t) => random.between(80, 81) * (1 + t),
      [1, 0.6, 0.5, 0.4],
    ).map((value, n, all) => value * Math.sin((Math.PI * n) / all.length));
    const times = beats(random, seconds, random.between(0.7, 1.6), random.between(0.01, 0.05));
    return pairs(
      random,
      times,
      quiet(seconds),
      [thump, creak],
      random.between(0.3, 0.6),
      random.between(0.1, 0.6),
    );
  },
  ventilator: (random, seconds) => {
    const valve = [0, 1].map(() => struck(random, modesOf(random, 3, 50, 600, 0.004, 0.04)));
    const x = quiet(seconds);
    const period = 60 / random.between(10, 40);
    for (const at of beats(random, seconds, period, 0.001)) {
      add(x, at, valve[0]);
      add(x, at, hiss(random, 0.15 * period, 0.1 * period, 1), 0.4);
      add(x, at + 0.35 * period, valve[1], 0.8);
      add(x, at + 0.36 * period, hiss(random, 0.02, 0.15 * period, 2), 0.3);
    }
    return x;
  },
  printer: (random, seconds) => {
    const period = random.between(0.6, 1.8);
    const whirr = harmonics(random, 0.35 * period, (t) => 90 + 120 * t, [1, 0.7, 0.5, 0.4]).map(
      (value, n, all) => value * Math.sin((Math.PI * n) / all.length),
    );
    const clack = struck(random, modesOf(random, 3, 50, 400, 0.005, 0.03));
    const times = beats(random, seconds, period, 0.001);
    return pairs(random, times, quiet(seconds), [whirr, clack], random.between(0.35, 0.6), 2);
  },
  bassLine: (random, seconds) =>
    notes(random, seconds, 60 / random.between(60, 140), random.between(35, 70), 120, log(random, 0.05, 0.3)),
  bodyDrum: (random, seconds) => {
    // Two fingers on the chest beside the stethoscope, as somebody who plays a heart.
    const taps = [0, 1].map(() =>
      struck(random, modesOf(random, 2, 30, 110, 0.01, 0.05), log(random, 0.003, 0.02)),
    );
    const times = byHand(random, seconds, 45, 110);
    return pairs(random, times, quiet(seconds), taps, random.between(0.25, 0.5), random.between(0.5, 1));
  },
  sweeping: (random, seconds) => {
    const x = quiet(seconds);
    for (const at of byHand(random, seconds, 35, 100))
      add(x, at, hiss(random, random.between(0.08, 0.2), random.between(0.05, 0.15), random.pick([0, 1, 2])));
    return x;
  },
  sanding: (random, seconds) => {
    const turn = random.between(1.5, 4);
    const rough = colouredNoise(random, seconds, RATE_HZ, random.pick([1, 2]));
    const depth = random.between(0.4, 1);
    let phase = 0;
    return rough.map((value) => {
      phase += ((2 * Math.PI * turn) / RATE_HZ) * (1 + 0.2 * random.normal());
      return value * (1 - depth + depth * Math.sin(phase) ** 2);
    });
  },
  marching: (random, seconds) => {
    const x = quiet(seconds);
    const boots = Array.from({ length: 6 }, () =>
      struck(random, modesOf(random, 3, 40, 300, 0.006, 0.05), 0.002),
    );
    const late = boots.map(() => 0.02 * random.normal());
    const other = random.between(0.4, 1);
    beats(random, seconds, 60 / random.between(95, 130), 0.01).forEach((at, i) =>
      boots.forEach((boot, b) =>
        add(x, at + late[b] + 0.006 * random.normal(), boot, i % 2 === 0 ? 1 : other),
      ),
    );
    return x;
  },
  stairs: (random, seconds) => {
    const foot = [0, 1].map(() => struck(random, modesOf(random, 3, 30, 160, 0.01, 0.06), 0.003));
    const creak = hiss(random, 0.03, 0.05, 2);
    const x = quiet(seconds);
    byHand(random, seconds, 60, 120).forEach((at, i) => {
      add(x, at, foot[i % 2], Math.exp(0.2 * random.normal()));
      add(x, at + random.between(0.15, 0.3), creak, random.between(0.05, 0.4));
    });
    return x;
  },
  fingerRoll: (random, seconds) => {
    const fingers = [0, 1, 2, 3].map(() => struck(random, modesOf(random, 2, 60, 400, 0.005, 0.03)));
    const x = quiet(seconds);
    const gap = random.between(0.04, 0.13);
    for (const at of byHand(random, seconds, 50, 110))
      fingers.forEach((finger, f) => add(x, at + f * gap, finger, random.between(0.6, 1)));
    return x;
  },
  tableTennis: (random, seconds) => {
    const [bat, table] = [0, 1].map(() => struck(random, modesOf(random, 2, 200, 900, 0.003, 0.02)));
    const times = byHand(random, seconds, 45, 90);
    return pairs(random, times, quiet(seconds), [bat, table], random.between(0.25, 0.5), 0.8);
  },
  rollerPump: (random, seconds) => {
    const turn = 60 / random.between(20, 120);
    const push = signalOf(
      random.between(0.2, 0.45) * turn,
      RATE_HZ,
      (n) =>
        Math.sin((2 * Math.PI * random.between(39.9, 40.1) * n) / RATE_HZ) +
        0.4 * Math.sin((2 * Math.PI * 83 * n) / RATE_HZ),
    ).map((value, n, all) => value * Math.sin((Math.PI * n) / all.length) ** 2);
    const click = struck(random, modesOf(random, 2, 60, 400, 0.004, 0.03));
    const times = beats(random, seconds, turn, 0.0008);
    return pairs(
      random,
      times,
      quiet(seconds),
      [push, click],
      random.between(0.3, 0.6),
      random.between(0.2, 2),
    );
  },
  breastPump: (random, seconds) => {
    const period = random.between(0.6, 1.6);
    const motor = tone(random, seconds, RATE_HZ, random.between(40, 150), [1, 0.6, 0.4, 0.3]);
    const air = colouredNoise(random, seconds, RATE_HZ, 1);
    const share = random.between(0.3, 0.6);
    return air.map((value, n) => {
      const at = ((n / RATE_HZ) % period) / period;
      return at < share
        ? motor[n] * Math.sin((Math.PI * at) / share)
        : 0.5 * value * Math.exp(-(at - share) / 0.08);
    });
  },
  techno: (random, seconds) => {
    const beat = 60 / random.between(100, 150);
    const kick = struck(random, [
      [random.between(40, 65), log(random, 0.05, 0.15), 1],
      [random.between(80, 140), 0.02, 0.6],
    ]);
    const bass = struck(random, modesOf(random, 2, 50, 110, 0.05, 0.15), 0.01);
    const hat = hiss(random, 0.001, 0.02, 0);
    const x = quiet(seconds);
    const [low, high] = [random.between(0.1, 0.8), random.between(0, 0.4)];
    for (let at = 0; at < seconds; at += beat) {
      add(x, at, kick);
      add(x, at + beat / 2, bass, low);
      add(x, at + beat / 2, hat, high);
    }
    return x;
  },
  waltz: (random, seconds) => {
    const beat = 60 / random.between(90, 200);
    const low = struck(random, modesOf(random, 2, 45, 110, 0.08, 0.3), 0.005);
    const chord = struck(random, modesOf(random, 3, 180, 400, 0.05, 0.15), 0.005);
    const x = quiet(seconds);
    const level = random.between(0.2, 0.8);
    beats(random, seconds, beat, 0.01).forEach((at, i) =>
      add(x, at, i % 3 === 0 ? low : chord, i % 3 === 0 ? 1 : level),
    );
    return x;
  },
  singing: (random, seconds) => {
    const x = quiet(seconds);
    const base = random.between(90, 250);
    for (let at = 0; at < seconds;) {
      const length = random.between(0.3, 1.5);
      const pitch = base * 2 ** (random.pick([0, 2, 4, 5, 7]) / 12);
      const tremble = random.between(4, 6.5);
      const sung = harmonics(
        random,
        length,
        (t) => pitch * (1 + 0.02 * Math.sin(2 * Math.PI * tremble * t)),
        [1, 0.6, 0.4, 0.2],
      );
      add(
        x,
        at,
        sung.map((value, n) => value * Math.min(1, n / 200, (sung.length - n) / 200)),
      );
      at += length + random.between(0, 0.3);
    }
    return x;
  },
  laughing: (random, seconds) => {
    const x = quiet(seconds);
    const pitch = random.between(100, 300);
    for (let at = 0; at < seconds; at += random.between(0.3, 1.5)) {
      const count = Math.floor(random.between(3, 10));
      const gap = random.between(0.16, 0.26);
      for (let i = 0; i < count; i++, at += gap) {
        const ha = harmonics(random, 0.6 * gap, (t) => pitch * (1.1 - t), [1, 0.7, 0.4]);
        add(
          x,
          at,
          ha.map((value, n) => value * Math.sin((Math.PI * n) / ha.length)),
          0.9 ** i,
        );
      }
    }
    return x;
  },
  whispering: (random, seconds) => {
    const x = quiet(seconds);
    for (const at of byHand(random, seconds, 60, 160))
      add(
        x,
        at,
        hiss(random, random.between(0.02, 0.08), random.between(0.03, 0.12), 1),
        random.between(0.3, 1),
      );
    return x;
  },
  hiccups: (random, seconds) => {
    const hic = harmonics(random, 0.12, (t) => 160 + 900 * t, [1, 0.5, 0.3]);
    const thump = struck(random, modesOf(random, 2, 25, 90, 0.03, 0.08), 0.01);
    const times = beats(random, seconds, random.between(1, 3), 0.2);
    const x = quiet(seconds);
    for (const at of times) {
      add(x, at, thump);
      add(x, at + 0.05, hic, random.between(0.1, 0.6));
    }
    return x;
  },
  stapler: (random, seconds) => {
    const [down, up] = [0, 1].map(() => struck(random, modesOf(random, 3, 50, 500, 0.005, 0.04)));
    return pairs(
      random,
      byHand(random, seconds, 30, 80),
      quiet(seconds),
      [down, up],
      random.between(0.2, 0.4),
      0.6,
    );
  },
  seesaw: (random, seconds) => {
    const period = random.between(0.9, 2.2);
    const x = quiet(seconds);
    for (const at of beats(random, seconds, period, 0.03))
      for (const half of [0, 0.5]) {
        const creak = harmonics(random, 0.25 * period, (t) => 120 + 80 * half + 90 * t, [1, 0.7, 0.6, 0.5]);
        add(
          x,
          at + half * period,
          creak.map((value, n) => value * Math.sin((Math.PI * n) / creak.length)),
          1 - 0.4 * half,
        );
      }
    return x;
  },
};

/** As `heartlessSound` of heartless-sounds.mjs, of {@link kinds}. */
export function heartlessSound(kind, seed, seconds) {
  const given = kinds[kind](randomFrom(seed * 104729 + 71), seconds);
  return throughRoom(kind, seed + 500_000, seconds, given);
}
