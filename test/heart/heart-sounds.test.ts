import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import { readWav } from '../../src/decode/file/wav-file.js';
import { ModelError } from '../../src/errors.js';
import { EnvelopeBank, FRAME_LENGTH } from '../../src/heart/envelope-bank.js';
import { HeartIntervals } from '../../src/heart/heart-intervals.js';
import { EMISSION_INPUTS, type HeartSoundNetwork } from '../../src/heart/heart-sound-emissions.js';
import {
  HEART_SOUNDS_DELAY_SECONDS,
  HEART_SOUNDS_LONGEST_DELAY_SECONDS,
  HeartSounds,
  type HeartSound,
} from '../../src/heart/heart-sounds.js';
import {
  checkHeartSoundNetwork,
  HEART_SOUNDS_FILE,
  readHeartSoundNetwork,
} from '../../src/heart/heart-sounds-model.js';
import { PlainHeartSoundEmissions } from '../support/plain-heart-sound-emissions.js';
import { PlainHeartSounds } from '../support/plain-heart-sounds.js';
import { condition, heartSounds, mean, MODEL, noiseFrom } from '../window/synthetic-signals.js';

const network = readHeartSoundNetwork();
const golden = JSON.parse(readFileSync('test/golden/heart-sounds.json', 'utf8')) as {
  energies: number[];
  posteriors: number[];
  sounds: Record<string, { S1: number[]; S2: number[] }>;
};
const newHeartSounds = () => new HeartSounds({ modelRateHz: 1000, network, heartRate: MODEL.heartRate });

function soundsOf(conditioned: Float64Array, heart = newHeartSounds()): HeartSound[] {
  return [...heart.execute(conditioned), ...heart.finish()];
}

/** F1 of sounds of one kind that begin within a tolerance of the true ones. */
function f1(
  found: readonly HeartSound[],
  truth: readonly number[],
  kind: 'S1' | 'S2',
  toleranceSeconds = 0.1,
): number {
  const starts = found.filter(({ sound }) => sound === kind).map(({ startSeconds }) => startSeconds);
  const inside = starts.filter((t) => t > truth[0] - 0.1 && t < truth[truth.length - 1] + 0.1);
  const right = truth.filter((t) => inside.some((s) => Math.abs(s - t) <= toleranceSeconds)).length;
  return (2 * right) / (inside.length + truth.length);
}

function madeUpNetwork(hidden: number, seed: number): HeartSoundNetwork {
  const { normal } = noiseFrom(seed);
  const row = (length: number) => Array.from({ length }, () => 0.3 * normal());
  return {
    hiddenWeights: Array.from({ length: hidden }, () => row(EMISSION_INPUTS)),
    hiddenBiases: row(hidden),
    outputWeights: Array.from({ length: 4 }, () => row(hidden)),
    outputBiases: row(4),
    logPriors: row(4),
    likelihoodScale: 0.4,
  };
}

/** Frames of something that beats, more or less plainly: a rate is found in most. */
function beatingFrames(count: number, seed: number): Float64Array {
  const { uniform, normal } = noiseFrom(seed);
  const beat = 25 + 40 * uniform();
  const noise = 0.3 * uniform();
  return Float64Array.from({ length: count * FRAME_LENGTH }, (_, i) => {
    const since = Math.floor(i / FRAME_LENGTH) % beat;
    const height = since < 6 ? 1 : since > 0.35 * beat && since < 0.35 * beat + 5 ? 0.7 : 0.2;
    return 1e-3 * (height + noise * Math.abs(normal())) ** 4;
  });
}

