import { expect } from 'chai';
import type { Sampled } from '../../src/decode/samples.js';
import { pictureSignal } from '../../src/report/signal-picture.js';
import { inFolder, newRecorder } from '../support/sessions.js';
import { openSession } from '../../src/record/stored-session.js';

const RATE_HZ = 2000;
const tone = (firstSample: number, length: number) => ({
  kind: 'samples' as const,
  firstSample,
  samples: Float64Array.from(
    { length },
    (_, i) => Math.round(16384 * Math.sin((2 * Math.PI * 100 * (firstSample + i)) / RATE_HZ)) / 32768,
  ),
});

describe('pictureSignal', () => {
  const options = { columns: 100, detail: { fromSeconds: 1, toSeconds: 3 } };

  const pictured = (stream: readonly Sampled[]) =>
    inFolder(async (folder) => {
      const recorder = newRecorder(folder);
      for (const value of stream) recorder.push(value);
      const { directory } = await recorder.finish(null);
      return pictureSignal(await openSession(directory!), options);
    });

  it('draws amplitudes as they were recorded, in a band that lets them through', async () => {
    const { whole, detail } = await pictured([tone(0, 8000)]);
    for (const trace of [whole, detail!]) {
      for (let column = 50; column < 60; column++) {
        expect(trace.extremes[2 * column]).to.be.closeTo(-0.5, 0.02);
        expect(trace.extremes[2 * column + 1]).to.be.closeTo(0.5, 0.02);
      }
    }
  });

  it('draws nothing in a gap, neither as trace nor as spectrum, and all of it around', async () => {
    const gap = { kind: 'gap' as const, atSample: 3000, lostSamples: 2000, cause: 'lost' as const };
    const { whole, spectrogram } = await pictured([tone(0, 3000), gap, tone(5000, 3000)]);
    for (let column = 0; column < 100; column++) {
      const at = (column + 0.5) * 0.04;
      if (Math.abs(at - 1.5) < 0.06 || Math.abs(at - 2.5) < 0.06 || at > 3.9) continue;
      expect(Number.isNaN(whole.extremes[2 * column]), `trace at ${at}`).to.equal(at > 1.5 && at < 2.5);
    }
    const { columns, decibels } = spectrogram;
    for (let column = 0; column < columns; column++) {
      const at = ((column + 0.5) * 4) / columns;
      if (Math.abs(at - 1.5) < 0.1 || Math.abs(at - 2.5) < 0.1 || at < 0.1 || at > 3.9) continue;
      expect(Number.isNaN(decibels[column]), `spectrum at ${at}`).to.equal(at > 1.5 && at < 2.5);
    }
  });

  it('puts a knock where it was in time, the delay of the way taken out', async () => {
    const silence = { ...tone(0, 8000), samples: new Float64Array(8000) };
    silence.samples.fill(0.9, 4000, 4010);
    const { detail } = await pictured([silence]);
    const heights = Array.from(
      { length: 100 },
      (_, i) => detail!.extremes[2 * i + 1] - detail!.extremes[2 * i],
    );
    const loudest = 1 + (heights.indexOf(Math.max(...heights)) + 0.5) * 0.02;
    expect(loudest).to.be.closeTo(2, 0.02);
  });
});
