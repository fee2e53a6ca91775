import { readdirSync } from 'node:fs';
import { expect } from 'chai';
import type { FinalEvent } from '../../src/screen/result-events.js';
import { Screener } from '../../src/screen/screener.js';
import { screenFile } from '../../src/screen/screen-file.js';
import type { ScreeningEvent } from '../../src/screen/screening-events.js';
import { heartlessSounds } from '../support/heartless-sounds.js';
import { heartSounds, toSixteenBits } from '../window/synthetic-signals.js';

const SECONDS = 15;
const RATES_HZ = [2000, 4000, 8000];
const SEEDS = [1, 2, 3, 4];

describe('what beats and is no heart gets no class', function () {
  let screener: Screener;
  before(async () => (screener = await Screener.open('models/heart-sound.json', 1)));
  after(() => screener.close());

  const screen = async (
    samples: Float64Array,
    sampleRateHz: number,
    chunk = sampleRateHz,
  ): Promise<FinalEvent> => {
    // eslint-disable-next-line @typescript-eslint/require-await -- what is stored comes as it is read
    async function* chunks() {
      for (let at = 0; at < samples.length; at += chunk)
        yield { kind: 'samples' as const, firstSample: at, samples: samples.slice(at, at + chunk) };
    }
    const events: ScreeningEvent[] = [];
    await screener.screenStored('made up', { sampleRateHz, bitsPerSample: 16 }, chunks(), (event) =>
      events.push(event),
    );
    return events.at(-1) as FinalEvent;
  };

  it('at least 95 % of sounds of eleven kinds, none of them fitted on, with a reason', async () => {
    const classed: string[] = [];
    let count = 0;
    for (const [what, make] of Object.entries(heartlessSounds)) {
      for (const seed of SEEDS) {
        const rateHz = RATES_HZ[seed % RATES_HZ.length];
        const gain = [0.9, 0.3, 0.05][seed % 3];
        const samples = toSixteenBits(make(seed, SECONDS, rateHz).map((x) => 0.6 * gain * x));
        const { verdict, reasons } = await screen(samples, rateHz);
        count++;
        if (verdict !== 'inconclusive' || reasons.length === 0) classed.push(`${what} ${seed}: ${verdict}`);
      }
    }
    expect(classed.length / count, classed.join('; ')).to.be.at.most(0.05);
  });

  it('says that it is no heart, whatever the chunking, and counts none of it as usable', async () => {
    const samples = toSixteenBits(heartlessSounds['knocks on a table'](1, SECONDS, 4000).map((x) => 0.5 * x));
    const result = await screen(samples, 4000);
    expect(result).to.include({ verdict: 'inconclusive', usableSeconds: 0 });
    expect(result.reasons).to.deep.equal(['too-little-usable-signal', 'not-a-heart']);
    expect(await screen(samples, 4000, 333)).to.deep.equal(result);
  });

  it('while bundled hearts, and made-up ones as even as a machine, are taken for hearts', async () => {
    for (const file of readdirSync('test/recordings').filter((name) => name.endsWith('.wav'))) {
      const events: ScreeningEvent[] = [];
      await screenFile(`test/recordings/${file}`, screener, (event) => events.push(event));
      expect((events.at(-1) as FinalEvent).reasons, file).to.not.include('not-a-heart');
    }
    for (const bpm of [60, 70, 80, 110]) {
      const samples = toSixteenBits(heartSounds({ bpm, seconds: SECONDS, rateHz: 4000 }));
      expect((await screen(samples, 4000)).reasons, `${bpm} a minute`).to.not.include('not-a-heart');
    }
  });
});
