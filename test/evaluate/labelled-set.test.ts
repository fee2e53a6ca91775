import { expect } from 'chai';
import fc from 'fast-check';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { csvRow, parseCsv, withFormula, withoutFormula } from '../../src/evaluate/csv.js';
import { findAudio } from '../../src/evaluate/find-audio.js';
import { inFold, parseLabelledSet, readLabelledSet } from '../../src/evaluate/labelled-set.js';
import { ConfigurationError } from '../../src/errors.js';

const parse = (text: string) => parseLabelledSet(text, 'set.csv');

async function errorOf(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error('must be refused, but was taken');
}

describe('labelled sets', () => {
  it("read the data set's own table, whatever other columns it has", async () => {
    const recordings = await readLabelledSet('test/recordings/records.csv');
    expect(recordings).to.have.lengthOf(17);
    expect(recordings[1]).to.deep.equal({
      record: 'a0318',
      label: 'abnormal',
      database: 'a',
      markedUsable: false,
      group: 'a_C28',
      fold: 0,
    });
  });

  it("read the Challenge's REFERENCE.csv and give the same labels and databases", async () => {
    const [table, reference] = await Promise.all(
      ['records.csv', 'REFERENCE.csv'].map((name) => readLabelledSet(join('test/recordings', name))),
    );
    const known = ({ record, label, database }: (typeof table)[number]) => ({ record, label, database });
    expect(reference.map(known)).to.deep.equal(table.map(known));
    expect(reference[0]).to.include({ markedUsable: null, group: null, fold: null });
  });

  it("read the Challenge's form with a column of quality", () => {
    const [first, second] = parse('a0001,1,1\nforeign,-1,0\n');
    expect(first).to.include({ label: 'abnormal', markedUsable: true, database: 'a' });
    expect(second).to.include({ label: 'normal', markedUsable: false, database: null });
  });

  it('take 0 and 1 as labels, with a header and without', () => {
    for (const text of ['x,0\ny,1\n', 'record,label\nx,0\ny,1\n']) {
      expect(
        parse(text).map(({ label }) => label),
        text,
      ).to.deep.equal(['normal', 'abnormal']);
    }
  });

  it('need no more than record and label, in any order and case', () => {
    expect(parse('\ufeffLabel,Record\r\nAbnormal,x 1\r\n\r\n-1,"y,2"\r\n')).to.deep.equal([
      { record: 'x 1', label: 'abnormal', database: null, markedUsable: null, group: null, fold: null },
      { record: 'y,2', label: 'normal', database: null, markedUsable: null, group: null, fold: null },
    ]);
  });

  const refused: readonly (readonly [what: string, text: string, message: RegExp])[] = [
    ['an empty table', '', /set\.csv: must name one recording or more, but is empty/],
    ['a header alone', 'record,label\n', /holds only a header/],
    [
      'a table without labels',
      'record,class\na,normal\n',
      /must have the columns record and label.*add label/,
    ],
    ['a table of something else', 'time,pressure\n1,2\n', /must begin with a header.*got "time,pressure"/],
    [
      'a label that is none',
      'record,label\na,normal\nb,ill\n',
      /line 3: label must be normal or abnormal.*got "ill"/,
    ],
    ['a label named as a property of every object', 'record,label\na,constructor\n', /line 2: label must be/],
    [
      'the Challenge’s answers, in which 0 is unsure',
      'a0001,1\na0002,-1\na0003,0\n',
      /line 2 has -1 and line 3 has 0, which .*is unsure/,
    ],
    ['a record twice', 'record,label\na,normal\nb,normal\na,abnormal\n', /line 4: .*a stands in line 2 too/],
    ['a record without a name', 'record,label\n,normal\n', /line 2: record must be the name/],
    [
      'a record outside the folder',
      'record,label\n../a,normal\n',
      /line 2: record must be .*inside the audio folder/,
    ],
    [
      'a quality that is none',
      'record,label,quality\na,normal,good\n',
      /quality must be 1 \(usable\) or 0.*"good"/,
    ],
    ['a fold that is none', 'record,label,fold\na,normal,-1\n', /fold must be an integer from 0 on.*"-1"/],
    [
      'two columns of one name',
      'record,label,label\na,normal,abnormal\n',
      /must have one column label, got two/,
    ],
    [
      'a quote that is never closed',
      'record,label\n"a,normal\n',
      /line 2 is no row of comma-separated values/,
    ],
  ];
  for (const [what, text, message] of refused) {
    it(`refuse ${what}`, () => {
      expect(() => parse(text)).to.throw(ConfigurationError, message);
    });
  }

  it('refuse a table that cannot be read', async () => {
    const error = await errorOf(readLabelledSet('test/recordings/none.csv'));
    expect(error).to.be.instanceOf(ConfigurationError);
    expect(error.message).to.match(/none\.csv.*--records/);
  });

  it('give the recordings of one fold', async () => {
    const recordings = await readLabelledSet('test/recordings/records.csv');
    expect(inFold(recordings, 1).every(({ fold }) => fold === 1)).to.equal(true);
    expect(() => inFold(recordings, 4)).to.throw(
      ConfigurationError,
      /one of the table's folds \(0, 1\), got 4/,
    );
    expect(() => inFold(parse('a0001,1\n'), 0)).to.throw(ConfigurationError, /it has none/);
  });
});

