/**
 * Says which sounds that are no heart get a class all the same, through the whole of screening: per kind how many of how many,
 * and which class.
 *
 * Usage: node tools/quality/heartless-classes.mjs [--set known|further|test] [--first SEED] [--count N] [--seconds S] [FILE...]
 *
 * `npm run build` comes first. `known` (default) are the kinds of heartless-sounds.mjs, on whose seeds 0 to 7,
 * 2000 to 2011, 2100 to 2119 and 3000 to 3011 likeness to a heart is fitted; `further` are those of more-heartless-sounds.mjs and
 * `test` those of test/support/heartless-sounds.ts, on which nothing is.
 * Variants were chosen with seeds 7000 to 7009. FILEs are recordings that are no heart, in place of a set.
 */
import { parseArgs } from 'node:util';
import { Screener } from '../../dist/src/screen/screener.js';
import { screenFile } from '../../dist/src/screen/screen-file.js';
import { heartlessSounds } from '../../dist/test/support/heartless-sounds.js';
import { heartlessSound, kinds } from './heartless-sounds.mjs';
import { heartlessSound as furtherSound, kinds as furtherKinds } from './more-heartless-sounds.mjs';

/** Lengths in turn: the shorter a recording is, the less the mean of its windows says. */
const SECONDS = [14, 30, 10, 20];
const TEST_RATES_HZ = [2000, 4000, 8000];
const TEST_GAINS = [0.54, 0.18, 0.03];
const MODEL = new URL('../../models/heart-sound.json', import.meta.url).pathname;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    set: { type: 'string', default: 'known' },
    first: { type: 'string', default: '5000' },
    count: { type: 'string', default: '10' },
    seconds: { type: 'string' },
  },
});

/** As `heartlessSound` answers. */
function testSound(kind, seed, seconds) {
  const rate = TEST_RATES_HZ[seed % TEST_RATES_HZ.length];
  const gain = TEST_GAINS[seed % TEST_GAINS.length];
  const samples = heartlessSounds[kind](seed, seconds, rate).map(
    (x) => Math.round(Math.max(-1, Math.min(1, gain * x)) * 32767) / 32768,
  );
  return { rate, samples };
}

const sets = {
  known: [heartlessSound, kinds],
  further: [furtherSound, furtherKinds],
  test: [testSound, heartlessSounds],
};
if (sets[values.set] === undefined) {
  console.error(`--set must be one of ${Object.keys(sets).join(', ')}, got ${values.set}`);
  process.exit(2);
}

const screener = await Screener.open(MODEL, 1);
const table = new Map();
const count = (kind, { verdict, reasons }) => {
  const row = table.get(kind) ?? { sounds: 0, classes: {} };
  row.sounds++;
  if (verdict !== 'inconclusive' || reasons.length === 0)
    row.classes[verdict] = (row.classes[verdict] ?? 0) + 1;
  table.set(kind, row);
};

async function finalOf(play) {
  let final;
  await play((event) => {
    if (event.kind === 'final') final = event;
  });
  return final;
}

async function* whole(samples) {
  yield { kind: 'samples', firstSample: 0, samples: Float64Array.from(samples) };
}

for (const file of positionals) count('recorded', await finalOf((emit) => screenFile(file, screener, emit)));
if (positionals.length === 0) {
  const [make, names] = sets[values.set];
  for (const kind of Object.keys(names)) {
    for (let n = 0; n < Number(values.count); n++) {
      const seconds = Number(values.seconds ?? SECONDS[n % SECONDS.length]);
      const { rate, samples } = make(kind, Number(values.first) + n, seconds);
      const format = { sampleRateHz: rate, bitsPerSample: 16 };
      count(kind, await finalOf((emit) => screener.screenStored(kind, format, whole(samples), emit)));
    }
  }
}
await screener.close();

let [sounds, classed] = [0, 0];
for (const [kind, row] of table) {
  const own = Object.values(row.classes).reduce((sum, n) => sum + n, 0);
  sounds += row.sounds;
  classed += own;
  const which = Object.entries(row.classes).map(([verdict, n]) => `${n} ${verdict}`);
  if (own > 0) console.log(`${kind}: ${own} of ${row.sounds} (${which.join(', ')})`);
}
const share = (100 * (1 - classed / sounds)).toFixed(1);
console.log(
  `${sounds} sounds of ${table.size} kinds: ${classed} get a class, ${share} % are inconclusive with a reason`,
);
