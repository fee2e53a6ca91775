import { expect } from 'chai';
import fc from 'fast-check';
import { SoundEncoder } from '../../src/listen/sound-encoder.js';
import { decodeSoundFrame, encodeSoundFrame, isSoundFrame } from '../../src/page/sound-frame.js';
import { encodeTraceFrame } from '../../src/page/page-messages.js';

const tone = (hz: number, rateHz: number, from: number, count: number) =>
  Float64Array.from({ length: count }, (_, i) => 0.5 * Math.sin((2 * Math.PI * hz * (from + i)) / rateHz));

describe('SoundEncoder', () => {
  it('sends a source up to 8,000 Hz sample for sample, in 16 bits', () => {
    const samples = Float64Array.of(0, 0.5, -1, 1, 1 / 32768);
    const sound = new SoundEncoder().encode({
      sampleRateHz: 2000,
      value: { kind: 'samples', firstSample: 7, samples },
    })!;
    expect(sound).to.deep.include({ sampleRateHz: 2000, firstSample: 7 });
    expect([...sound.samples]).to.deep.equal([0, 16_384, -32_768, 32_767, 1]);
  });

  for (const [sampleRateHz, soundRateHz] of [
    [8000, 8000],
    [11_025, 5512.5],
    [44_100, 7350],
    [48_000, 8000],
    [192_000, 8000],
  ]) {
    it(`lowers ${sampleRateHz} Hz to ${soundRateHz} Hz, whatever the pieces, and keeps the tone`, () => {
      const encoder = new SoundEncoder();
      const heard: number[] = [];
      let expected: number | undefined;
      for (let from = 0; from < sampleRateHz; from += 777) {
        const samples = tone(150, sampleRateHz, from, Math.min(777, sampleRateHz - from));
        const sound = encoder.encode({
          sampleRateHz,
          value: { kind: 'samples', firstSample: from, samples },
        });
        if (sound === undefined) continue;
        expect(sound.sampleRateHz).to.equal(soundRateHz);
        expect(sound.firstSample).to.equal(expected ?? 0);
        expected = sound.firstSample + sound.samples.length;
        heard.push(...sound.samples);
      }
      expect(heard.length).to.be.closeTo(soundRateHz, 200);
      // Behind the beginning of the low-pass.
      const settled = heard.slice(200);
      const crossings = settled.filter((value, i) => i > 0 && value >= 0 && settled[i - 1] < 0).length;
      expect(crossings).to.be.closeTo((150 * settled.length) / soundRateHz, 1);
      expect(Math.max(...heard.slice(200))).to.be.within(16_200, 16_500);
    });
  }

  it('begins another stream with another time axis or rate, and none with a gap', () => {
    const encoder = new SoundEncoder();
    const streamOf = (sampleRateHz: number, firstSample: number) =>
      encoder.encode({
        sampleRateHz,
        value: { kind: 'samples', firstSample, samples: new Float64Array(10) },
      })!.stream;
    const first = streamOf(2000, 0);
    expect(
      encoder.encode({
        sampleRateHz: 2000,
        value: { kind: 'gap', atSample: 10, lostSamples: 5, cause: 'lost' },
      }),
    ).to.be.undefined;
    expect(streamOf(2000, 15)).to.equal(first);
    expect(streamOf(2000, 0)).to.equal(first + 1);
    expect(streamOf(4000, 100)).to.equal(first + 2);
  });

  it('is read as it was written, and told from trace', () => {
    fc.assert(
      fc.property(
        fc.record({
          stream: fc.nat(2 ** 32 - 1),
          droppedSamples: fc.nat(2 ** 32 - 1),
          firstSample: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
          sampleRateHz: fc.constantFrom(1000, 2000, 5512.5, 7350, 8000),
          samples: fc.int16Array({ maxLength: 100 }),
        }),
        (frame) => {
          const buffer = Uint8Array.from(encodeSoundFrame(frame)).buffer;
          expect(isSoundFrame(buffer)).to.equal(true);
          expect(decodeSoundFrame(buffer)).to.deep.equal(frame);
        },
      ),
    );
    const trace = encodeTraceFrame({
      recording: 1,
      sampleRateHz: 1000,
      startSeconds: 1,
      samples: new Float32Array(3),
    });
    expect(isSoundFrame(Uint8Array.from(trace).buffer)).to.equal(false);
  });
});
