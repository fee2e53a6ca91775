import { expect } from 'chai';
import { resultsCsv, RESULT_COLUMNS } from '../../src/ward/results-csv.js';
import type { StoredResult } from '../../src/ward/ward-store.js';
import { finalOf } from '../support/published-bedside.js';

const stored = (change: Partial<StoredResult>): StoredResult => ({
  id: 'run.1-of-this-test',
  bedside: 'ward-3',
  recording: null,
  subject: 'P-1',
  site: 'mitral',
  at: new Date('2026-01-02T03:04:05.678Z'),
  receivedAt: new Date('2026-01-02T03:04:06Z'),
  result: finalOf(20),
  ...change,
});

describe('resultsCsv', () => {
  it('is a row for each result under the names of its columns', () => {
    const lines = resultsCsv([stored({}), stored({ subject: null, site: null })]).split('\r\n');
    expect(lines[0]).to.equal(RESULT_COLUMNS.join(','));
    expect(lines[1]).to.match(
      /^2026-01-02T03:04:05.678Z,ward-3,P-1,mitral,final,normal,0.2,,20,1,72,0,,a{64},run/,
    );
    expect(lines[2]).to.include(',ward-3,,,final,');
    expect(lines).to.have.length(4);
  });

  it('holds nothing that a spreadsheet would run, whatever a sender put into a result', () => {
    const result = finalOf(20, {
      reasons: ['=cmd|calc!A0' as 'noisy'],
      model: { name: 'm', version: '1', sha256: '@SUM(1)' },
    });
    const [, line] = resultsCsv([stored({ result })]).split('\r\n');
    expect(line).to.include(",'=cmd|calc!A0,").and.include(",'@SUM(1),");
  });
});
