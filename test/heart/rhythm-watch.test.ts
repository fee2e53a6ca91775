import { expect } from 'chai';
import fc from 'fast-check';
import { RhythmWatch, type RhythmNotice } from '../../src/heart/rhythm-watch.js';
import { heardBeats, repeated, windowsOf, type Beat } from '../support/heard-beats.js';
import { noiseFrom } from '../window/synthetic-signals.js';

function watched(beats: readonly Beat[], qualityAt?: (startSeconds: number) => number) {
  const watch = new RhythmWatch();
  const notices = windowsOf(heardBeats(beats), qualityAt).flatMap((window) => watch.pushWindow(window));
  return { notices: [...notices, ...watch.endStretch()], summary: watch.summary() };
}

const kindsOf = (notices: readonly RhythmNotice[]) => notices.map(({ notice }) => notice);
const even = (count: number): Beat[] => repeated(count, (i) => ({ seconds: 0.8 + 0.02 * (i % 2) }));

describe('RhythmWatch', () => {
  it('tells an early beat with the pause that makes up for it, when it was and how sure that is', () => {
    const { notices, summary } = watched([...even(12), { seconds: 0.52 }, { seconds: 1.08 }, ...even(12)]);
    expect(kindsOf(notices)).to.deep.equal(['extra-beat']);
    const [{ startSeconds, endSeconds, confidence, count }] = notices;
    expect(startSeconds).to.be.closeTo(12 * 0.81, 0.001);
    expect(endSeconds).to.be.closeTo(12 * 0.81 + 0.52, 0.001);
    expect(confidence).to.be.within(0.7, 1);
    expect(count).to.equal(1);
    expect(summary.extraBeats).to.deep.equal({ count: 1, confidence });
    expect(summary.pauses).to.deep.equal({ count: 0, confidence: null, longestSeconds: null });
  });

  it('counts early beats where every second one is', () => {
    const { notices, summary } = watched(repeated(40, (i) => ({ seconds: i % 2 === 0 ? 0.55 : 1.05 })));
    expect(new Set(kindsOf(notices))).to.deep.equal(new Set(['extra-beat']));
    expect(notices.map(({ count }) => count)).to.deep.equal(repeated(notices.length, (i) => i + 1));
    expect(summary.extraBeats!.count).to.equal(notices.length).and.to.be.above(10);
    expect(summary.irregular).to.deep.include({ noticed: false });
  });

  it('tells a pause in which nothing is heard, and none that may hide a beat', () => {
    const silent = watched([...even(12), { seconds: 2.2 }, ...even(12)]);
    expect(kindsOf(silent.notices)).to.deep.equal(['pause']);
    expect(silent.notices[0].endSeconds - silent.notices[0].startSeconds).to.be.closeTo(2.2, 0.001);
    expect(silent.summary.pauses!.longestSeconds).to.be.closeTo(2.2, 0.001);
    // A first sound that was not found: twice the length, and something loud in it.
    const missed = watched([...even(12), { seconds: 1.62, loudestAfter: -4.5 }, ...even(12)]);
    expect(missed.notices).to.deep.equal([]);
  });

  it('takes faint sounds that the finder put into a silence for none', () => {
    const faint = { seconds: 1.2, level: -5.9 };
    expect(kindsOf(watched([...even(12), { seconds: 1 }, faint, ...even(12)]).notices)).to.deep.equal([
      'pause',
    ]);
  });

  it('tells once that a rhythm is irregular, and then nothing that falls out of it', () => {
    const { normal } = noiseFrom(3);
    const { notices, summary } = watched(
      repeated(80, () => ({ seconds: Math.max(0.45, 0.85 * Math.exp(0.25 * normal())) })),
    );
    expect(kindsOf(notices).filter((kind) => kind === 'irregular')).to.have.length(1);
    expect(summary.irregular).to.deep.include({ noticed: true });
    const since = notices.findIndex(({ notice }) => notice === 'irregular');
    expect(kindsOf(notices.slice(since + 6))).to.deep.equal([]);
  });

  it('lets no interval span what is heard badly, or a gap', () => {
    const beats = [...even(12), { seconds: 2.2 }, ...even(12)];
    const pauseAt = 12 * 0.81;
    expect(watched(beats, (start) => (Math.abs(start - pauseAt) < 2 ? 0.1 : 0.9)).notices).to.deep.equal([]);
    const watch = new RhythmWatch();
    const before = windowsOf(heardBeats(even(12))).flatMap((window) => watch.pushWindow(window));
    const atGap = watch.endStretch();
    const after = windowsOf(heardBeats(even(12)))
      .map((window) => ({
        ...window,
        startSeconds: window.startSeconds + 30,
        endSeconds: window.endSeconds + 30,
        sounds: window.sounds.map((sound) => ({
          ...sound,
          startSeconds: sound.startSeconds + 30,
          endSeconds: sound.endSeconds + 30,
        })),
      }))
      .flatMap((window) => watch.pushWindow(window));
    expect([...before, ...atGap, ...after, ...watch.endStretch()]).to.deep.equal([]);
    expect(watch.summary().intervals).to.equal(24);
  });

  it('knows nothing where too little was heard, and says so with null', () => {
    const { notices, summary } = watched(even(4));
    expect(notices).to.deep.equal([]);
    expect(summary).to.deep.equal({ intervals: 4, irregular: null, extraBeats: null, pauses: null });
    expect(watched(even(30), () => 0.1).summary).to.deep.include({ intervals: 0, irregular: null });
  });

  it('does not count what was heard without skin contact', () => {
    const watch = new RhythmWatch();
    for (const window of windowsOf(heardBeats(even(30)))) watch.pushWindow({ ...window, isContact: false });
    watch.endStretch();
    expect(watch.summary().intervals).to.equal(0);
  });

  it('notices nothing in a steady rhythm of any rate, however a person breathes', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 38, max: 190, noNaN: true }),
        fc.double({ min: 0, max: 0.1, noNaN: true }),
        fc.double({ min: 3, max: 6, noNaN: true }),
        fc.integer(),
        (bpm, swing, breathSeconds, seed) => {
          const { normal } = noiseFrom(seed);
          let at = 0;
          const beats = repeated(60, () => {
            const breath = swing * Math.sin((2 * Math.PI * at) / breathSeconds);
            const seconds = (60 / bpm) * (1 + breath + 0.01 * Math.max(-3, Math.min(3, normal())));
            at += seconds;
            return { seconds };
          });
          expect(watched(beats).notices).to.deep.equal([]);
        },
      ),
    );
  });

  it('tells the same of sounds that come in other windows', () => {
    const { normal } = noiseFrom(9);
    const sounds = heardBeats(
      repeated(60, (i) => ({ seconds: i % 13 === 9 ? 2.1 : 0.8 * (1 + 0.02 * normal()) })),
    );
    const windows = windowsOf(sounds);
    const { notices: batch } = (() => {
      const watch = new RhythmWatch();
      return { notices: [...windows.flatMap((window) => watch.pushWindow(window)), ...watch.endStretch()] };
    })();
    expect(batch).to.have.length.above(2);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 5, maxLength: 20 }), (delays) => {
        // A sound may be settled some windows later than usual.
        const watch = new RhythmWatch();
        let held: (typeof sounds)[number][] = [];
        const notices = windows.flatMap((window, i) => {
          held = [...held, ...window.sounds];
          const isHeld = delays[i % delays.length] === 0 && i % 2 === 1;
          const given = isHeld ? [] : held;
          if (!isHeld) held = [];
          return watch.pushWindow({ ...window, sounds: given });
        });
        expect([...notices, ...watch.endStretch()]).to.deep.equal(batch);
      }),
    );
  });

  it('holds no more than it must', () => {
    const watch = new RhythmWatch();
    const sizes = windowsOf(heardBeats(even(600))).map((window) => {
      watch.pushWindow(window);
      return JSON.stringify(watch).length;
    });
    expect(Math.max(...sizes.slice(200))).to.be.below(1.2 * Math.max(...sizes.slice(100, 200)));
  });
});
