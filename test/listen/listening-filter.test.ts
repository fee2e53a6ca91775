import { expect } from 'chai';
import { SosFilter } from '../../src/condition/second-order-sections.js';
import { LISTENING_FILTERS, listeningSections } from '../../src/listen/listening-filter.js';

/** Gain of a sine that went through the filter itself, once it has settled. */
function measuredDb(filter: (typeof LISTENING_FILTERS)[number], hz: number, rateHz: number): number {
  const sos = new SosFilter(listeningSections(filter, rateHz));
  const samples = Float64Array.from({ length: 4 * rateHz }, (_, i) =>
    Math.sin((2 * Math.PI * hz * i) / rateHz),
  );
  sos.execute(samples, samples);
  const settled = samples.subarray(2 * rateHz);
  return 10 * Math.log10((2 * settled.reduce((sum, x) => sum + x * x, 0)) / settled.length);
}

/*
 * Magnitudes of scipy 1.17.1: 20 * log10(abs(sosfreqz(sos, worN=hz, fs=fs)[1])) with sos = butter(2, [20, 200], 'bandpass',
 * fs=fs, output='sos'), butter(2, [100, 500], ...), butter(1, 10, 'highpass', ...); for 1,000 Hz the upper edge is 450.
 */
const SCIPY_DB = [
  {
    filter: 'bell',
    rateHz: 1000,
    points: [
      [5, -25.595],
      [20, -3.01],
      [50, -0.006],
      [100, -0.026],
      [200, -3.01],
      [400, -26.578],
    ],
  },
  {
    filter: 'bell',
    rateHz: 2000,
    points: [
      [5, -25.761],
      [20, -3.01],
      [50, -0.004],
      [100, -0.045],
      [200, -3.01],
      [400, -15.53],
      [800, -40.807],
    ],
  },
  {
    filter: 'bell',
    rateHz: 8000,
    points: [
      [5, -25.812],
      [20, -3.01],
      [50, -0.003],
      [100, -0.053],
      [200, -3.01],
      [400, -13.73],
      [800, -26.366],
      [2000, -45.976],
    ],
  },
  {
    filter: 'diaphragm',
    rateHz: 1000,
    points: [
      [5, -53.541],
      [20, -29.41],
      [50, -13.39],
      [100, -3.01],
      [200, -0.065],
      [400, -0.113],
    ],
  },
  {
    filter: 'diaphragm',
    rateHz: 2000,
    points: [
      [5, -55.173],
      [20, -30.987],
      [50, -14.605],
      [100, -3.01],
      [200, -0.006],
      [400, -0.543],
      [800, -22.257],
    ],
  },
  {
    filter: 'diaphragm',
    rateHz: 8000,
    points: [
      [5, -55.864],
      [20, -31.655],
      [50, -15.127],
      [100, -3.01],
      [200, -0.001],
      [400, -0.856],
      [800, -11.342],
      [2000, -31.743],
    ],
  },
  {
    filter: 'wide',
    rateHz: 1000,
    points: [
      [5, -6.991],
      [20, -0.967],
      [50, -0.168],
      [100, -0.04],
      [200, -0.008],
      [400, -0.0],
    ],
  },
  {
    filter: 'wide',
    rateHz: 2000,
    points: [
      [5, -6.99],
      [20, -0.969],
      [50, -0.17],
      [100, -0.043],
      [200, -0.01],
      [400, -0.002],
      [800, -0.0],
    ],
  },
  {
    filter: 'wide',
    rateHz: 8000,
    points: [
      [5, -6.99],
      [20, -0.969],
      [50, -0.17],
      [100, -0.043],
      [200, -0.011],
      [400, -0.003],
      [800, -0.001],
      [2000, -0.0],
    ],
  },
] as const;

describe('the listening filters', () => {
  for (const { filter, rateHz, points } of SCIPY_DB) {
    it(`${filter} at ${rateHz} Hz is as loud at every frequency as scipy says`, () => {
      for (const [hz, db] of points)
        expect(measuredDb(filter, hz, rateHz), `${hz} Hz`).to.be.closeTo(db, 0.01);
    });
  }

  it('are 3 dB down at the edges that they are named for', () => {
    for (const [filter, hz] of [
      ['bell', 20],
      ['bell', 200],
      ['diaphragm', 100],
      ['diaphragm', 500],
      ['wide', 10],
    ] as const) {
      expect(measuredDb(filter, hz, 8000)).to.be.closeTo(-3.01, 0.02);
    }
  });

  it('exist at every rate that a source may have', () => {
    for (const filter of LISTENING_FILTERS) {
      for (const rateHz of [1000, 1001, 2000, 5512.5, 7350, 8000, 48_000, 192_000]) {
        expect(() => new SosFilter(listeningSections(filter, rateHz))).to.not.throw();
      }
    }
  });
});
