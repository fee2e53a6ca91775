import { expect } from 'chai';
import fc from 'fast-check';
import { RecentResults, SHOWN_MS } from '../../src/ward/recent-results.js';
import type { ShownResult } from '../../src/ward/ward-page-messages.js';
import { MAX_LISTED } from '../../src/ward/ward-store.js';
import { finalOf } from '../support/published-bedside.js';

const BEGIN_MS = Date.parse('2026-01-02T03:04:05.000Z');

const resultAt = (id: string, atMs: number): ShownResult => ({
  id,
  bedside: 'ward-3',
  recording: null,
  subject: 'P-1',
  site: 'mitral',
  at: new Date(atMs).toISOString(),
  result: finalOf(20),
});

describe('RecentResults', () => {
  it('holds each result of the last day once, the newest first, in whatever order and however often they come', () => {
    const coming = fc.array(
      fc.record({ id: fc.nat(30), hoursAgo: fc.integer({ min: -2, max: 60 }), passes: fc.nat(8) }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(coming, (said) => {
        let now = BEGIN_MS;
        const results = new RecentResults(() => now);
        const all = new Map<string, number>();
        for (const { id, hoursAgo, passes } of said) {
          // A result is what it is, whenever it comes again.
          const at = all.get(`r${id}`) ?? now - 3600_000 * hoursAgo;
          all.set(`r${id}`, at);
          results.add(resultAt(`r${id}`, at));
          if (id % 3 === 0) results.newest();
          now += 3600_000 * passes;
        }
        const shown = results.newest();
        const expected = [...all].filter(([, at]) => at >= now - SHOWN_MS).map(([id]) => id);
        expect(shown.map(({ id }) => id)).to.have.members(expected);
        expect(shown.map(({ at }) => at)).to.deep.equal(
          shown
            .map(({ at }) => at)
            .sort()
            .reverse(),
        );
      }),
    );
  });

  it('forgets the oldest of more than can be listed', () => {
    const results = new RecentResults(() => BEGIN_MS);
    for (let i = 0; i < MAX_LISTED + 10; i++) results.add(resultAt(`r${i}`, BEGIN_MS - 1000 * i));
    expect(results.newest()).to.have.length(MAX_LISTED);
    expect(results.newest().at(-1)!.id).to.equal(`r${MAX_LISTED - 1}`);
  });
});
