import { expect } from 'chai';
import { measureIntervals, type HeartSound } from '../../src/report/heart-sound-intervals.js';

/** Beats of 0.8 s, 0.3 s of them systole. */
const beats = (count: number): HeartSound[] =>
  Array.from({ length: count }, (_, beat): HeartSound[] => [
    { timeSeconds: 0.8 * beat, sound: 'S1' },
    { timeSeconds: 0.8 * beat + 0.3, sound: 'S2' },
  ]).flat();

describe('measureIntervals', () => {
  it('measures systole and diastole in whole beats', () => {
    const intervals = measureIntervals(beats(10), [])!;
    expect(intervals.systoleMs).to.be.closeTo(300, 1e-6);
    expect(intervals.diastoleMs).to.be.closeTo(500, 1e-6);
    expect(intervals.beats).to.equal(9);
  });

  it('leaves out beats that a gap or unusable signal cuts, and those with a missing or impossible sound', () => {
    const cut = measureIntervals(beats(10), [{ fromSeconds: 1.2, toSeconds: 1.3 }])!;
    expect(cut.beats).to.equal(8);
    const withoutOne = beats(10).filter((_, i) => i !== 7);
    expect(measureIntervals(withoutOne, [])!.beats).to.equal(8);
    const slow = beats(10).map(({ timeSeconds, sound }) => ({ timeSeconds: 3 * timeSeconds, sound }));
    expect(measureIntervals(slow, [])).to.equal(null);
  });

  it('says nothing of fewer than five beats', () => {
    expect(measureIntervals(beats(6), [])!.beats).to.equal(5);
    expect(measureIntervals(beats(5), [])).to.equal(null);
    expect(measureIntervals([], [])).to.equal(null);
  });
});
