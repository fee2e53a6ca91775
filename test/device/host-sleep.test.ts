import { expect } from 'chai';
import { HostSleep } from '../../src/device/host-sleep.js';

describe('HostSleep', () => {
  it('takes looks that follow one another for a host that is awake', () => {
    const sleep = new HostSleep(1000);
    expect([1100, 1200, 1699].map((nowMs) => sleep.look(nowMs))).to.deep.equal([0, 0, 0]);
  });

  it('tells how long the host slept, once', () => {
    const sleep = new HostSleep(1000);
    expect([9000, 9100].map((nowMs) => sleep.look(nowMs))).to.deep.equal([8000, 0]);
  });

  it('counts all before the first look where nothing is known of it', () => {
    expect(new HostSleep().look(5)).to.equal(Infinity);
  });
});
