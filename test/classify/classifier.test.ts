import { expect } from 'chai';
import { Classifier } from '../../src/classify/classifier.js';
import { ModelError } from '../../src/errors.js';
import { tinyModel } from '../support/model-contract.js';

const script = new URL('../support/faulty-worker.js', import.meta.url);
const open = (timeoutMs = 5000, threads = 1) =>
  Classifier.open({ model: tinyModel(), script, timeoutMs, threads });
const window = (first: number) => Float32Array.of(first, 0);

async function rejection(promise: Promise<unknown>): Promise<ModelError> {
  try {
    await promise;
  } catch (error) {
    return error as ModelError;
  }
  throw new Error('expected a rejection');
}

describe('Classifier', () => {
  let classifier: Classifier;
  afterEach(() => classifier?.close());

  it('answers windows in any number of threads', async () => {
    classifier = await open(5000, 3);
    const answers = await Promise.all([10, 11, 12, 13, 14, 15].map((x) => classifier.score(window(x))));
    expect(answers).to.deep.equal([10, 11, 12, 13, 14, 15]);
  });

  it('gives a window to the thread that has least to do', async () => {
    classifier = await open(60_000, 2);
    // Hangs for ever: what came behind it would never be answered.
    void rejection(classifier.score(window(2)));
    for (const x of [5, 6, 7]) expect(await classifier.score(window(x))).to.equal(x);
  });

  it('replaces a thread that dies, and rejects what it held', async () => {
    classifier = await open();
    const [good, lost, behind] = await Promise.allSettled([
      classifier.score(window(7)),
      classifier.score(window(1)),
      classifier.score(window(8)),
    ]);
    expect(good.status).to.equal('fulfilled');
    for (const settled of [lost, behind]) {
      expect(settled.status).to.equal('rejected');
      const reason = (settled as PromiseRejectedResult).reason as ModelError;
      expect(reason.code).to.equal('LUBDUB_RUNTIME');
    }
    expect(await classifier.score(window(9))).to.equal(9);
    expect(classifier.replacedThreads).to.equal(1);
  });

  it('ends a call that hangs', async () => {
    classifier = await open(100);
    const error = await rejection(classifier.score(window(2)));
    expect(error.message).to.match(/over 100 ms/);
    expect(await classifier.score(window(3))).to.equal(3);
  });

  it('gives up on a runtime that dies again and again', async () => {
    classifier = await open();
    for (let death = 0; death < 4; death++) await rejection(classifier.score(window(1)));
    const error = await rejection(classifier.score(window(5)));
    expect(error.message).to.match(/4 times in a row.*memory access out of bounds.*lubdub doctor/);
  });

  it('refuses a window of the wrong size, and numbers that are none', async () => {
    classifier = await open();
    expect((await rejection(classifier.score(Float32Array.of(1)))).message).to.match(/2 features, got 1/);
    expect((await rejection(classifier.score(Float32Array.of(0, NaN)))).message).to.match(/NaN at index 1/);
    expect((await rejection(classifier.score(Float32Array.of(Infinity, 0)))).message).to.match(/finite/);
  });

  it('names the item of the contract in which model and contract differ', async () => {
    const model = tinyModel();
    model.contract.input.tensor.shape = [1, 3];
    const error = await rejection(Classifier.open({ model, script }));
    expect(error).to.be.instanceOf(ModelError);
    expect(error.message).to.match(/input\.tensor\.shape is \[1, 3\].*takes \[1, 2\]/);
  });

  it('says why the runtime refused a model', async () => {
    const model = tinyModel();
    const error = await rejection(
      Classifier.open({ model: { ...model, bytes: new TextEncoder().encode('not a model') } }),
    );
    expect(error.code).to.equal('LUBDUB_RUNTIME');
    expect(error.message).to.match(/could not load the model/);
  });
});
