import { expect } from 'chai';
import fc from 'fast-check';
import { from, lastValueFrom, pipe, toArray } from 'rxjs';
import { conditioningFor } from '../../src/classify/conditioning.js';
import { openModel, type Model } from '../../src/classify/model.js';
import { bandPass } from '../../src/condition/band-pass.js';
import { ConditioningTables } from '../../src/condition/conditioner.js';
import type { ConditionedChunk } from '../../src/condition/conditioned.js';
import { decimate } from '../../src/condition/decimate.js';
import type { Sampled } from '../../src/decode/samples.js';
import { loadRecording } from '../../src/present/load-recording.js';
import { RecordingWindows, type RecordingWindowsOptions } from '../../src/window/recording-windows.js';
import { readSignalQualityModel } from '../../src/window/signal-quality-model.js';
import { SignalQuality } from '../../src/window/signal-quality.js';
import { slideWindows } from '../../src/window/slide-windows.js';
import type { HeartSoundWindow } from '../../src/window/window.js';

const RATE_HZ = 2000;

describe('RecordingWindows', function () {
  let model: Model;
  let samples: Float64Array;
  let options: RecordingWindowsOptions;
  const signalQuality = readSignalQualityModel();
  before(async () => {
    model = await openModel('models/heart-sound.json');
    samples = (await loadRecording('test/recordings/b0416.wav')).samples;
    const format = { sampleRateHz: RATE_HZ, bitsPerSample: 16 };
    const conditioning = new ConditioningTables(conditioningFor(model.contract, RATE_HZ));
    options = { format, input: model.contract.input, conditioning, signalQuality };
  });

  /** The recording in chunks of these sizes, with a gap in place of the chunks that `holes` names. */
  function recorded(sizes: readonly number[], holes: readonly number[] = []): Sampled[] {
    const values: Sampled[] = [];
    for (let at = 0, i = 0; at < samples.length; i++) {
      const part = samples.slice(at, at + sizes[i % sizes.length]);
      if (holes.includes(i)) {
        values.push({ kind: 'gap', atSample: at, lostSamples: part.length, cause: 'lost' });
      } else values.push({ kind: 'samples', firstSample: at, samples: part });
      at += part.length;
    }
    return values;
  }

  function windowsOf(windows: RecordingWindows, values: readonly Sampled[]): HeartSoundWindow[] {
    const found: HeartSoundWindow[] = [];
    for (const value of values) windows.push(value, (window) => found.push(window));
    return found;
  }

  it('gives the same windows while another recording goes the same way in turns', () => {
    const values = recorded([2500], [9]);
    const expected = windowsOf(new RecordingWindows(options), values);
    expect(expected.some(({ sounds = [] }) => sounds.length > 0)).to.equal(true);
    const [one, other] = [new RecordingWindows(options), new RecordingWindows(options)];
    const found: HeartSoundWindow[][] = [[], []];
    values.forEach((value, i) => {
      one.push(value, (window) => found[0].push(window));
      // A chunk behind the first.
      if (i > 0) other.push(values[i - 1], (window) => found[1].push(window));
    });
    other.push(values[values.length - 1], (window) => found[1].push(window));
    expect(found).to.deep.equal([expected, expected]);
  });

  const byOperators = async (values: readonly Sampled[]): Promise<HeartSoundWindow[]> => {
    const conditioning = conditioningFor(model.contract, RATE_HZ);
    const { sampleRateHz: modelRateHz, windowSamples, hopSamples, features } = model.contract.input;
    const rates = { sourceRateHz: RATE_HZ, modelRateHz, windowSamples };
    const found = await lastValueFrom(
      from(values).pipe(
        pipe(bandPass(conditioning.bandPass), decimate(conditioning.decimate)),
        slideWindows({
          ...rates,
          hopSamples,
          features,
          quality: () => new SignalQuality({ ...rates, bitsPerSample: 16, model: signalQuality }),
        }),
        toArray(),
      ),
    );
    return found.filter((value): value is HeartSoundWindow => value.kind === 'window');
  };

  const sizes = fc.array(fc.integer({ min: 1, max: 6000 }), { minLength: 1, maxLength: 6 });

  it('gives what the operators give, to the last bit, gaps or not', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, fc.array(fc.nat(20), { maxLength: 2 }), async (cut, holes) => {
        const values = recorded(cut, holes);
        expect(windowsOf(new RecordingWindows(options), values)).to.deep.equal(await byOperators(values));
      }),
      { numRuns: 15 },
    );
  });

  it('gives the same windows for any chunking', () => {
    const whole = windowsOf(new RecordingWindows(options), recorded([samples.length]));
    expect(whole.length).to.be.above(3);
    fc.assert(
      fc.property(sizes, (cut) => {
        expect(windowsOf(new RecordingWindows(options), recorded(cut))).to.deep.equal(whole);
      }),
      { numRuns: 15 },
    );
  });

  it('is as new once it is reset, whatever it heard before', () => {
    const whole = windowsOf(new RecordingWindows(options), recorded([samples.length]));
    fc.assert(
      fc.property(
        sizes,
        fc.array(fc.nat(20), { maxLength: 2 }),
        fc.nat(samples.length),
        (cut, holes, length) => {
          const windows = new RecordingWindows(options);
          const before = recorded(cut, holes).filter(
            (value) => value.kind === 'gap' || value.firstSample < length,
          );
          windowsOf(windows, before);
          windows.reset();
          expect(windowsOf(windows, recorded(cut))).to.deep.equal(whole);
        },
      ),
      { numRuns: 15 },
    );
  });

  it('hands out conditioned samples that stay as they are, on the axis of their stretch', () => {
    const windows = new RecordingWindows(options);
    const chunks: ConditionedChunk[] = [];
    const values = recorded([3000], [2]);
    for (const value of values)
      windows.push(
        value,
        () => undefined,
        (chunk) => chunks.push(chunk),
      );
    const [first, second, third] = chunks;
    expect([first.stretchStart, first.firstSample]).to.deep.equal([0, 0]);
    expect([second.stretchStart, second.firstSample]).to.deep.equal([0, first.samples.length]);
    expect([third.stretchStart, third.firstSample]).to.deep.equal([9000, 0]);
    const once = new RecordingWindows(options);
    once.push(
      values[0],
      () => undefined,
      (chunk) => expect(chunk.samples).to.deep.equal(first.samples),
    );
  });
});
