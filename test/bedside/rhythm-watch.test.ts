import { expect } from 'chai';
import { Bedside } from '../../src/bedside/bedside.js';
import { RhythmWatch } from '../../src/bedside/rhythm-watch.js';
import type { HeartSoundMark } from '../../src/bedside/bedside-status.js';
import type { ScreeningEvent } from '../../src/screen/screening-events.js';
import { until } from '../support/until.js';
import { samplesOf, scatteredBeats } from '../support/scattered-beats.js';
import { foundDevice, quickScreener, ScriptedDevice } from '../support/scripted-device.js';
import { noiseFrom } from '../window/synthetic-signals.js';

/** First sounds of beats that scatter. */
function marksOf(scatter: number, seconds: number): HeartSoundMark[] {
  const { normal } = noiseFrom(3);
  const marks: HeartSoundMark[] = [];
  for (let at = 0; at < seconds; at += 0.8 * Math.max(0.5, 1 + scatter * normal())) {
    marks.push({ sound: 'S1', timeSeconds: at });
  }
  return marks;
}

/** What is told of a recording, with marks and windows as they come: a window a second, marks two seconds later. */
function told(marks: readonly HeartSoundMark[], isUsable: (index: number) => boolean): string[] {
  const watch = new RhythmWatch();
  const messages: string[] = [];
  for (let index = 0; index < 60; index++) {
    const until = index + 1;
    watch.pushMarks(marks.filter(({ timeSeconds }) => timeSeconds >= until - 1 && timeSeconds < until));
    const message = watch.pushWindow({ startSeconds: index, endSeconds: index + 3, usable: isUsable(index) });
    if (message !== null) messages.push(message);
  }
  return messages;
}

describe('RhythmWatch', () => {
  it('says once that the rhythm seems irregular, how sure it is, and what that is worth', () => {
    const messages = told(marksOf(0.25, 60), () => true);
    expect(messages).to.have.length(1);
    expect(messages[0]).to.match(/irregular.*confidence \d+ %.*not a diagnosis.*no part of the verdict/);
  });

  it('says nothing of even beats, and nothing of what is not usable', () => {
    expect(told(marksOf(0.02, 60), () => true)).to.deep.equal([]);
    expect(told(marksOf(0.25, 60), () => false)).to.deep.equal([]);
    // Never twenty beats in a row that count.
    expect(told(marksOf(0.25, 14), () => true)).to.deep.equal([]);
  });

  it('holds no more than it must where windows never come', () => {
    const watch = new RhythmWatch();
    for (let i = 0; i < 2000; i++) watch.pushMarks([{ sound: 'S1', timeSeconds: i }]);
    expect(JSON.stringify(watch).length).to.be.below(20_000);
  });

  it('is part of a recording that somebody looks at: a notice, and the same verdict', async () => {
    const screener = await quickScreener();
    const eventsOf = async (samples: Float64Array): Promise<ScreeningEvent[]> => {
      const device = new ScriptedDevice();
      const naming = { subject: null, site: null };
      const bedside = new Bedside({ open: device.open, screener, configuration: {}, naming });
      const events: ScreeningEvent[] = [];
      bedside.events$.subscribe((event) => events.push(event));
      bedside.marks$.subscribe();
      await bedside.start(naming);
      device.say(foundDevice);
      for (let at = 0; at < samples.length; at += 2000) {
        device.say({ kind: 'samples', firstSample: at, samples: samples.slice(at, at + 2000) });
        await new Promise((resolve) => setImmediate(resolve));
      }
      device.end();
      await until(() => events.some(({ kind }) => kind === 'final'), 'the result');
      return events;
    };
    const noticesOf = (events: readonly ScreeningEvent[]) =>
      events.flatMap((event) => (event.kind === 'notice' ? [event.message] : []));
    const even = await eventsOf((await samplesOf('test/recordings/e00089.wav')).samples);
    const odd = await eventsOf((await scatteredBeats('e00089', 0.25)).samples);
    expect(noticesOf(even)).to.deep.equal([]);
    expect(noticesOf(odd)).to.have.length(1);
    expect(noticesOf(odd)[0]).to.match(/^the rhythm seems irregular/);
    const verdictOf = (events: readonly ScreeningEvent[]) =>
      events.find((event) => event.kind === 'final')!.verdict;
    expect(verdictOf(odd)).to.equal(verdictOf(even));
  });
});
