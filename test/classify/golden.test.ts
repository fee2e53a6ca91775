import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { Classifier } from '../../src/classify/classifier.js';
import { openModel } from '../../src/classify/model.js';

interface GoldenModel {
  sha256: string;
  /** One step of the quantized output. */
  outputStep: number;
  windows: { source: string; logit: number }[];
}

const golden = JSON.parse(readFileSync('test/golden/model.json', 'utf8')) as GoldenModel;
const frontEnd = JSON.parse(readFileSync('test/golden/front-end.json', 'utf8')) as {
  windows: { source: string; features: string }[];
};

function floats(base64: string): Float32Array {
  const bytes = Buffer.from(base64, 'base64');
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

describe("the shipped model, against TFLite's own interpreter", () => {
  let classifier: Classifier;
  before(
    async () => (classifier = await Classifier.open({ model: await openModel('models/heart-sound.json') })),
  );
  after(() => classifier.close());

  it('is the model that the golden outputs were made with', () => {
    expect(classifier.model.contract.sha256).to.equal(golden.sha256);
  });

  golden.windows.forEach(({ source, logit }, i) => {
    it(`gives the interpreter's output to one quantization step: ${source}`, async () => {
      expect(frontEnd.windows[i].source).to.equal(source);
      const ours = await classifier.score(floats(frontEnd.windows[i].features));
      expect(Math.abs(ours - logit)).to.be.at.most(golden.outputStep * 1.001);
    });
  });
});
