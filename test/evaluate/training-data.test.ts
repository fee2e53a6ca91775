import { expect } from 'chai';
import { parseLabelledSet } from '../../src/evaluate/labelled-set.js';
import { trainingDataStatement } from '../../src/evaluate/training-data.js';

const set = parseLabelledSet(
  'record,label,group\na0001,normal,p1\na0002,abnormal,p2\na0003,normal,',
  'set.csv',
);

describe('trainingDataStatement', () => {
  it('knows recordings that the contract lists', () => {
    const { evaluatedOnTrainingData, recordings, statement } = trainingDataStatement(set, {
      records: ['a0001', 'x', 'a0002', 'a0003'],
    });
    expect({ evaluatedOnTrainingData, recordings }).to.deep.equal({
      evaluatedOnTrainingData: 'all',
      recordings: 3,
    });
    expect(statement).to.match(/ALL 3 RECORDINGS ARE TRAINING DATA/);
  });

  it('knows other recordings of people whom the model has heard', () => {
    const { evaluatedOnTrainingData, recordings } = trainingDataStatement(set, {
      records: ['z'],
      groups: ['p2'],
    });
    expect({ evaluatedOnTrainingData, recordings }).to.deep.equal({
      evaluatedOnTrainingData: 'some',
      recordings: 1,
    });
  });

  it('says none only where lists prove it', () => {
    expect(trainingDataStatement(set, { records: ['z'] })).to.include({
      evaluatedOnTrainingData: 'none',
      recordings: 0,
    });
    // The third recording's group is not known: it may be one of them.
    expect(trainingDataStatement(set, { groups: ['p9'] }).evaluatedOnTrainingData).to.equal('unknown');
    expect(trainingDataStatement(set.slice(0, 2), { groups: ['p9'] }).evaluatedOnTrainingData).to.equal(
      'none',
    );
  });

  it('suspects records of the data set that the contract names without a list', () => {
    const training = {
      dataset: 'PhysioNet/CinC Challenge 2016, development part',
      split: 'fold-2',
      groups: 1200,
    };
    const { evaluatedOnTrainingData, recordings, statement, reason } = trainingDataStatement(set, training);
    expect({ evaluatedOnTrainingData, recordings }).to.deep.equal({
      evaluatedOnTrainingData: 'possible',
      recordings: null,
    });
    expect(statement).to.equal('3 OF 3 RECORDINGS MAY BE TRAINING DATA of this model');
    expect(reason).to.match(/split "fold-2".*does not list/);
    const foreign = parseLabelledSet('record,label\npatient7,normal', 'set.csv');
    expect(trainingDataStatement(foreign, training).evaluatedOnTrainingData).to.equal('unknown');
  });

  it('does not know where the contract says nothing', () => {
    expect(trainingDataStatement(set, {}).evaluatedOnTrainingData).to.equal('unknown');
  });

  describe('by samples', () => {
    const trained = new Map([
      ['1'.repeat(16), 'a0001'],
      ['2'.repeat(16), 'a0002'],
    ]);
    const training = { dataset: 'CinC 2016', records: ['a0001', 'a0002'] };
    const say = (hashes: Record<string, string>, of = set, more = {}) =>
      trainingDataStatement(
        of,
        { ...training, ...more },
        { trained, hashes: new Map(Object.entries(hashes)) },
      );

    it('knows a copy under another name', () => {
      const { evaluatedOnTrainingData, recordings, reason } = say({
        a0001: 'f'.repeat(16),
        a0002: 'e'.repeat(16),
        a0003: '1'.repeat(16),
      });
      expect({ evaluatedOnTrainingData, recordings }).to.deep.equal({
        evaluatedOnTrainingData: 'some',
        recordings: 1,
      });
      expect(reason).to.match(/1 of them under another name, such as a0003, which is a0001/);
      expect(reason).to.match(/2 bear the name of a training recording and hold other samples/);
    });

    it('accuses no recording for its name', () => {
      const { evaluatedOnTrainingData, recordings } = say({
        a0001: 'f'.repeat(16),
        a0002: 'e'.repeat(16),
        a0003: 'd'.repeat(16),
      });
      expect({ evaluatedOnTrainingData, recordings }).to.deep.equal({
        evaluatedOnTrainingData: 'none',
        recordings: 0,
      });
    });

    it('goes by the name of what cannot be read', () => {
      const { recordings, reason } = say({ a0002: 'e'.repeat(16), a0003: 'd'.repeat(16) });
      expect(recordings).to.equal(1);
      expect(reason).to.match(/1 could not be read/);
    });

    it('takes names of groups for a suspicion', () => {
      const other = { a0001: 'f'.repeat(16), a0002: 'e'.repeat(16), a0003: 'd'.repeat(16) };
      expect(say(other, set, { groups: ['p1'] })).to.include({
        evaluatedOnTrainingData: 'possible',
        recordings: null,
      });
    });
  });
});
