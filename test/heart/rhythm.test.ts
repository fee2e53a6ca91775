import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { HeartSounds } from '../../src/heart/heart-sounds.js';
import { readHeartSoundNetwork } from '../../src/heart/heart-sounds-model.js';
import { Rhythm, type RhythmEstimate } from '../../src/heart/rhythm.js';
import { samplesOf, scatteredBeats } from '../support/scattered-beats.js';
import { condition, judge, MODEL, noiseFrom } from '../window/synthetic-signals.js';

type Sound = { readonly sound: 'S1' | 'S2'; readonly startSeconds: number };

const network = readHeartSoundNetwork();
const data = process.env.LUBDUB_DATA ?? '../shared/data/physionet2016';

/** First and second sounds of beats of these lengths in seconds. */
function soundsOf(beats: readonly number[]): Sound[] {
  let at = 0;
  return [...beats, 1].flatMap((beat): Sound[] => {
    const start = at;
    at += beat;
    return [
      { sound: 'S1', startSeconds: start },
      { sound: 'S2', startSeconds: start + 0.3 },
    ];
  });
}

function estimateOf(sounds: readonly Sound[], rhythm = new Rhythm()): RhythmEstimate | null {
  sounds.forEach((sound) => rhythm.push(sound));
  return rhythm.estimate();
}

/** The most irregular that it ever seemed, heard in conditioned samples; `null` where too little was heard. */
function mostIrregular(sounds: readonly Sound[], isUsable: (seconds: number) => boolean = () => true) {
  const rhythm = new Rhythm();
  let most: RhythmEstimate | null = null;
  for (const sound of sounds) {
    if (isUsable(sound.startSeconds)) rhythm.push(sound);
    else rhythm.endStretch();
    const now = rhythm.estimate();
    if (now !== null && (most === null || now.irregularity > most.irregularity)) most = now;
  }
  return most;
}

function heard(samples: Float64Array, rateHz: number): Sound[] {
  const detector = new HeartSounds({ modelRateHz: 1000, network, heartRate: MODEL.heartRate });
  return [...detector.execute(condition(samples, rateHz)), ...detector.finish()];
}

describe('Rhythm', () => {
  const beatsWith = (scatter: number, count = 40) => {
    const { normal } = noiseFrom(5);
    return Array.from({ length: count }, () => 0.8 * (1 + scatter * normal()));
  };

  it('tells beats without a pattern from even ones, and from those that breathing changes', () => {
    expect(estimateOf(soundsOf(beatsWith(0.22)))).to.deep.include({ isIrregular: true });
    expect(estimateOf(soundsOf(beatsWith(0.22)))!.confidence).to.be.above(0.95);
    expect(estimateOf(soundsOf(beatsWith(0.02)))).to.deep.include({ isIrregular: false });
    expect(estimateOf(soundsOf(beatsWith(0.02)))!.confidence).to.be.below(0.01);
    const breathing = Array.from(
      { length: 40 },
      (_, i) => 0.8 * (1 + 0.15 * Math.sin((2 * Math.PI * i) / 5)),
    );
    expect(estimateOf(soundsOf(breathing))!.irregularity).to.be.below(0.2);
    const slow = Array.from({ length: 40 }, (_, i) => 0.8 * (1 + 0.15 * Math.sin((2 * Math.PI * i) / 10)));
    expect(estimateOf(soundsOf(slow))).to.deep.include({ isIrregular: false });
  });

  it('is not misled by a missed sound, an extra beat or a pause now and then', () => {
    const beats = beatsWith(0.02);
    beats.splice(10, 2, 1.6);
    beats.splice(20, 2, 0.5, 1.1);
    beats.splice(30, 1, 2);
    expect(estimateOf(soundsOf(beats))).to.deep.include({ isIrregular: false });
  });

  it('says nothing before twenty changes from beat to beat', () => {
    expect(estimateOf(soundsOf(beatsWith(0.3, 20)))).to.equal(null);
    expect(estimateOf(soundsOf(beatsWith(0.3, 21)))).to.include({ changes: 20 });
  });

  it('measures no beat across the end of a stretch', () => {
    const rhythm = new Rhythm();
    soundsOf(beatsWith(0, 15)).forEach((sound) => rhythm.push(sound));
    rhythm.endStretch();
    soundsOf(beatsWith(0, 15)).forEach((sound) =>
      rhythm.push({ ...sound, startSeconds: sound.startSeconds + 99.3 }),
    );
    expect(rhythm.estimate()).to.include({ irregularity: 0 }).and.to.include({ changes: 28 });
  });

  it('gives the same after a reset, at any rate and whatever second sounds come between', () => {
    const rhythm = new Rhythm();
    const beats = fc.array(fc.double({ min: 0.3, max: 1.9, noNaN: true }), { minLength: 25, maxLength: 60 });
    fc.assert(
      fc.property(beats, (lengths) => {
        rhythm.reset();
        const again = estimateOf(soundsOf(lengths), rhythm);
        const onlyFirst = soundsOf(lengths).filter(({ sound }) => sound === 'S1');
        expect(again).to.deep.equal(estimateOf(onlyFirst));
        expect(again!.confidence).to.be.within(0, 1);
      }),
    );
  });

  for (const record of ['a0050', 'e00089', 'f0107']) {
    it(`hears the beats of ${record} as even, and its own beats at odd intervals as irregular`, async () => {
      const { samples, rateHz } = await samplesOf(`test/recordings/${record}.wav`);
      expect(mostIrregular(heard(samples, rateHz))).to.deep.include({ isIrregular: false });
      const made = await scatteredBeats(record, 0.25);
      expect(mostIrregular(heard(made.samples, made.rateHz))).to.deep.include({ isIrregular: true });
    });
  }

  it('raises less than one false notice an hour on normal recordings', async function () {
    if (!existsSync(join(data, 'records.csv'))) {
      console.warn('SKIPPED: the data set is not there (LUBDUB_DATA); false notices an hour are not counted');
      this.skip();
    }
    const records = readFileSync(join(data, 'records.csv'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split(','))
      .filter(([, , label, quality]) => label === 'normal' && quality === '1')
      .filter((_, i) => i % 6 === 0);
    let hours = 0;
    let notices = 0;
    for (const [record] of records) {
      const { samples, rateHz } = await samplesOf(join(data, 'audio', `${record}.flac`));
      const usable = judge(samples, rateHz).map((window) => window.usable);
      hours += usable.filter(Boolean).length / 3600;
      // A window begins with every second and lasts three.
      const isUsable = (seconds: number) => {
        const holding = usable.slice(Math.max(0, Math.floor(seconds) - 2), Math.floor(seconds) + 1);
        return holding.length > 0 && holding.every(Boolean);
      };
      if (mostIrregular(heard(samples, rateHz), isUsable)?.isIrregular === true) notices++;
    }
    expect(hours).to.be.above(1);
    expect(notices / hours, `${notices} notices in ${hours.toFixed(1)} hours`).to.be.below(1);
  });
});
