import { expect } from 'chai';
import fc from 'fast-check';
import { SkinContact } from '../../src/window/skin-contact.js';
import type { HeartSoundWindow } from '../../src/window/window.js';

function windowAt(startSeconds: number): HeartSoundWindow {
  const quality = { sqi: 0.9, usable: true, reasons: [], likeness: 1 };
  return {
    kind: 'window',
    index: 0,
    startSeconds,
    endSeconds: startSeconds + 3,
    features: undefined,
    quality,
    heartRate: null,
  } as unknown as HeartSoundWindow;
}

const isCounted = (contact: SkinContact, startSeconds: number) =>
  contact.judge(windowAt(startSeconds)).quality.usable;

describe('SkinContact', () => {
  it('takes windows that reach into a time without contact out, and says why', () => {
    const contact = new SkinContact();
    contact.push(1, true);
    contact.push(10, false);
    contact.push(11, false);
    contact.push(12, true);
    const counted = [5, 6, 7, 8, 9, 10, 11, 12, 13].filter((start) => isCounted(contact, start));
    expect(counted).to.deep.equal([5, 6, 7, 12, 13]);
    contact.push(20, false);
    const { quality } = contact.judge(windowAt(18));
    expect(quality).to.deep.equal({ sqi: 0.9, usable: false, reasons: ['no-contact'] });
  });

  it('leaves a window of which nothing was said as it is', () => {
    const window = windowAt(3);
    const contact = new SkinContact();
    contact.push(1, null);
    contact.push(2, true);
    expect(contact.judge(window)).to.equal(window);
  });

  it('believes the last word of a device that fell silent for five seconds', () => {
    const contact = new SkinContact();
    contact.push(10, false);
    expect([9, 12, 14].map((start) => isCounted(contact, start))).to.deep.equal([false, false, false]);
    expect(isCounted(contact, 15)).to.equal(true);
  });

  it('judges a window the same whether what comes later is known yet or not, as when a session is screened again', () => {
    const word = fc.constantFrom(true, false, null);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.double({ min: 0.2, max: 4, noNaN: true }), word), { maxLength: 40 }),
        (steps) => {
          const words: { at: number; contact: boolean | null }[] = [];
          let at = 0;
          for (const [pause, contact] of steps) words.push({ at: (at += pause), contact });
          const later = new SkinContact();
          for (const { at: when, contact } of words) later.push(when, contact);
          const live = new SkinContact();
          let told = 0;
          for (let start = 0; start < at + 8; start++) {
            while (told < words.length && words[told].at < start + 3)
              live.push(words[told].at, words[told++].contact);
            expect(isCounted(live, start), `from ${start} s`).to.equal(isCounted(later, start));
          }
        },
      ),
    );
  });
});