describe('PlainHeartSoundEmissions', () => {
  it('gives the posteriors that numpy gives, to the last frame', () => {
    const frames = new Float64Array((golden.energies.length / 3) * FRAME_LENGTH);
    golden.energies.forEach((energy, i) => {
      frames[Math.floor(i / 3) * FRAME_LENGTH + (i % 3)] = energy;
    });
    const emissions = new PlainHeartSoundEmissions(network);
    const rows: number[][] = [];
    const keep = () => rows.push([...emissions.posteriors]);
    emissions.push(frames, keep);
    expect(rows).to.have.length(frames.length / FRAME_LENGTH - 15);
    emissions.finish(keep);
    expect(rows).to.have.length(frames.length / FRAME_LENGTH);
    // numpy's inputs are float32.
    golden.posteriors.forEach((p, i) =>
      expect(rows[10 * Math.floor(i / 4)][i % 4], `number ${i}`).to.be.closeTo(p, 1e-5),
    );
  });
});

describe('HeartSounds', () => {
  /** Two at a time, in turns: what the module keeps of one is not in the way of the other. */
  function expectTwins(
    networks: readonly HeartSoundNetwork[],
    frames: Float64Array,
    sizes: readonly number[],
  ) {
    const twins = networks.map((made) => new PlainHeartSounds(made, MODEL.heartRate));
    const expected = twins.map((twin) => twin.soundsOf(frames));
    const found: HeartSound[][] = networks.map(() => []);
    const hearts = networks.map(
      (made) => new HeartSounds({ modelRateHz: 1000, network: made, heartRate: MODEL.heartRate }),
    );
    for (let at = 0, i = 0; at < frames.length; i++) {
      const length = sizes[i % sizes.length] * FRAME_LENGTH;
      hearts.forEach((heart, k) => found[k].push(...heart.executeFrames(frames.subarray(at, at + length))));
      at += length;
    }
    hearts.forEach((heart, k) => {
      found[k].push(...heart.finish());
      expect(found[k]).to.have.length(expected[k].length);
      found[k].forEach(({ confidence, ...sound }, i) => {
        const { confidence: surely, ...twin } = expected[k][i];
        expect(sound).to.deep.equal(twin);
        expect(confidence).to.be.closeTo(surely, 1e-9);
      });
    });
    return { sounds: expected.flat().length, rates: twins[0].rates };
  }

  it('is its plain twin, for any network, however long the stretch, whatever the beat and the chunking', () => {
    const seen = { sounds: 0, rates: 0 };
    fc.assert(
      fc.property(
        // With fewer units all may be silent: then all durations score alike, and rounding decides.
        fc.integer({ min: 8, max: 23 }),
        fc.integer({ min: 0, max: 1300 }),
        fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 5 }),
        fc.integer(),
        (hidden, count, sizes, seed) => {
          const networks = [madeUpNetwork(hidden, seed), madeUpNetwork(31 - hidden, seed + 1)];
          const { sounds, rates } = expectTwins(networks, beatingFrames(count, seed), sizes);
          seen.sounds += sounds;
          seen.rates += rates;
        },
      ),
      { numRuns: 40 },
    );
    expect(seen.sounds).to.be.above(500);
    expect(seen.rates).to.be.above(50);
  });

  it('is its plain twin in hearts', () => {
    const conditioned = condition(heartSounds({ bpm: 83, seconds: 30, rateHz: 2000, noise: 0.3 }), 2000);
    const frames = new EnvelopeBank({ modelRateHz: 1000 }).execute(conditioned).slice();
    const { sounds, rates } = expectTwins([network], frames, [1, 24, 26, 50]);
    expect(sounds).to.be.above(70);
    expect(rates).to.be.above(40);
  });

  for (const bpm of [45, 60, 75, 95, 120]) {
    it(`finds S1 and S2 of a heart at ${bpm} a minute where they were put`, () => {
      const conditioned = condition(heartSounds({ bpm, seconds: 20, rateHz: 4000, noise: 0.05 }), 4000);
      const beats = Array.from({ length: Math.floor((19.4 * bpm) / 60) }, (_, i) => 0.2 + (60 / bpm) * i);
      const systole = Math.min(0.3, 0.375 * (60 / bpm));
      const sounds = soundsOf(conditioned);
      expect(f1(sounds, beats, 'S1', 0.06)).to.be.above(0.9);
      expect(
        f1(
          sounds,
          beats.map((t) => t + systole),
          'S2',
          0.06,
        ),
      ).to.be.above(0.9);
    });
  }

  for (const [record, marks] of Object.entries(golden.sounds)) {
    it(`finds the hand-corrected sounds of ${record}`, async () => {
      const { samples, sampleRateHz } = await readWav(`test/recordings/${record}.wav`);
      const sounds = soundsOf(condition(samples, sampleRateHz));
      expect(f1(sounds, marks.S1, 'S1')).to.be.above(0.9);
      expect(f1(sounds, marks.S2, 'S2')).to.be.above(0.9);
    });
  }

  for (const [what, noise, delaySeconds, least] of [
    ['a clear heart', 0.2, HEART_SOUNDS_DELAY_SECONDS, 140],
    ['a doubtful one', 2, HEART_SOUNDS_LONGEST_DELAY_SECONDS, 100],
  ] as const) {
    it(`hands the sounds of ${what} out in order, once, no later than it says`, () => {
      const conditioned = condition(heartSounds({ bpm: 75, seconds: 60, rateHz: 2000, noise }), 2000);
      const heart = newHeartSounds();
      let last = 0;
      let count = 0;
      for (let at = 0; at < conditioned.length; at += 20) {
        const now = (at + 20) / 1000;
        for (const sound of heart.execute(conditioned.subarray(at, at + 20))) {
          const { startSeconds, endSeconds, confidence } = sound;
          expect(startSeconds).to.be.at.least(last);
          expect(endSeconds).to.be.above(startSeconds);
          if (now > 3 + delaySeconds) expect(now - endSeconds).to.be.at.most(delaySeconds + 1e-9);
          expect(confidence).to.be.within(0, 1);
          last = endSeconds;
          count++;
        }
      }
      expect(count).to.be.at.least(least);
    });
  }

  it('says its delays', () => {
    expect(HEART_SOUNDS_DELAY_SECONDS).to.be.closeTo(1.3, 1e-9);
    expect(HEART_SOUNDS_LONGEST_DELAY_SECONDS).to.be.below(3);
  });

  it('gives the same for any chunking, after a reset, and at any gain', () => {
    const conditioned = condition(heartSounds({ bpm: 83, seconds: 8, rateHz: 2000, noise: 0.3 }), 2000);
    const expected = soundsOf(conditioned);
    expect(expected).to.have.length.above(15);
    const heart = newHeartSounds();
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 6 }),
        fc.constantFrom(1, 2 ** -8, 2 ** 6),
        (sizes, gain) => {
          heart.reset();
          const sounds: HeartSound[] = [];
          for (let at = 0, i = 0; at < conditioned.length; at += sizes[i++ % sizes.length]) {
            const chunk = conditioned.subarray(at, at + sizes[i % sizes.length]);
            sounds.push(...heart.execute(chunk.map((x) => gain * x)));
          }
          sounds.push(...heart.finish());
          expect(sounds.map(({ startSeconds }) => startSeconds)).to.deep.equal(
            expected.map(({ startSeconds }) => startSeconds),
          );
          if (gain === 1) expect(sounds).to.deep.equal(expected);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('is less sure of noise than of a heart, and has nothing to say of nothing', () => {
    const sure = soundsOf(condition(heartSounds({ bpm: 70, seconds: 12, rateHz: 2000 }), 2000));
    const unsure = soundsOf(condition(heartSounds({ bpm: 70, seconds: 12, rateHz: 2000, noise: 20 }), 2000));
    const confidence = (sounds: readonly HeartSound[]) => mean(sounds.map((sound) => sound.confidence));
    expect(confidence(sure)).to.be.above(confidence(unsure) + 0.15);
    expect(soundsOf(new Float64Array(0))).to.deep.equal([]);
    for (const { confidence } of soundsOf(new Float64Array(9000)))
      expect(confidence).to.satisfy(Number.isFinite);
  });
});

