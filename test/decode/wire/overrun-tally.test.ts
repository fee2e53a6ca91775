import { expect } from 'chai';
import { OverrunTally } from '../../../src/decode/wire/overrun-tally.js';

function tally(...reports: number[]): OverrunTally {
  const made = new OverrunTally();
  reports.forEach((total) => made.report(total));
  return made;
}

describe('OverrunTally', () => {
  it('counts a report once a second one confirms it', () => {
    expect(tally(5).reportedSamples).to.equal(0);
    expect(tally(5, 5).reportedSamples).to.equal(5);
    expect(tally(5, 9).reportedSamples).to.equal(5);
    expect(tally(0, 4_000_000_000, 0).reportedSamples).to.equal(0);
  });

  it('leaves over what no gap shows', () => {
    const made = tally(50, 50);
    made.addGap(20);
    expect(made.settle()).to.equal(30);
    expect(made.settle()).to.equal(0);
    expect(made.reportedSamples).to.equal(50);
  });

  it('leaves nothing over where the gaps show more', () => {
    const made = tally(50, 50);
    made.addGap(80);
    expect(made.settle()).to.equal(0);
  });

  it('counts from the first report of a stream that it joined', () => {
    const made = new OverrunTally();
    made.reset(true);
    [100, 107, 107].forEach((total) => made.report(total));
    expect(made.reportedSamples).to.equal(7);
  });
});
