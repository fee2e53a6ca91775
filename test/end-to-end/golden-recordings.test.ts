import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { screenFile } from '../../src/screen/screen-file.js';
import { Screener } from '../../src/screen/screener.js';
import type { ScreeningEvent } from '../../src/screen/screening-events.js';
import type { WindowEvent } from '../../src/screen/result-events.js';

interface GoldenModel {
  outputStep: number;
  recordings: { file: string; windowLogits: number[] }[];
}

const golden = JSON.parse(readFileSync('test/golden/model.json', 'utf8')) as GoldenModel;

/**
 * Training equals runtime: the whole way from a WAV file, in TypeScript, against the Python tools' own conditioning,
 * front end and TFLite interpreter.
 */
describe('whole recordings, against the Python chain and TFLite', () => {
  let screener: Screener;
  before(async () => (screener = await Screener.open('models/heart-sound.json', 1)));
  after(() => screener.close());

  for (const { file, windowLogits } of golden.recordings) {
    it(`gives the same windows and logits: ${file}`, async () => {
      const events: ScreeningEvent[] = [];
      await screenFile(`test/recordings/${file}`, screener, (event) => events.push(event));
      const windows = events.filter((event): event is WindowEvent => event.kind === 'window');
      expect(windows.length).to.equal(windowLogits.length);
      const steps = windows.map(({ logit }, i) => Math.abs(logit! - windowLogits[i]) / golden.outputStep);
      // Features agree to 1e-5, so now and then one input value falls on the other side of a rounding border, and with
      // it a few int8 activations; each of these may move the logit by about a step (0.0004). The rest is rounding in the
      // gap reader's float32 logarithms, a hundredth of a step.
      expect(Math.max(...steps)).to.be.at.most(12);
      expect(steps.filter((step) => step < 0.1).length).to.be.at.least(0.9 * steps.length);
    });
  }
});
