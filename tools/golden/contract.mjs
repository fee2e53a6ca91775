/**
 * Writes `golden` into a model contract: what the model beside it makes of a few real windows. The runtime checks it
 * whenever it loads the model. `lubdub-tools release` writes the same with TFLite's own interpreter; this is for a contract
 * that was released without.
 *
 *     npm run build && node tools/golden/contract.mjs models/heart-sound.json
 */
import { readFile, writeFile } from 'node:fs/promises';
import { Buffer } from 'node:buffer';
import { Classifier } from '../../dist/src/classify/classifier.js';
import { goldenFeatures } from '../../dist/src/classify/golden-windows.js';
import { openModel } from '../../dist/src/classify/model.js';

/** One step of the output is 0.0004; kernels of other machines may round a few steps differently. As in `contract.py`. */
const TOLERANCE = 0.002;

const [path] = process.argv.slice(2);
const model = await openModel(path);
delete model.contract.golden;
const step = model.contract.input.features.clip / 127;
const frontEnd = JSON.parse(await readFile('test/golden/front-end.json', 'utf8'));
const classifier = await Classifier.open({ model });
const windows = [];
for (const { features: base64 } of frontEnd.windows) {
  const bytes = Buffer.from(base64, 'base64');
  const integers = Int8Array.from({ length: bytes.length / 4 }, (_, i) =>
    Math.round(bytes.readFloatLE(4 * i) / step),
  );
  const features = Buffer.from(integers.buffer).toString('base64');
  windows.push({ features, logit: await classifier.score(goldenFeatures(features, step)) });
}
await classifier.close();

const golden = { encoding: 'base64 of int8', step, tolerance: TOLERANCE, windows };
const text = (await readFile(path, 'utf8')).replace(/^ {2}"golden": \{\n[\s\S]*?^ {2}\},\n/m, '');
const lines = JSON.stringify({ golden }, null, 2).split('\n').slice(1, -1).join('\n');
// The rest of the text stays as it is, to the byte.
await writeFile(
  path,
  text.replace(/^ {2}"training": /m, () => `${lines},\n  "training": `),
);
console.log(`${path}: ${windows.map(({ logit }) => logit.toFixed(4)).join(', ')}`);
