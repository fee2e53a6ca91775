import { expect } from 'chai';
import { LiveHeartSounds } from '../../src/bedside/live-heart-sounds.js';
import { readHeartSoundNetwork } from '../../src/heart/heart-sounds-model.js';
import { HeartSounds } from '../../src/heart/heart-sounds.js';
import { readSignalQualityModel } from '../../src/window/signal-quality-model.js';
import { FakeController } from '../support/fake-controller.js';

const options = {
  modelRateHz: 1000,
  network: readHeartSoundNetwork(),
  heartRate: readSignalQualityModel().heartRate,
};

describe('LiveHeartSounds', () => {
  it('marks what the detector finds, each stretch on the recording’s time axis', async () => {
    const controller = await FakeController.playing('test/recordings/a0050.wav');
    const chunks: Float64Array[] = [];
    controller.trace$.subscribe(({ samples }) => chunks.push(samples.slice()));
    controller.play(20);
    const detector = new HeartSounds(options);
    const expected = chunks.flatMap((samples) => detector.execute(samples)).concat(detector.finish());
    expect(expected.length).to.be.above(20);

    const live = new LiveHeartSounds(options, 2000);
    const raw = { kind: 'samples', firstSample: 0, samples: new Float64Array() } as const;
    const play = (stretchStart: number) =>
      chunks.flatMap((samples) =>
        live.push({ kind: 'conditioned', stretchStart, firstSample: 0, samples, raw }),
      );
    // 20 s, a gap of 5 s, the same again: the second stretch's beginning hands out the end of the first.
    const first = play(0);
    const second = play(50_000);
    const marks = [...first, ...second];
    const times = expected.map(({ startSeconds }) => startSeconds);
    const shifted = times.map((seconds) => seconds + 25).slice(0, marks.length - times.length);
    expect(marks.map(({ timeSeconds }) => timeSeconds)).to.deep.equal([...times, ...shifted]);
    expect(marks.slice(0, times.length).map(({ sound }) => sound)).to.deep.equal(
      expected.map(({ sound }) => sound),
    );
  });

  it('marks each sound with the very read of the line that settles it', async () => {
    const controller = await FakeController.playing('test/recordings/a0050.wav');
    const recorded: number[] = [];
    controller.trace$.subscribe(({ samples }) => recorded.push(...samples));
    controller.play(20);
    const raw = { kind: 'samples', firstSample: 0, samples: new Float64Array() } as const;
    for (const length of [1, 20, 33, 60, 700]) {
      const detector = new HeartSounds(options);
      const live = new LiveHeartSounds(options, 2000);
      for (let at = 0; at < recorded.length; at += length) {
        const samples = Float64Array.from(recorded.slice(at, at + length));
        const expected = detector.execute(samples).map(({ startSeconds }) => startSeconds);
        const marks = live.push({ kind: 'conditioned', stretchStart: 0, firstSample: at, samples, raw });
        expect(
          marks.map(({ timeSeconds }) => timeSeconds),
          `${length} at ${at}`,
        ).to.deep.equal(expected);
      }
    }
  });
});
