import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { checkGolden, goldenFeatures } from '../../src/classify/golden-windows.js';
import { openModel } from '../../src/classify/model.js';
import { parseContract } from '../../src/classify/parse-contract.js';
import type { ModelContract } from '../../src/classify/model-contract.js';
import { ModelError } from '../../src/errors.js';
import { tinyModel } from '../support/model-contract.js';
import { runLubdub } from '../support/run-lubdub.js';

const features = Buffer.from([1, 0x80]).toString('base64');

describe('golden windows', function () {
  it('are integers of a step', () => {
    expect([...goldenFeatures(features, 0.5)]).to.deep.equal([0.5, -64]);
  });

  const model = (logits: number[]) => {
    const { contract, ...rest } = tinyModel();
    const windows = logits.map((logit) => ({ features, logit }));
    contract.golden = { encoding: 'base64 of int8', step: 0.5, tolerance: 0.01, windows };
    return { contract, ...rest };
  };
  const failure = (logits: number[], score: number) =>
    checkGolden(model(logits), () => Promise.resolve(score)).then(
      () => undefined,
      (error: Error) => error,
    );

  it('are asked of the loaded model, each of them', async () => {
    expect(await failure([1, 1.005], 1)).to.equal(undefined);
    for (const score of [1.02, NaN, Infinity]) {
      expect(await failure([1, 1], score)).to.be.instanceOf(ModelError);
    }
    expect((await failure([1, 2], 1))!.message).to.match(
      /golden\.windows\.1 .* must score 2 within 0\.01, got 1/,
    );
  });

  it('of another size are refused', async () => {
    const { contract, ...rest } = model([1]);
    contract.golden!.windows[0].features = 'AAAA';
    const error = await checkGolden({ contract, ...rest }, () => Promise.resolve(1)).catch((e: unknown) => e);
    expect(error).to.be.instanceOf(ModelError);
  });

  it('come with the model that ships', async () => {
    const { golden } = (await openModel('models/heart-sound.json')).contract;
    expect(golden?.windows).to.have.length(5);
  });

  it('tell a network that was changed and hashed again, on every way to the model', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lubdub-golden-'));
    try {
      const text = await readFile('models/heart-sound.json', 'utf8');
      const contract = JSON.parse(text) as ModelContract;
      contract.golden!.windows[0].logit += 0.1;
      const bytes = await readFile('models/heart-sound.tflite');
      expect(createHash('sha256').update(bytes).digest('hex')).to.equal(contract.sha256);
      const path = join(folder, 'heart-sound.json');
      await writeFile(path, JSON.stringify(contract));
      await writeFile(join(folder, 'heart-sound.tflite'), bytes);
      const wav = 'test/recordings/b0416.wav';
      for (const words of [
        ['classify', '--json', wav],
        ['replay', '--json', '--no-page', '--speed', 'max', wav],
      ]) {
        const run = await runLubdub([...words, '--model', path]);
        expect(run.exitCode, run.stdout + run.stderr).to.equal(4);
        expect(run.stdout).to.include('golden.windows.0');
      }
      // A release without golden windows is taken as it is.
      delete contract.golden;
      expect(parseContract(JSON.stringify(contract), path).golden).to.equal(undefined);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
