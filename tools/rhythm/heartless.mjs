/**
 * Counts rhythm notices in made-up sounds that are no heart, of seeds that signal quality was not fitted on.
 *
 * Usage: node tools/rhythm/heartless.mjs
 */
import { readFileSync } from 'node:fs';
import { parseContract } from '../../dist/src/classify/parse-contract.js';
import { RhythmWatch } from '../../dist/src/heart/rhythm-watch.js';
import { windowingFor } from '../../dist/src/screen/recording-setup.js';
import { RecordingWindows } from '../../dist/src/window/recording-windows.js';
import { readSignalQualityModel } from '../../dist/src/window/signal-quality-model.js';
import { heartlessSound, kinds } from '../quality/heartless-sounds.mjs';

const SECONDS = 30;
const SEEDS = [101, 102];
const CONTRACT = new URL('../../models/heart-sound.json', import.meta.url);
const contract = parseContract(readFileSync(CONTRACT, 'utf8'), CONTRACT.pathname);
const signalQuality = readSignalQualityModel();

let sounds = 0;
for (const kind of Object.keys(kinds)) {
  for (const seed of SEEDS) {
    const { rate, samples } = heartlessSound(kind, seed, SECONDS);
    const format = { sampleRateHz: rate, bitsPerSample: 16 };
    const listener = new RecordingWindows(windowingFor({ contract, format, signalQuality }));
    const watch = new RhythmWatch();
    const notices = [];
    const chunk = { kind: 'samples', firstSample: 0, samples: Float64Array.from(samples) };
    listener.push(chunk, ({ startSeconds, endSeconds, quality, sounds: heard }) =>
      notices.push(...watch.pushWindow({ startSeconds, endSeconds, quality: quality.sqi, sounds: heard })),
    );
    notices.push(...watch.endStretch());
    sounds++;
    for (const { notice } of notices) console.log(`${kind}, seed ${seed}: ${notice}`);
  }
}
console.log(`${sounds} sounds of ${SECONDS} s`);
