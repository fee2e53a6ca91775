import { expect } from 'chai';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseCsv } from '../../src/evaluate/csv.js';
import { metricsJson, writeEvaluationFiles } from '../../src/evaluate/evaluation-files.js';
import { evaluationReport, type EvaluationTerms } from '../../src/evaluate/evaluation-report.js';
import { summaryLines } from '../../src/evaluate/summary.js';
import { madeUpResult, madeUpSet } from './made-up-set.js';

const set = madeUpSet(60);
const screened = new Map(set.map(({ record }) => [record, madeUpResult(record).final]));
const terms: EvaluationTerms = {
  splitName: 'made up, disjoint by nobody',
  model: { name: 'test', version: '1.2.3', sha256: 'c'.repeat(64) },
  threshold: 0.45,
  training: { records: ['z0001'] },
  bootstrap: { replicates: 100, seed: 5 },
  meansOver: [],
};
const report = evaluationReport(set, screened, terms);

describe('metrics.json', () => {
  it('gives every score with its split, positive class, n, threshold and model', () => {
    const { scores } = metricsJson(report);
    expect(scores.length).to.be.greaterThan(80);
    for (const score of scores) {
      expect(score).to.include({ split: 'made up, disjoint by nobody', modelSha256: 'c'.repeat(64) });
      expect(score.evaluatedOnTrainingData).to.equal('none');
      expect(score.n).to.be.greaterThan(0);
    }
    const of = (name: string, scope: string) =>
      scores.find((score) => score.score === name && score.scope === scope)!;
    expect(of('auc', 'pooled')).to.include({ positiveClass: 'abnormal', threshold: null, n: 60 });
    expect(of('f1Normal', 'inside a')).to.include({ positiveClass: 'normal', threshold: 0.45, n: 30 });
    expect(of('macc', 'mean of a, b')).to.include({ positiveClass: null, threshold: 0.45, n: 60 });
    expect(of('auc', 'pooled').low).to.be.lessThan(of('auc', 'pooled').high!);
  });

  it('counts what could not be read or scored', () => {
    const lost = new Map([...screened].filter(([record]) => record !== 'a0002'));
    const { failed, scopes } = metricsJson(evaluationReport(set, lost, terms));
    expect(failed).to.deep.equal(['a0002']);
    // Five of sixty are silent.
    expect(scopes[0]).to.include({ recordings: 60, abnormal: 20, normal: 40, notScored: 6, groups: 60 });
  });

  it('says when the model was trained on the recordings', () => {
    const training = { records: set.slice(0, 7).map(({ record }) => record) };
    const { scores, trainingData } = metricsJson(evaluationReport(set, screened, { ...terms, training }));
    expect(trainingData).to.include({ evaluatedOnTrainingData: 'some', recordings: 7 });
    for (const score of scores) expect(score.evaluatedOnTrainingData).to.equal('some');
  });
});

describe('evaluation files', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lubdub-report-'));
    await writeEvaluationFiles(folder, report);
  });
  after(async () => {
    await rm(folder, { recursive: true });
  });

  const rowsOf = async (name: string) =>
    parseCsv(await readFile(join(folder, name), 'utf8')).map(({ cells }) => cells);

  it("hold the answers in the Challenge's form", async () => {
    const rows = await rowsOf('answers.txt');
    expect(rows).to.have.lengthOf(60);
    const answers = { normal: '-1', abnormal: '1', inconclusive: '0' };
    for (const [record, answer] of rows) expect(answer).to.equal(answers[screened.get(record)!.verdict]);
    expect(new Set(rows.map(([, answer]) => answer)).size).to.equal(3);
  });

  it('hold curves that begin and end where they must', async () => {
    const roc = await rowsOf('roc.csv');
    expect(roc[0]).to.deep.equal(['threshold', 'falsePositiveRate', 'truePositiveRate']);
    expect(roc[1]).to.deep.equal(['', '0', '0']);
    expect(roc.at(-1)!.slice(1)).to.deep.equal(['1', '1']);
    const risk = await rowsOf('risk-coverage.csv');
    expect(risk[0]).to.deep.equal(['coverage', 'risk', 'sensitivity', 'specificity', 'distance']);
    expect(risk.at(-1)![0]).to.equal('1');
    const reliability = await rowsOf('reliability.csv');
    expect(reliability).to.have.lengthOf(11);
    expect(reliability.slice(1).reduce((sum, [, , count]) => sum + Number(count), 0)).to.equal(55);
  });

  it('hold metrics.json as it was computed', async () => {
    const stored: unknown = JSON.parse(await readFile(join(folder, 'metrics.json'), 'utf8'));
    expect(stored).to.deep.equal(JSON.parse(JSON.stringify(metricsJson(report))));
  });
});

describe('the summary', () => {
  const text = (changes: Partial<EvaluationTerms>, recordings = set) =>
    summaryLines(evaluationReport(recordings, screened, { ...terms, ...changes })).join('\n');

  it('states split, model, n, positive class and threshold, and a row a database', () => {
    const summary = text({});
    expect(summary).to.match(/^split: made up, disjoint by nobody$/m);
    expect(summary).to.match(/^model: test 1\.2\.3 \(sha256 cccccccccccc…\)$/m);
    expect(summary).to.match(
      /60 recordings \(20 abnormal, 40 normal\).*positive class: abnormal; threshold: 0\.450$/m,
    );
    for (const scope of ['pooled', 'inside a', 'inside b', 'mean of a, b']) {
      expect(summary).to.match(new RegExp(`^${scope} +\\d+/\\d+( +(\\d\\.\\d{3}|–)){8}$`, 'm'));
    }
    expect(summary).to.match(/95 % interval: bootstrap over groups.*100 replicates, seed 5/);
    expect(summary).to.match(/without a window that could be scored: 5 recordings/);
    expect(summary).not.to.include('!!!');
  });

  it('fits a terminal', () => {
    const table = text({}).split('\n').slice(5, 15);
    for (const line of table) expect(line.length, line).to.be.at.most(120);
  });

  it('is loud, first and last, where these were or may be training data', () => {
    for (const training of [
      { records: set.map(({ record }) => record) },
      { dataset: 'PhysioNet/CinC Challenge 2016' },
    ]) {
      const lines = summaryLines(evaluationReport(set, screened, { ...terms, training }));
      expect(lines[0]).to.match(/^!!! .*TRAINING DATA of this model: these figures do not show/);
      expect(lines.at(-1)).to.equal(lines[0]);
    }
  });

  it('says what the table leaves out', () => {
    const bare = set.map((recording) => ({ ...recording, group: null, markedUsable: null }));
    const summary = text({ bootstrap: { replicates: 0, seed: 1 } }, bare);
    expect(summary).to.match(
      /without a group in the table: 60 recordings; if a person occurs twice, the intervals are/,
    );
    expect(summary).to.match(/neither usable nor unusable in the table: 60 recordings/);
    expect(summary).to.match(/without intervals/);
  });
});
