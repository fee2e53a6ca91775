import { expect } from 'chai';
import { Backoff } from '../../src/device/backoff.js';
import { ConfigurationError } from '../../src/errors.js';

describe('Backoff', () => {
  it('waits twice as long each time, up to the longest', () => {
    const backoff = new Backoff({ firstDelayMs: 100, longestDelayMs: 500, giveUpAfterMs: Infinity });
    const waits = [1, 2, 3, 4, 5].map((attempt) => {
      const wait = backoff.next(0)!;
      expect(wait.attempt).to.equal(attempt);
      return wait.inMs;
    });
    expect(waits).to.deep.equal([100, 200, 400, 500, 500]);
    for (let attempt = 6; attempt < 2000; attempt++) expect(backoff.next(attempt)!.inMs).to.equal(500);
  });

  it('gives up in time, with a last attempt at the very end', () => {
    const backoff = new Backoff({ firstDelayMs: 100, longestDelayMs: 500, giveUpAfterMs: 1000 });
    expect(backoff.next(5000)!.inMs).to.equal(100);
    expect(backoff.next(5900)!.inMs).to.equal(100);
    expect(backoff.next(6000)).to.equal(undefined);
  });

  it('begins anew after a success', () => {
    const backoff = new Backoff({ firstDelayMs: 100, giveUpAfterMs: 1000 });
    backoff.next(0);
    backoff.next(0);
    backoff.reset();
    expect(backoff.next(50_000)).to.deep.equal({ attempt: 1, inMs: 100 });
  });

  it('makes no attempt where none is wanted', () => {
    expect(new Backoff({ giveUpAfterMs: 0 }).next(0)).to.equal(undefined);
  });

  it('refuses impossible times', () => {
    expect(() => new Backoff({ firstDelayMs: 0 })).to.throw(ConfigurationError, /firstDelayMs.*got 0/);
    expect(() => new Backoff({ firstDelayMs: 500, longestDelayMs: 100 })).to.throw(/longestDelayMs.*500/);
    expect(() => new Backoff({ giveUpAfterMs: NaN })).to.throw(/giveUpAfterMs/);
  });
});
