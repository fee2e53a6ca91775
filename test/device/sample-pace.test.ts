import { expect } from 'chai';
import fc from 'fast-check';
import { SamplePace, type Pace } from '../../src/device/sample-pace.js';

/** Feeds a source of `sourceHz` that hands on every `periodMs`, each time so much later. @returns the decision and when */
function watch(
  said: number,
  sourceHz: number,
  {
    periodMs = 50,
    seconds = 6,
    late = (): number => 0,
    backlog = 0,
  }: { periodMs?: number; seconds?: number; late?: (i: number) => number; backlog?: number } = {},
): { pace: Pace | undefined; atMs: number } {
  const pace = new SamplePace(said);
  if (backlog > 0) pace.push(backlog, 1000);
  let sent = 0;
  for (let i = 1; i * periodMs <= seconds * 1000; i++) {
    const due = Math.round((sourceHz * i * periodMs) / 1000);
    const nowMs = 1000 + i * periodMs + late(i);
    const found = pace.push(due - sent, nowMs);
    sent = due;
    if (found !== undefined && found.kind !== 'live') return { pace: found, atMs: nowMs - 1000 };
  }
  return { pace: pace.pace, atMs: NaN };
}

describe('SamplePace', () => {
  for (const [said, sourceHz] of [
    [1000, 2000],
    [2000, 1000],
    [8000, 48_000],
    [44_100, 48_000],
    [48_000, 44_100],
    [1000, 44_100],
    [4000, 2000],
  ]) {
    it(`finds a source of ${sourceHz} Hz that was said to have ${said} within 5 s, and the rate that fits`, () => {
      const { pace, atMs } = watch(said, sourceHz);
      expect(pace).to.deep.include({ kind: 'wrong-rate', fittingHz: sourceHz });
      expect(atMs).to.be.at.most(5000);
    });
  }

  it('takes a rate that nobody uses for what was measured', () => {
    const { pace } = watch(1000, 937);
    expect(pace?.kind).to.equal('wrong-rate');
    if (pace?.kind === 'wrong-rate') expect(pace.fittingHz).to.be.within(936, 938);
  });

  it('has nothing against a source at its rate, however its arrivals scatter and whatever waited in the pipe', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(1000, 2000, 4000, 8000, 44_100, 48_000),
        fc.integer({ min: 10, max: 400 }),
        fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 20, maxLength: 20 }),
        fc.integer({ min: 0, max: 32_768 }),
        (rateHz, periodMs, lateMs, backlog) => {
          let last = 0;
          const late = (i: number): number => {
            // Late, but never out of order.
            last = Math.max(last - periodMs, lateMs[i % lateMs.length]);
            return last;
          };
          const { pace } = watch(rateHz, rateHz, { periodMs, late, backlog, seconds: 12 });
          expect(pace?.kind ?? 'live').to.equal('live');
        },
      ),
      { numRuns: 300 },
    );
  });

  it('does not take a loss for a rate: every tenth second is missing', () => {
    const pace = new SamplePace(2000);
    for (let i = 1; i < 400; i++) {
      if (Math.floor(i / 20) % 10 === 9) continue;
      expect(pace.push(100, i * 50)?.kind ?? 'live').to.equal('live');
    }
  });

  it('tells a stored recording, as fast as it goes, from the first quarter of a second', () => {
    const pace = new SamplePace(48_000);
    let found: Pace | undefined;
    for (let i = 0; i < 50 && found === undefined; i++) found = pace.push(32_768, i * 2);
    expect(found).to.deep.equal({ kind: 'unpaced', isSure: true });
  });

  it('tells a short one by its end', () => {
    const pace = new SamplePace(2000);
    expect(pace.push(20_000, 0)).to.equal(undefined);
    expect(pace.finish(5)).to.deep.equal({ kind: 'unpaced', isSure: true });
  });

  it('takes what is fast and uneven for a stored recording through a slow program, and is not sure', () => {
    let at = 0;
    const { pace } = watch(8000, 8000 * 13, {
      late: (i) => (at = Math.max(at - 50, i % 7 === 0 ? 400 : 0)),
      seconds: 8,
    });
    expect(pace).to.deep.equal({ kind: 'unpaced', isSure: false });
  });

  it('finds a rate that changes later', () => {
    const pace = new SamplePace(2000);
    for (let i = 1; i <= 200; i++) pace.push(100, i * 50);
    expect(pace.pace?.kind).to.equal('live');
    let found: Pace | undefined;
    for (let i = 201; i <= 320; i++) found = pace.push(200, i * 50);
    expect(found).to.deep.include({ kind: 'wrong-rate', fittingHz: 4000 });
  });
});