describe('HeartIntervals', () => {
  const sound = (sound: 'S1' | 'S2', startSeconds: number): HeartSound => ({
    sound,
    startSeconds,
    endSeconds: startSeconds + 0.1,
    confidence: 1,
  });

  it('takes the median of whole beats', () => {
    const intervals = new HeartIntervals();
    let at = 0;
    let beats = 0;
    for (const [systole, diastole] of [
      [0.3, 0.5],
      [0.32, 0.52],
      [0.34, 0.9],
      [0.3, 0.48],
      [0.36, 0.54],
      [0.36, 0.54],
    ]) {
      intervals.push(sound('S1', at));
      intervals.push(sound('S2', at + systole));
      at += systole + diastole;
      beats++;
      if (beats <= 5) expect(intervals.estimate()).to.equal(null);
    }
    expect(intervals.estimate()!.beats).to.equal(5);
    expect(intervals.estimate()!.systoleSeconds).to.be.closeTo(0.32, 1e-9);
    expect(intervals.estimate()!.diastoleSeconds).to.be.closeTo(0.52, 1e-9);
    intervals.push(sound('S1', at));
    const estimate = intervals.estimate()!;
    expect(estimate.beats).to.equal(6);
    expect(estimate.systoleSeconds).to.be.closeTo(0.33, 1e-9);
    expect(estimate.diastoleSeconds).to.be.closeTo(0.53, 1e-9);
  });

  it('spans no gap, no missing sound, and no pause too long for a beat', () => {
    const intervals = new HeartIntervals();
    for (let i = 0; i < 8; i++) {
      intervals.push(sound('S1', 10 * i));
      intervals.push(sound('S2', 10 * i + 0.3));
      intervals.push(sound('S2', 10 * i + 0.5));
      intervals.push(sound('S1', 10 * i + 1));
      intervals.push(sound('S2', 10 * i + 1.3));
      intervals.endStretch();
      intervals.push(sound('S1', 10 * i + 2));
      intervals.push(sound('S2', 10 * i + 2.3));
      intervals.push(sound('S1', 10 * i + 4.5));
    }
    expect(intervals.estimate()).to.equal(null);
  });

  it('forgets all on reset', () => {
    const intervals = new HeartIntervals();
    for (let i = 0; i < 11; i++) intervals.push(sound(i % 2 ? 'S2' : 'S1', 0.4 * i));
    expect(intervals.estimate()!.beats).to.equal(5);
    intervals.reset();
    expect(intervals.estimate()).to.equal(null);
  });
});

