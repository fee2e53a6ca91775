import { expect } from 'chai';
import fc from 'fast-check';
import { traceChunk } from '../../src/bedside/screening-controller.js';
import { conditioningDelaySeconds } from '../../src/classify/conditioning.js';
import { Conditioner, ConditioningTables } from '../../src/condition/conditioner.js';
import type { ConditionedChunk } from '../../src/condition/conditioned.js';

const SOURCE_HZ = 2000;
const input = {
  sampleRateHz: 1000,
  band: { type: 'butterworth', order: 4, lowHz: 25, highHz: 400 },
  antiAlias: { passHz: 400, stopHz: 600, stopbandDb: 80 },
} as const;
const design = {
  bandPass: { ...input.band, sampleRateHz: SOURCE_HZ },
  decimate: { inputRateHz: SOURCE_HZ, outputRateHz: 1000, antiAlias: input.antiAlias },
};

describe('traceChunk', () => {
  it('puts a sound where the source counted it, however it is cut, and leaves out what stands before its stretch', () => {
    const delaySeconds = conditioningDelaySeconds({ input }, SOURCE_HZ);
    expect(delaySeconds).to.be.closeTo(0.013, 1e-9);
    const stretchStart = 5000;
    const clickAt = 700;
    const source = new Float64Array(2000);
    source[clickAt] = 1;
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 12 }), (cuts) => {
        const conditioner = new Conditioner(new ConditioningTables(design));
        let firstSample = 0;
        let expectedStart = stretchStart / SOURCE_HZ;
        let loudest = { seconds: 0, height: 0 };
        for (let at = 0, i = 0; at < source.length; at += cuts[i++ % cuts.length]) {
          const samples = conditioner.execute(source.subarray(at, at + cuts[i % cuts.length])).slice();
          const chunk = { stretchStart, firstSample, samples } as ConditionedChunk;
          firstSample += samples.length;
          const shown = traceChunk(chunk, SOURCE_HZ, 1000, delaySeconds);
          if (shown.samples.length === 0) continue;
          expect(shown.startSeconds).to.be.closeTo(expectedStart, 1e-9);
          expectedStart += shown.samples.length / 1000;
          shown.samples.forEach((sample, k) => {
            if (Math.abs(sample) <= loudest.height) return;
            loudest = { seconds: shown.startSeconds + k / 1000, height: Math.abs(sample) };
          });
        }
        // The band-pass filter's own delay stays: a few milliseconds.
        expect(loudest.seconds - (stretchStart + clickAt) / SOURCE_HZ).to.be.within(0, 0.004);
      }),
    );
  });
});
