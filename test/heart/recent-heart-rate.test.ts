import { gunzipSync } from 'node:zlib';
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import { readWav } from '../../src/decode/file/wav-file.js';
import { RecordingHeartRate } from '../../src/heart/heart-rate-of-recording.js';
import { HeartSounds } from '../../src/heart/heart-sounds.js';
import { readHeartSoundNetwork } from '../../src/heart/heart-sounds-model.js';
import { RecentHeartRate } from '../../src/heart/recent-heart-rate.js';
import { condition, judge, MODEL } from '../window/synthetic-signals.js';

const bpm = fc.double({ min: 30, max: 220, noNaN: true });

/** Beats a minute from the beginnings of first sounds. */
function rateOf(starts: readonly number[]): number {
  const beats = starts
    .slice(1)
    .map((start, i) => start - starts[i])
    .filter((beat) => beat < 2)
    .sort((a, b) => a - b);
  return 60 / beats[beats.length >> 1];
}

describe('RecentHeartRate', () => {
  it('is not halved by a window that counts every second beat', () => {
    const rate = new RecentHeartRate();
    for (const window of [113, 112, 113, 56, 113, 57, 56, 113]) rate.push(window);
    expect(rate.estimate()).to.be.closeTo(113, 1);
  });

  it('says nothing before three windows answered, and nothing where they do not agree', () => {
    const rate = new RecentHeartRate();
    rate.push(70);
    rate.push(null);
    rate.push(70);
    expect(rate.estimate()).to.equal(null);
    rate.push(71);
    expect(rate.estimate()).to.be.closeTo(70, 1);
    rate.reset();
    for (const window of [40, 70, 110, 160]) rate.push(window);
    expect(rate.estimate()).to.equal(null);
  });

  it('follows a heart that changes, and forgets one that is not heard any more', () => {
    const rate = new RecentHeartRate();
    for (let i = 0; i < 60; i++) rate.push(130);
    for (let i = 0; i < 15; i++) rate.push(80);
    expect(rate.estimate()).to.be.closeTo(80, 1);
    for (let i = 0; i < 20; i++) rate.push(null);
    expect(rate.estimate()).to.equal(null);
  });

  it('is the rate of a recording of just these windows', () => {
    fc.assert(
      fc.property(fc.array(fc.option(bpm), { maxLength: 60 }), (windows) => {
        const recent = new RecentHeartRate();
        const recording = new RecordingHeartRate();
        windows.forEach((window) => recent.push(window));
        const last = windows.slice(-20).filter((window) => window !== null);
        last.forEach((window) => recording.push({ bpm: window, confidence: 1 }));
        const expected = last.length < 3 ? null : (recording.estimate()?.bpm ?? null);
        expect(recent.estimate()).to.equal(expected);
      }),
    );
  });

  // Recordings in which some windows count half of the beats.
  for (const record of ['f0029', 'c0001']) {
    it(`agrees from its first answer on with the marks and the beats of ${record}`, async () => {
      const { samples, sampleRateHz } = await readWav(`test/recordings/${record}.wav`);
      const conditioned = condition(samples, sampleRateHz);
      const sounds = new HeartSounds({
        modelRateHz: 1000,
        network: readHeartSoundNetwork(),
        heartRate: MODEL.heartRate,
      });
      const marks = [...sounds.execute(conditioned), ...sounds.finish()].filter(
        ({ sound }) => sound === 'S1',
      );
      const marked = rateOf(marks.map(({ startSeconds }) => startSeconds));
      const states = gunzipSync(readFileSync('test/recordings/heart-states.csv.gz')).toString().split('\n');
      const corrected = states
        .map((line) => line.split(','))
        .filter(([name, , state]) => name === record && state === 'S1')
        .map(([, sample]) => Number(sample) / 2000);
      const rate = new RecentHeartRate();
      const raw: number[] = [];
      const shown: number[] = [];
      for (const window of judge(samples, sampleRateHz)) {
        rate.push(window.heartRate?.bpm ?? null);
        if (window.heartRate !== null) raw.push(window.heartRate.bpm);
        const estimate = rate.estimate();
        if (estimate !== null) shown.push(estimate);
      }
      expect(Math.min(...raw), 'a window halves the rate').to.be.below(0.6 * marked);
      expect(shown.length).to.be.above(10);
      for (const estimate of shown) {
        expect(estimate / marked).to.be.within(0.9, 1.1);
        expect(estimate / rateOf(corrected)).to.be.within(0.9, 1.1);
      }
    });
  }
});
