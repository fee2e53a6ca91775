import { expect } from 'chai';
import type { ExaminationEvent, FinalEvent } from '../../src/screen/result-events.js';
import { runLubdub } from '../support/run-lubdub.js';

const files = ['c0016', 'e00089', 'b0416'].map((name) => `test/recordings/${name}.wav`);

describe('lubdub classify --examination', () => {
  it('says in one line after the finals what the files of one person tell together', async () => {
    const { events, exitCode } = await runLubdub(['classify', '--json', '--examination', ...files]);
    expect(exitCode).to.equal(0);
    const finals = events.filter((event): event is FinalEvent => event.kind === 'final');
    expect(finals.map(({ file }) => file)).to.deep.equal(files);
    const last = events.at(-1) as ExaminationEvent;
    const usableSeconds = finals.reduce((sum, final) => sum + final.usableSeconds, 0);
    expect(last).to.deep.include({ kind: 'examination', recordings: 3 });
    expect(last.usableSeconds).to.be.closeTo(usableSeconds, 1e-9);
    const evidence = finals.reduce((sum, { probability, usableSeconds }) => {
      const logit = Math.log(probability! / (1 - probability!));
      return sum + usableSeconds * logit;
    }, 0);
    expect(last.probability).to.be.closeTo(1 / (1 + Math.exp(-evidence / usableSeconds)), 1e-9);
    expect(last.verdict).to.be.oneOf(['normal', 'abnormal', 'inconclusive']);
  });

  it('says the same whatever the order, and counts only what could be read', async () => {
    const { events } = await runLubdub(['classify', '--json', '--examination', ...files]);
    const back = await runLubdub([
      'classify',
      '--json',
      '--examination',
      ...[...files].reverse(),
      'missing.wav',
    ]);
    expect(back.exitCode).to.equal(5);
    const [one, other] = [events, back.events].map((all) => all.at(-1) as ExaminationEvent);
    expect({ ...other, probability: null }).to.deep.equal({ ...one, probability: null });
    expect(other.probability).to.be.closeTo(one.probability!, 1e-12);
  });
});
