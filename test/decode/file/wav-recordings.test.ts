import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { readWav } from '../../../src/decode/file/wav-file.js';
import { encodeSamples } from '../../../src/decode/file/wav-writer.js';

const FOLDER = 'test/recordings';

function table(file: string): string[][] {
  const lines = readFileSync(`${FOLDER}/${file}`, 'utf8').trimEnd().split('\n');
  return lines.map((line) => line.split(','));
}

interface Row {
  record: string;
  database: string;
  label: string;
  quality: string;
  group: string;
  fold: string;
  duration_s: string;
}

const [columns, ...cells] = table('records.csv');
const rows = cells.map(
  (row) => Object.fromEntries(row.map((cell, i) => [columns[i], cell])) as unknown as Row,
);

describe('the bundled recordings', () => {
  it('are those that the tables name, and no others', () => {
    const files = readdirSync(FOLDER).filter((file) => file.endsWith('.wav'));
    expect(files.sort()).to.deep.equal(rows.map(({ record }) => `${record}.wav`).sort());
    const label = { normal: '-1', abnormal: '1' } as Record<string, string>;
    expect(table('REFERENCE.csv')).to.deep.equal(rows.map((row) => [row.record, label[row.label]]));
  });

  it('hold every database in both classes, and unusable ones', () => {
    const usable = rows.filter(({ quality }) => quality === '1');
    for (const database of 'abcdef') {
      for (const label of ['normal', 'abnormal']) {
        expect(usable.some((row) => row.database === database && row.label === label)).to.equal(true);
      }
    }
    expect(rows.length - usable.length).to.be.at.least(3);
  });

  it('suffice for a small training: in two folds two groups a class at least, and no group on both sides', () => {
    const usable = rows.filter(({ quality }) => quality === '1');
    const folds = new Set(usable.map(({ fold }) => fold));
    const full = [...folds].filter((fold) =>
      ['normal', 'abnormal'].every((label) => {
        const groups = usable
          .filter((row) => row.fold === fold && row.label === label)
          .map(({ group }) => group);
        return new Set(groups).size >= 2;
      }),
    );
    expect(full).to.have.length.at.least(2);
    for (const group of new Set(rows.map((row) => row.group))) {
      expect(new Set(rows.filter((row) => row.group === group).map(({ fold }) => fold)).size).to.equal(1);
    }
  });

  for (const [checksum, record] of table('samples.sha256').map(([line]) => line.split('  '))) {
    it(`${record} decodes to the data set's own samples`, async () => {
      const { samples, sampleRateHz, bitsPerSample, channels, notices } = await readWav(
        `${FOLDER}/${record}.wav`,
      );
      expect({ sampleRateHz, bitsPerSample, channels, notices }).to.deep.equal({
        sampleRateHz: 2000,
        bitsPerSample: 16,
        channels: 1,
        notices: [],
      });
      const row = rows.find((candidate) => candidate.record === record)!;
      expect((samples.length / sampleRateHz).toFixed(4)).to.equal(row.duration_s);
      // Exact division: each sample times full scale is an integer again, and these are the data set's.
      expect(samples.every((sample) => Number.isInteger(sample * 32768))).to.equal(true);
      expect(createHash('sha256').update(encodeSamples(samples, 16)).digest('hex')).to.equal(checksum);
    });
  }
});
