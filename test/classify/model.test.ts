import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { openModel } from '../../src/classify/model.js';
import { parseContract } from '../../src/classify/parse-contract.js';
import { LubdubError, ModelError } from '../../src/errors.js';
import { validContract } from '../support/model-contract.js';
import { fuzzRuns, fuzzTimeout } from '../support/fuzz.js';

const parse = (contract: unknown) => parseContract(JSON.stringify(contract), 'test.json');

describe('the model contract', () => {
  it('is accepted when it holds', () => {
    expect(parse(validContract()).name).to.equal('test');
  });

  const broken: [string, (contract: ReturnType<typeof validContract>) => void, RegExp][] = [
    ['a missing section', (c) => Reflect.deleteProperty(c, 'calibration'), /calibration/],
    ['another version', (c) => Object.assign(c, { contractVersion: 2 }), /contractVersion/],
    [
      'a path as the file',
      (c) => (c.file = '../x.tflite'),
      /file: must be the name of a .tflite file beside/,
    ],
    ['a hop that is no whole number of frames', (c) => (c.input.hopSamples = 1010), /multiple of .* = 20/],
    ['a hop beyond the window', (c) => (c.input.hopSamples = 3020), /hopSamples: must be at most/],
    ['a band beyond the rate', (c) => (c.input.band.highHz = 500), /band\.highHz/],
    ['an FFT that is no power of two', (c) => (c.input.features.fftSize = 100), /fftSize/],
    ['a tensor of another size', (c) => (c.input.tensor.shape = [1, 100, 32]), /147 frames of 32 bands/],
    [
      'limits that do not enclose the threshold',
      (c) => (c.verdict.uncertain.to = 0.45),
      /enclose abnormalAtLeast/,
    ],
    [
      'an aggregation that is not ours',
      (c) => Object.assign(c.verdict, { aggregation: 'max' }),
      /aggregation/,
    ],
  ];
  const endless: typeof broken = [
    ['an FFT without end', (c) => (c.input.features.fftSize = 2 ** 30), /fftSize/],
    ['a stop-band of a million bels', (c) => (c.input.antiAlias.stopbandDb = 1e9), /stopbandDb/],
    [
      'a transition as steep as a wall',
      (c) => Object.assign(c.input.antiAlias, { passHz: 400, stopHz: 400.000001 }),
      /at most 8388608 taps/,
    ],
    ['a window of a day', (c) => (c.input.windowSamples = 86_400_000), /windowSamples/],
    ['a rate of a gigahertz', (c) => (c.input.sampleRateHz = 1e9), /sampleRateHz/],
    ['a threshold of nothing', (c) => (c.verdict.abnormalAtLeast = 0), /abnormalAtLeast/],
    [
      'a threshold of all',
      (c) => Object.assign(c.verdict, { uncertain: { from: 0.4, to: 1 } }),
      /uncertain\.to/,
    ],
    ['an offset beyond all logits', (c) => (c.calibration.offset = 1e308), /offset/],
  ];
  for (const [what, change, message] of [...broken, ...endless]) {
    it(`names the item: ${what}`, () => {
      const contract = validContract();
      change(contract);
      expect(() => parse(contract)).to.throw(ModelError, message);
    });
  }

  it('never crashes on a mutated contract: it is accepted or refused with a ModelError', function () {
    this.timeout(fuzzTimeout());
    const text = JSON.stringify(validContract());
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            fc.nat(text.length - 1),
            fc.constantFrom('', '0', '-', '1e9', '"', '{', ']', 'null', '\u0000'),
          ),
          { minLength: 1, maxLength: 4 },
        ),
        (edits) => {
          let mutated = text;
          for (const [at, insert] of edits) mutated = mutated.slice(0, at) + insert + mutated.slice(at + 1);
          try {
            parseContract(mutated, 'test.json');
          } catch (error) {
            expect(error).to.be.instanceOf(LubdubError);
          }
        },
      ),
      { numRuns: fuzzRuns(2000) },
    );
  });
});

describe('openModel', () => {
  let directory: string;
  beforeEach(async () => (directory = await mkdtemp(join(tmpdir(), 'lubdub-model-'))));
  afterEach(() => rm(directory, { recursive: true }));

  it('reads a model whose hash is that of the contract', async () => {
    const bytes = Buffer.from('a model');
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    await writeFile(join(directory, 'test.tflite'), bytes);
    await writeFile(join(directory, 'test.json'), JSON.stringify({ ...validContract(), sha256 }));
    const model = await openModel(join(directory, 'test.json'));
    expect(Buffer.from(model.bytes)).to.deep.equal(bytes);
  });

  it('refuses a model that was changed by a single bit', async () => {
    await writeFile(join(directory, 'test.tflite'), 'b model');
    await writeFile(join(directory, 'test.json'), JSON.stringify(validContract()));
    const error = await openModel(join(directory, 'test.json')).catch((e: unknown) => e as ModelError);
    expect(error).to.be.instanceOf(ModelError);
    expect((error as ModelError).message).to.match(/sha256 must be 0{64}, got/);
  });

  it('says which file is missing, and what to do', async () => {
    const error = await openModel(join(directory, 'none.json')).catch((e: unknown) => e as ModelError);
    expect((error as ModelError).message).to.match(/none\.json.*--model/);
  });
});
