import { expect } from 'chai';
import { checkSoundCards } from '../../src/present/check-sound-cards.js';
import { soundCard } from '../support/stand-in-sound-card.js';

const check = (card: Partial<typeof soundCard>, mixer: Parameters<typeof checkSoundCards>[0] = {}) =>
  checkSoundCards({
    listCards: () => [{ ...soundCard, ...card }],
    controls: () => Promise.resolve([{ name: 'Mic', isMuted: false, gainPercent: 60 }]),
    recorder: () => ({ name: 'arecord' }),
    ...mixer,
  });

describe('checkSoundCards', () => {
  it('finds nothing wrong with a card that can be heard', async () => {
    const { findings, troubles } = await check({});
    expect(troubles).to.deep.equal([]);
    expect(findings.join()).to.match(/C-Media.*arecord/);
  });

  for (const [what, card, parts, message] of [
    ['no permission', { isPermitted: false }, {}, /group audio/],
    ['a card in use', { usedBy: 77 }, {}, /in use by process 77/],
    ['no rate that serves', { ratesHz: [384_000] }, {}, /384000 Hz, and the rate must be/],
    ['no recorder', {}, { recorder: () => undefined }, /sudo apt install alsa-utils/],
    [
      'a muted card',
      {},
      { controls: () => Promise.resolve([{ name: 'Mic', isMuted: true, gainPercent: 60 }]) },
      /muted \(Mic\): amixer -c 1 sset 'Mic' cap/,
    ],
    [
      'no gain',
      {},
      { controls: () => Promise.resolve([{ name: 'Mic', isMuted: false, gainPercent: 0 }]) },
      /no gain \(Mic\)/,
    ],
  ] as const) {
    it(`says what to do about ${what}`, async () => {
      const { troubles } = await check(card, parts);
      expect(troubles).to.have.length(1);
      expect(troubles[0]).to.match(message);
    });
  }
});