describe('csv', () => {
  it('reads back what it wrote', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', ' ', 'é') });
    fc.assert(
      fc.property(fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { maxLength: 5 }), (rows) => {
        expect(parseCsv(rows.map(csvRow).join('')).map(({ cells }) => cells)).to.deep.equal(rows);
      }),
    );
  });
});

describe('texts for spreadsheets', () => {
  const texts = fc.string({
    unit: fc.constantFrom("'", '=', '+', '-', '@', ' ', ';', ',', '\n', '\t', 'a', '＝'),
  });
  it('begin no formula, in whatever program separates cells', () => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(withoutFormula(text)).to.not.match(/(^|[;,|\t\r\n])\s*[=+\-@＝＋－＠]/);
      }),
      { numRuns: 2000 },
    );
  });

  it('are what they were once they are read again', () => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(withFormula(withoutFormula(text))).to.equal(text);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('findAudio', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lubdub-audio-'));
    await mkdir(join(folder, 'b'));
    await mkdir(join(folder, 'training-c'));
    await mkdir(join(folder, 'a0009.wav'));
    for (const name of ['a0001.wav', 'a0002.flac', 'b/b0001.wav', 'training-c/c0001.wav', 'odd.name.wav']) {
      await writeFile(join(folder, name), '');
    }
  });
  after(async () => {
    await rm(folder, { recursive: true });
  });

  it('finds WAV and FLAC files, in the folder, in the database, and as the Challenge lays them out', async () => {
    const set = parse(
      'record,label,database\na0001,1,a\na0002,1,a\nb0001,1,b\nc0001,1,c\nodd.name,1,\nodd.name.wav,1,',
    );
    expect([...(await findAudio(set, folder)).values()]).to.deep.equal(
      ['a0001.wav', 'a0002.flac', 'b/b0001.wav', 'training-c/c0001.wav', 'odd.name.wav', 'odd.name.wav'].map(
        (name) => join(folder, name),
      ),
    );
  });

  it('names what is missing, a folder among it, and does not go on without', async () => {
    const set = parse(`a0001,1\na0009,1\n${[1, 2, 3, 4, 5].map((n) => `d000${n},-1`).join('\n')}`);
    const error = await errorOf(findAudio(set, folder));
    expect(error).to.be.instanceOf(ConfigurationError);
    expect(error.message).to.match(
      /7 recordings.*6 are missing: a0009, d0001, d0002, d0003, d0004 and 1 others; name/,
    );
  });
});
