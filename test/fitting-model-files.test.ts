import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { openModel } from '../src/classify/model.js';
import { parseContract } from '../src/classify/parse-contract.js';
import { isKnownToFit } from '../src/fitting-model-files.js';
import { openSignalQuality } from '../src/screen/file-screening-start.js';
import { readSignalQualityModel } from '../src/window/signal-quality-model.js';

const NAMES = ['heart-sound.json', 'signal-quality.json', 'heart-sounds.json'] as const;

describe('model files that are known to fit', () => {
  for (const name of NAMES) {
    it(`are those that ship, to the byte: ${name}`, async () => {
      const bytes = await readFile(`models/${name}`);
      expect(isKnownToFit(bytes, name)).to.equal(true);
      for (const other of NAMES) expect(isKnownToFit(bytes, other)).to.equal(other === name);
      bytes[bytes.length >> 1] ^= 1;
      expect(isKnownToFit(bytes, name)).to.equal(false);
    });
  }

  it('are the contract that would have been checked', async () => {
    const path = 'models/heart-sound.json';
    const { contract } = await openModel(path);
    expect(contract).to.deep.equal(parseContract(await readFile(path, 'utf8'), path));
  });

  it('are the coefficients that would have been checked', async () => {
    const checked = readSignalQualityModel();
    const opened = await openSignalQuality();
    // What the check drops is not read: notes of how they were fitted.
    const same = (checkedItem: unknown, openedItem: unknown): void => {
      if (typeof checkedItem !== 'object' || checkedItem === null) expect(openedItem).to.equal(checkedItem);
      else {
        for (const [key, value] of Object.entries(checkedItem)) {
          same(value, (openedItem as Readonly<Record<string, unknown>>)[key]);
        }
      }
    };
    same(checked, opened);
    expect(opened.measures).to.have.length(checked.measures.length);
    expect(opened.heartSounds.hiddenWeights).to.have.length(checked.heartSounds.hiddenWeights.length);
  });
});
