import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseContract } from '../dist/src/classify/parse-contract.js';
import { checkHeartSoundNetwork } from '../dist/src/heart/heart-sounds-model.js';
import { checkSignalQualityModel } from '../dist/src/window/signal-quality-model.js';

/** Checks the files of models/ against the schemas that were just built, and lists those that fit; see `fitting-model-files.ts`. */

const checks = {
  'heart-sound.json': (content, name) => parseContract(JSON.stringify(content), name),
  'signal-quality.json': checkSignalQualityModel,
  'heart-sounds.json': checkHeartSoundNetwork,
};

/** Nothing that the check returns may be other than what the file says, such as a default. */
function assertKept(checked, said, item) {
  if (checked === said) return;
  if (typeof checked !== 'object' || typeof said !== 'object' || checked === null || said === null) {
    throw new Error(`${item} is checked to ${checked}, but says ${said}`);
  }
  for (const [key, value] of Object.entries(checked)) {
    if (item === 'signal-quality.json' && key === 'heartSounds') continue;
    assertKept(value, said[key], `${item}.${key}`);
  }
}

const hashes = {};
for (const [name, check] of Object.entries(checks)) {
  const path = fileURLToPath(new URL(`../models/${name}`, import.meta.url));
  try {
    const bytes = await readFile(path);
    const content = JSON.parse(bytes.toString('utf8'));
    assertKept(check(content, path), content, name);
    hashes[name] = createHash('sha256').update(bytes).digest('hex');
  } catch (error) {
    // Whoever opens it checks it again, and says the same.
    console.warn(`not listed: ${error.message}`);
  }
}
await writeFile(
  fileURLToPath(new URL('../dist/src/fitting-model-files.json', import.meta.url)),
  `${JSON.stringify(hashes)}\n`,
);
