import { expect } from 'chai';
import fc from 'fast-check';
import { gapLabels } from '../../src/page/browser/gap-labels.js';
import { noticeOf } from '../../src/page/browser/notice.js';
import { signalAdvice, type Present } from '../../src/page/browser/signal-advice.js';
import { subjectAdvice } from '../../src/page/browser/subject-advice.js';
import type { GapView, LiveView } from '../../src/page/page-messages.js';
import { LiveState } from '../../src/page/server/live-state.js';
import type { WindowEvent } from '../../src/screen/result-events.js';
import { SUBJECT } from '../../src/verdict/subject.js';

const present: Present = { heardSeconds: 10, silentMs: 0, isConnected: true };
const window = (startSeconds: number, change: Partial<WindowEvent> = {}): WindowEvent => ({
  kind: 'window',
  index: startSeconds,
  startSeconds,
  endSeconds: startSeconds + 3,
  probability: 0.2,
  logit: null,
  quality: 0.9,
  usable: true,
  heartRateBpm: 72,
  reasons: [],
  dropped: null,
  ...change,
});
const gap = (fromSeconds: number, seconds = 0.02): GapView => ({
  fromSeconds,
  toSeconds: fromSeconds + seconds,
  lostSamples: Math.round(2000 * seconds),
  cause: 'lost',
});

/** A recording under way. */
function recording(change: Partial<LiveView> = {}): LiveView {
  return {
    ...new LiveState().view,
    status: { state: 'recording', site: 'mitral', subject: null, session: null },
    connection: { state: 'connected', message: null },
    examination: null,
    windows: [5, 6, 7].map((start) => window(start)),
    ...change,
  };
}

describe('signalAdvice', () => {
  const word = (change: Partial<LiveView>, at: Partial<Present> = {}) =>
    signalAdvice(recording(change), { ...present, ...at }).word;

  it('calls a signal good only while windows of it count', () => {
    expect(word({})).to.equal('Good signal');
    expect(word({ gaps: [gap(4)] })).to.equal('Good signal');
    // The last window ended at 10 s; gaps follow each other, so that no further one is whole.
    const gaps = [10.3, 10.9, 11.6, 12.2].map((at) => gap(at));
    expect(word({ gaps }, { heardSeconds: 12.5 })).to.equal('Losing data');
    expect(word({ gaps, windows: [] }, { heardSeconds: 12.5 })).to.equal('Losing data');
    expect(word({ connection: { state: 'lost', message: 'gone' } })).to.equal('No connection');
    expect(word({ contact: false })).to.equal('No contact');
    expect(word({}, { silentMs: 4000 })).to.equal('No data');
    expect(word({}, { isConnected: false })).to.equal('No connection');
  });

  it('marks figures as old in each of these, and in no other state', () => {
    const isOld = (change: Partial<LiveView>, at: Partial<Present> = {}) =>
      signalAdvice(recording(change), { ...present, ...at }).isOld === true;
    expect(isOld({ gaps: [gap(11)] }, { heardSeconds: 13 })).to.equal(true);
    expect(isOld({ contact: false })).to.equal(true);
    expect(isOld({})).to.equal(false);
    expect(isOld({ windows: [window(7, { usable: false, reasons: ['noisy'] })] })).to.equal(false);
  });

  it('is content with a single gap once a whole window came after it', () => {
    const windows = [window(5), window(11)];
    expect(word({ windows, gaps: [gap(10.5)] }, { heardSeconds: 14.8 })).to.equal('Good signal');
  });

  it('is never green for any train of gaps behind the last window, from two seconds on', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.05, max: 2, noNaN: true }), { minLength: 1, maxLength: 30 }),
        fc.double({ min: 0.01, max: 0.5, noNaN: true }),
        (steps, seconds) => {
          let at = 10;
          const gaps = steps.map((step) => gap((at += step), seconds));
          const heardSeconds = Math.max(12.01, gaps.at(-1)!.toSeconds);
          const { level } = signalAdvice(recording({ gaps }), { ...present, heardSeconds });
          expect(level).to.equal('poor');
        },
      ),
    );
  });
});

describe('noticeOf', () => {
  it('has one short line for a lost stethoscope, and path and command behind it', () => {
    const message =
      '/dev/ttyACM0 is gone; plug it in again, or name another with --port.\n`lubdub ports` lists them.';
    const notice = noticeOf(recording({ connection: { state: 'lost', message } }), 0, null);
    expect(notice.short).not.to.match(/\/dev|--|`/);
    expect(notice).to.deep.include({ details: message, isPoor: true });
  });

  it('loses nothing of a long text, and has nothing to add to a short one', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 400 }), (text) => {
        const { short, details } = noticeOf(recording({ error: text }), 0, null);
        expect(short.length).to.be.at.most(131);
        expect(details ?? short).to.equal(text);
      }),
    );
  });
});

describe('subjectAdvice', () => {
  it('takes exactly what the sessions take', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ minLength: 1 }), fc.stringMatching(/^[\w-]{1,34}$/)), (typed) => {
        const { isCode, sentence } = subjectAdvice(typed);
        expect(isCode).to.equal(SUBJECT.test(typed));
        if (!isCode) expect(sentence).to.be.a('string');
      }),
    );
  });

  it('knows a name when it sees one, and repeats none', () => {
    for (const name of ['Jane Doe', 'Schmidt', 'Müller', "O'Neil, Mary", 'van der Berg', 'José']) {
      const { sentence } = subjectAdvice(name);
      expect(sentence, name).to.match(/name/);
      expect(sentence).not.to.include(name);
    }
    for (const code of ['S-017', 'P017', 'ward_3', 'A', '12345', 'XK']) {
      expect(subjectAdvice(code), code).to.deep.equal({ isCode: true, sentence: null });
    }
    expect(subjectAdvice('S 017').sentence).to.include('no spaces');
  });
});

describe('gapLabels', () => {
  it('never puts one over the other, and counts every lost sample that is to be seen', () => {
    const widthOf = (text: string) => 7 * text.length;
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 900 }), { maxLength: 60 }), (steps) => {
        let at = 0;
        const gaps = steps.map((step) => gap((at += step / 100)));
        const x = (seconds: number) => 50 * seconds;
        const labels = gapLabels(gaps, x, 500, widthOf);
        labels.slice(1).forEach((label, i) => {
          expect(label.at).to.be.at.least(labels[i].at + widthOf(labels[i].text));
        });
        const lost = labels.reduce((sum, { text }) => sum + Number(text.replace('lost ', '')), 0);
        const seen = gaps.filter(({ fromSeconds }) => x(fromSeconds) <= 500);
        expect(lost).to.equal(seen.reduce((sum, { lostSamples }) => sum + lostSamples, 0));
      }),
    );
  });
});
