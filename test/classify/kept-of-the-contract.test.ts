import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { hearingIn, limitsIn, type ModelContract } from '../../src/classify/model-contract.js';
import { contractSchemas } from '../../src/classify/model-contract-schema.js';

describe('what a session keeps of the contract', () => {
  it('is what its schemas would leave of it, to the byte', async () => {
    const contract = JSON.parse(await readFile('models/heart-sound.json', 'utf8')) as ModelContract;
    const { hearing, limits } = contractSchemas();
    const input = { ...contract.input, band: { ...contract.input.band, note: 'x' }, note: 'y' };
    const verdict = { ...contract.verdict, uncertain: { ...contract.verdict.uncertain, note: 'z' } };
    expect(JSON.stringify(hearingIn(input))).to.equal(JSON.stringify(hearing.parse(input)));
    expect(JSON.stringify(limitsIn(verdict))).to.equal(JSON.stringify(limits.parse(verdict)));
  });
});
