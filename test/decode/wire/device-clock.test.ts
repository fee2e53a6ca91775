import { expect } from 'chai';
import { DeviceClock } from '../../../src/decode/wire/device-clock.js';

describe('DeviceClock', () => {
  it('counts from its first reading, over any number of wraps', () => {
    const clock = new DeviceClock();
    expect(clock.push(4_000_000_000)).to.equal(0);
    let expected = 0;
    for (let i = 1; i < 10; i += 1) {
      expected += 3_000_000_000;
      expect(clock.push((4_000_000_000 + expected) % 2 ** 32)).to.equal(expected);
    }
  });

  it('tells the time since the last reading without taking a new one', () => {
    const clock = new DeviceClock();
    expect(clock.since(7)).to.equal(null);
    clock.push(2 ** 32 - 10);
    expect(clock.since(5)).to.equal(15);
    expect(clock.push(6)).to.equal(16);
  });

  it('is as new after reset', () => {
    const clock = new DeviceClock();
    clock.push(100);
    clock.reset();
    expect(clock.push(500)).to.equal(0);
  });
});