describe('readHeartSoundNetwork', () => {
  type Json = Record<string, unknown> & {
    hiddenWeights: number[][];
    outputWeights: number[][];
    logPriors: unknown[];
  };
  const faults: Record<string, [(network: Json) => unknown, RegExp]> = {
    'no hidden units': [(n) => delete n.hiddenBiases, /hiddenBiases/],
    'a hidden unit too few': [(n) => n.hiddenWeights.pop(), /hiddenWeights/],
    'an output weight too few': [(n) => n.outputWeights[2].pop(), /outputWeights/],
    'a weight too few': [(n) => n.hiddenWeights[3].pop(), /hiddenWeights/],
    'a state too few': [(n) => n.outputWeights.pop(), /outputWeights/],
    'a prior that is no number': [(n) => (n.logPriors[1] = null), /logPriors/],
    'no scale': [(n) => delete n.likelihoodScale, /likelihoodScale/],
  };
  for (const [name, [spoil, message]] of Object.entries(faults)) {
    it(`refuses a file with ${name}, and says so`, () => {
      const content = JSON.parse(readFileSync(HEART_SOUNDS_FILE, 'utf8')) as Json;
      spoil(content);
      expect(() => checkHeartSoundNetwork(content, 'some.json')).to.throw(ModelError, message);
    });
  }

  it('says which file it cannot read, and refuses what is no object', () => {
    expect(() => readHeartSoundNetwork('nowhere/heart.json')).to.throw(ModelError, /nowhere/);
    expect(() => checkHeartSoundNetwork(null, 'some.json')).to.throw(ModelError, /some\.json/);
  });
});
