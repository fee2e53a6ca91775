import { expect } from 'chai';
import { RecordingAxis } from '../../../src/decode/wire/recording-axis.js';
import type { Sampled } from '../../../src/decode/samples.js';

describe('RecordingAxis', () => {
  it('places samples and gaps one after the other and counts them', () => {
    const axis = new RecordingAxis(4);
    const out: Sampled[] = [];
    axis.addSamples(Int32Array.of(1, -4, 4), out);
    axis.addGap(5, 'lost', out);
    axis.addGap(2, 'overrun', out);
    axis.addSamples(Int32Array.of(-5), out);
    expect(out).to.deep.equal([
      { kind: 'samples', firstSample: 0, samples: Float64Array.of(0.25, -1, 1) },
      { kind: 'gap', atSample: 3, lostSamples: 5, cause: 'lost' },
      { kind: 'gap', atSample: 8, lostSamples: 2, cause: 'overrun' },
      { kind: 'samples', firstSample: 10, samples: Float64Array.of(-1.25) },
    ]);
    expect(axis.next).to.equal(11);
    expect(axis.counts).to.deep.equal({
      samples: 4,
      lostSamples: 7,
      overrunSamples: 2,
      gaps: 2,
      outOfRangeSamples: 2,
    });
  });

  it('is as new after reset()', () => {
    const axis = new RecordingAxis(4);
    axis.addGap(5, 'lost', []);
    axis.reset();
    expect([axis.next, axis.counts]).to.deep.equal([0, new RecordingAxis(4).counts]);
  });
});
