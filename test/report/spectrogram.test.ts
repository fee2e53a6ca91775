import { expect } from 'chai';
import fc from 'fast-check';
import { Spectrogram } from '../../src/report/spectrogram.js';

const options = { sampleRateHz: 1000, durationSeconds: 2, columns: 20, lowHz: 25, highHz: 400 };
const BIN_HZ = 1000 / 128;

const tone = (hz: number, samples: number) =>
  Float64Array.from({ length: samples }, (_, i) => Math.sin((2 * Math.PI * hz * i) / 1000));

function cell(spectrogram: Spectrogram, band: number, column: number): number {
  return spectrogram.decibels()[band * options.columns + column];
}

describe('Spectrogram', () => {
  it('has a tone loudest in the band of its frequency', () => {
    for (const hz of [50, 125, 300]) {
      const spectrogram = new Spectrogram(options);
      spectrogram.push(0, tone(hz, 2000));
      const bands = Array.from({ length: spectrogram.bands }, (_, band) => cell(spectrogram, band, 10));
      const loudest = bands.indexOf(Math.max(...bands));
      expect(Math.abs((loudest + 4) * BIN_HZ - hz), `${hz} Hz`).to.be.at.most(BIN_HZ / 2);
      // A Hann window's side lobes are 31 dB down and fall: an octave away there is next to nothing.
      expect(bands[Math.round((2 * hz) / BIN_HZ) - 4] ?? -Infinity).to.be.below(-40);
    }
  });

  it('says by how many decibels one piece of time is quieter than another', () => {
    const spectrogram = new Spectrogram(options);
    const samples = tone(125, 2000);
    for (let i = 1000; i < 2000; i++) samples[i] /= 10;
    spectrogram.push(0, samples);
    const band = 125 / BIN_HZ - 4;
    expect(cell(spectrogram, band, 15) - cell(spectrogram, band, 4)).to.be.closeTo(-20, 0.1);
    expect(Math.max(...spectrogram.decibels().filter((value) => !Number.isNaN(value)))).to.equal(0);
  });

  it('knows nothing of a gap, and no frame spans it', () => {
    const spectrogram = new Spectrogram(options);
    spectrogram.push(0, tone(125, 500));
    spectrogram.endStretch();
    spectrogram.push(1.5, tone(125, 500));
    for (let column = 0; column < 20; column++) {
      expect(Number.isNaN(cell(spectrogram, 0, column)), `column ${column}`).to.equal(
        column >= 5 && column < 15,
      );
    }
  });

  it('is the same whatever the chunking', () => {
    const samples = tone(90, 2000).map((value, i) => value * (1 + (i % 37)));
    const whole = new Spectrogram(options);
    whole.push(0, samples);
    const cuts = fc.array(fc.nat(2000), { maxLength: 20 });
    fc.assert(
      fc.property(cuts, (places) => {
        const pieces = new Spectrogram(options);
        let from = 0;
        for (const to of [...places.sort((a, b) => a - b), 2000]) {
          pieces.push(from / 1000, samples.subarray(from, to));
          from = to;
        }
        expect(pieces.decibels()).to.deep.equal(whole.decibels());
      }),
      { numRuns: 30 },
    );
  });

  it('is silent where there is only silence, and not broken', () => {
    const spectrogram = new Spectrogram(options);
    spectrogram.push(0, new Float64Array(2000));
    expect([...new Set(spectrogram.decibels())]).to.deep.equal([-Infinity]);
  });
});
