import { expect } from 'chai';
import { parseCsv } from '../../src/evaluate/csv.js';
import { WINDOW_COLUMNS, windowsCsv } from '../../src/report/windows-csv.js';
import { inFolder } from '../support/sessions.js';
import { readAll, reportOf, SessionStudio } from './screened-sessions.js';
import type { QualityReason } from '../../src/window/window.js';

describe('windowsCsv', function () {
  let studio: SessionStudio;
  before(async () => {
    studio = await SessionStudio.open();
  });
  after(() => studio.close());

  it('has a row for every window of every recording, with what is not known left empty', () =>
    inFolder(async (root) => {
      const recordings = await readAll([
        await studio.record(root, { recording: 'e00622', as: 'unusable', subject: 'S-017', site: 'mitral' }),
        await studio.record(root, { recording: 'b0416', subject: 'S-017', minute: 1 }),
      ]);
      const text = windowsCsv(reportOf(recordings));
      expect(text)
        .to.match(/\r\n$/)
        .and.not.to.match(/[^\r]\n/);
      const [header, ...rows] = parseCsv(text).map(({ cells }) => cells);
      expect(header).to.deep.equal([...WINDOW_COLUMNS]);
      const windows = recordings.flatMap((recording) => recording.windows);
      expect(rows).to.have.length(windows.length);
      const at = (row: readonly string[], column: (typeof WINDOW_COLUMNS)[number]) =>
        row[WINDOW_COLUMNS.indexOf(column)];
      rows.forEach((row, i) => {
        const { probability, quality, usable, reasons, heartRateBpm, startSeconds } = windows[i];
        expect(Number(at(row, 'start_seconds'))).to.equal(startSeconds);
        expect(at(row, 'probability_abnormal')).to.equal(probability === null ? '' : String(probability));
        expect(at(row, 'quality')).to.equal(String(quality));
        expect(at(row, 'usable')).to.equal(String(usable));
        expect(at(row, 'reasons')).to.equal(reasons.join(';'));
        expect(at(row, 'heart_rate_bpm')).to.equal(heartRateBpm === null ? '' : String(heartRateBpm));
      });
      expect(at(rows[0], 'site')).to.equal('mitral');
      expect(at(rows[rows.length - 1], 'site')).to.equal('');
    }));

  it('gives a spreadsheet no formula to run', () =>
    inFolder(async (root) => {
      const subject = '-1-2';
      const [recording] = await readAll([await studio.record(root, { recording: 'b0416', subject })]);
      const sites = ['=HYPERLINK("http://x.example","a,b")', '+1', '@SUM(A1)', ' =1', '＝1'];
      for (const site of sites) {
        const [, row] = parseCsv(windowsCsv(reportOf([{ ...recording, site }])));
        expect(row.cells[1]).to.equal("'-1-2");
        expect(row.cells[2]).to.equal(`'${site}`);
        expect(row.cells).to.have.length(WINDOW_COLUMNS.length);
      }
      const [, row] = parseCsv(windowsCsv(reportOf([{ ...recording, site: '\t=1' }])));
      expect(row.cells[2]).to.equal("\t'=1");
    }));

  it('gives neither a spreadsheet nor a terminal anything by what a session says of itself', () =>
    inFolder(async (root) => {
      const [recording] = await readAll([await studio.record(root, { recording: 'b0416' })]);
      const reasons = ['=1+1', 'noise', '@x', '\u001b[2J'] as unknown as QualityReason[];
      const windows = [{ ...recording.windows[0], reasons, dropped: '+cmd', usable: false }];
      const site = 'a;=1\u009b';
      const [, row] = parseCsv(windowsCsv(reportOf([{ ...recording, windows, site }])));
      expect(row.cells[WINDOW_COLUMNS.indexOf('reasons')]).to.equal("'=1+1;noise;'@x;\\u001b[2J");
      expect(row.cells[WINDOW_COLUMNS.indexOf('dropped')]).to.equal("'+cmd");
      expect(row.cells[WINDOW_COLUMNS.indexOf('site')]).to.equal("a;'=1\\u009b");
    }));
});
