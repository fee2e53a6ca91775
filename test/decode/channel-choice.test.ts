import { expect } from 'chai';
import fc from 'fast-check';
import { ChannelChoice } from '../../src/decode/channel-choice.js';

const RATE_HZ = 1000;
const SECONDS = 10;

type Signal = (i: number) => number;

/** Uniform in ±1, the same at every call. */
const noise: Signal = (i) => {
  const x = Math.sin(i * 12.9898) * 43758.5453;
  return 2 * (x - Math.floor(x)) - 1;
};
/** Two short bursts a second on a faint ground. */
const heart: Signal = (i) => {
  const phase = (i % 800) / 800;
  const burst = phase < 0.1 || (phase > 0.35 && phase < 0.43);
  return 0.3 * (burst ? Math.sin(0.3 * i) : 0) + 0.003 * noise(i);
};
const times =
  (factor: number, signal: Signal): Signal =>
  (i) =>
    factor * signal(i);

function choose(...signals: Signal[]) {
  const choice = new ChannelChoice(signals.length, RATE_HZ);
  choice.push(signals.map((signal) => Float64Array.from({ length: SECONDS * RATE_HZ }, (_, i) => signal(i))));
  return choice.decide();
}

describe('ChannelChoice', () => {
  it('takes the first of channels that are all alive, also where another is louder', () => {
    expect(choose(heart, heart)).to.deep.equal({ index: 0, passedOver: [] });
    expect(choose(heart, times(3, heart)).index).to.equal(0);
    expect(choose(times(0.1, heart), heart).index).to.equal(0);
    expect(choose(heart, times(0.001, noise)).index).to.equal(0);
  });

  const dead: [what: string, signal: Signal][] = [
    ['flat', () => 0],
    ['flat', () => -0.7],
    ['silent', times(1e-4, noise)],
    ['silent', (i) => 0.5 + 1e-4 * noise(i)],
    // An outlier where a second begins is no offset of that second.
    ['silent', (i) => (i % RATE_HZ === 0 ? 0.05 : 1e-4 * noise(i))],
    ['clipped', (i) => Math.min(0.9, Math.max(-0.9, 20 * noise(i)))],
    ['unusable', (i) => (i === 5000 ? NaN : heart(i))],
    ['unusable', (i) => (i === 0 ? Infinity : heart(i))],
  ];
  for (const [state, signal] of dead) {
    it(`passes over a channel that is ${state} (such as ${signal(7).toFixed(4)}…)`, () => {
      expect(choose(signal, heart)).to.deep.equal({ index: 1, passedOver: [state] });
      expect(choose(heart, signal)).to.deep.equal({ index: 0, passedOver: [] });
      expect(choose(signal, signal, heart, heart)).to.deep.equal({ index: 2, passedOver: [state, state] });
    });
  }

  it('takes a clipped channel rather than a silent one, a silent one rather than a flat one', () => {
    const [clipped, silent, flat] = [dead[5][1], dead[2][1], dead[0][1]];
    expect(choose(flat, silent, clipped).index).to.equal(2);
    expect(choose(flat, silent).index).to.equal(1);
    expect(choose(flat, flat)).to.deep.equal({ index: 0, passedOver: [] });
  });

  it('takes no knock on an open input for a heart', () => {
    const knocked: Signal = (i) => (i >= 3000 && i < 4500 ? noise(i) : 1e-4 * noise(i));
    expect(choose(heart, knocked).index).to.equal(0);
    expect(choose(knocked, heart)).to.deep.equal({ index: 1, passedOver: ['silent'] });
  });

  it('takes a quiet heart rather than a clipped channel', () => {
    expect(choose(dead[5][1], times(0.05, heart)).index).to.equal(1);
  });

  it('chooses the same whatever the blocks', () => {
    const signals = [dead[2][1], heart];
    const whole = signals.map((signal) => Float64Array.from({ length: 4321 }, (_, i) => signal(i)));
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 5 }), (sizes) => {
        const choice = new ChannelChoice(2, RATE_HZ);
        for (let at = 0, i = 0; at < 4321; i++) {
          const size = sizes[i % sizes.length];
          choice.push(whole.map((channel) => channel.subarray(at, at + size)));
          at += size;
        }
        expect(choice.decide()).to.deep.equal({ index: 1, passedOver: ['silent'] });
      }),
    );
  });

  it('chooses from less than a second too', () => {
    for (const count of [1, 2, 40]) {
      const choice = new ChannelChoice(2, RATE_HZ);
      choice.push([new Float64Array(count), Float64Array.from({ length: count }, (_, i) => heart(i))]);
      expect(choice.decide().index).to.equal(count === 1 ? 0 : 1);
    }
  });
});
