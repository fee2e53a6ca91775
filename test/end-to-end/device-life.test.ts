import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { endOf, eventsOf, HEART_RATE_HZ, LiveBench, storyOf } from '../support/live-bench.js';
import { until } from '../support/until.js';
import { RogueDevice } from '../support/rogue-device.js';
import { finalOf } from '../support/run-lubdub.js';

describe('lubdub live, through the life of a device', function () {
  const bench = LiveBench.forSuite();

  it('makes one recording of a device that is unplugged and comes back, with a gap for the time that it was away', async () => {
    const device = bench.plugIn({
      faults: { faults: [{ kind: 'unplug', atSeconds: 3.5, forSeconds: 0.5 }] },
    });
    const run = await endOf(bench.start());
    expect(storyOf(run)).to.deep.equal([
      'device found',
      'lost unplugged',
      'device returned',
      'gap reconnect',
      'final',
      'exit 0',
    ]);
    const [gap] = eventsOf(run, 'gap');
    expect(gap.atSample).to.equal(3.5 * HEART_RATE_HZ);
    const [, again] = device.events.filter((event) => event.kind === 'started');
    // The host can only go by its clock, and a busy one hears of the return late or of the loss: how long exactly is
    // the matter of tests with a made-up clock.
    expect(gap.lostSamples).to.be.above(0);
    const received = (7 * HEART_RATE_HZ - again.atSample + gap.atSample) / HEART_RATE_HZ;
    const final = finalOf(run);
    expect(final.lostSamples).to.equal(gap.lostSamples);
    expect(final.durationSeconds).to.be.closeTo(received + gap.lostSamples / HEART_RATE_HZ, 1e-9);
    const [from, to] = [gap.atSample / HEART_RATE_HZ, (gap.atSample + gap.lostSamples) / HEART_RATE_HZ];
    for (const { startSeconds, endSeconds } of eventsOf(run, 'window')) {
      expect(endSeconds <= from || startSeconds >= to, `${startSeconds}–${endSeconds}`).to.equal(true);
    }
  });

  it('refuses another device in its place and waits for the right one', async () => {
    const right = bench.plugIn({ serialNumber: 'A-1' });
    const lubdub = bench.start();
    await lubdub.until('window');
    right.unplug();
    const other = bench.plugIn({ serialNumber: 'B-2' });
    await until(() => other.count('host') > 1, 'the other device to be asked');
    other.unplug();
    bench.plugIn({ serialNumber: 'A-1', recording: bench.heard(1) });
    const run = await endOf(lubdub);
    expect(storyOf(run)).to.deep.equal([
      'device found',
      'lost unplugged',
      'device returned',
      'gap reconnect',
      'final',
      'exit 0',
    ]);
    const refusals = eventsOf(run, 'search').flatMap(({ ports }) =>
      ports.filter(({ outcome }) => outcome === 'other-device'),
    );
    expect(refusals[0]).to.deep.include({ path: bench.link, serialNumber: 'B-2' });
    expect(refusals[0].message).to.match(/B-2 answers, but A-1 is waited for/);
    expect(other.count('started')).to.equal(0);
  });

  it('ends at one SIGTERM, with a result, whenever the device is lost beside it', async () => {
    // Before it, between the wish to stop and the device's answer, and after that.
    for (const lostAfterMs of [-5, 0, 1, 2, 4, 8]) {
      const device = bench.plugIn();
      const lubdub = bench.start();
      await until(() => device.count('started') > 0, 'the stream');
      const pull = () => device.unplug();
      if (lostAfterMs < 0) pull();
      else setTimeout(pull, lostAfterMs);
      if (lostAfterMs < 0) await new Promise((resolve) => setTimeout(resolve, -lostAfterMs));
      lubdub.kill('SIGTERM');
      const run = await endOf(lubdub);
      expect(eventsOf(run, 'final'), `lost after ${lostAfterMs} ms`).to.have.length(1);
      expect(run.exitCode, run.stderr).to.equal(0);
    }
  });

  it('gives up on a device that does not return, after the result on what came before', async () => {
    bench.plugIn({ faults: { faults: [{ kind: 'unplug', atSeconds: 3.2 }] } });
    const run = await endOf(bench.start('--give-up-after', '0.5'));
    expect(storyOf(run)).to.deep.equal([
      'device found',
      'lost unplugged',
      'final',
      'error LUBDUB_DEVICE_LOST',
      'exit 3',
    ]);
    expect(finalOf(run)).to.include({ durationSeconds: 3.2, lostSamples: 0, windows: 1 });
    expect(eventsOf(run, 'error')[0].message).to.match(/SIM-0001.*did not come back.*no such port/);
  });

  it('notices a device that falls silent without closing, and sees to the sample how much is missing', async () => {
    bench.plugIn({ faults: { faults: [{ kind: 'stall', atSeconds: 1, forSeconds: 4 }] } });
    const run = await endOf(bench.start());
    expect(storyOf(run).slice(0, 3)).to.deep.equal(['device found', 'lost silent', 'device returned']);
    // The device counted on, so its index tells how much is missing, together with what it sent before it was greeted.
    const lost = eventsOf(run, 'gap').reduce((sum, { lostSamples }) => sum + lostSamples, 0);
    expect(lost).to.be.within(4 * HEART_RATE_HZ, 5.5 * HEART_RATE_HZ);
    expect(finalOf(run)).to.include({ durationSeconds: 7, lostSamples: lost });
  });

  it('goes on with a device that starts anew while its port stays open', async () => {
    bench.plugIn({ recording: bench.heard(3), faults: { faults: [{ kind: 'restart', atSeconds: 1.5 }] } });
    const run = await endOf(bench.start());
    expect(storyOf(run)).to.deep.equal([
      'device found',
      'device restarted',
      'gap restart',
      'final',
      'exit 0',
    ]);
    expect(eventsOf(run, 'line')[0]).to.include({ restarts: 1 });
  });

  it('ends the recording where the device comes back with another rate', async () => {
    const device = bench.plugIn();
    const lubdub = bench.start();
    await lubdub.until('window');
    device.unplug();
    bench.plugIn({ recording: { ...bench.heart, sampleRateHz: 4000 } });
    const run = await endOf(lubdub);
    expect(storyOf(run)).to.deep.equal([
      'device found',
      'lost unplugged',
      'device returned',
      'final',
      'exit 0',
    ]);
    expect(eventsOf(run, 'notice')[0].message).to.match(/4000 Hz.*this recording ends here, start a new one/);
    expect(finalOf(run)).to.include({ sampleRateHz: HEART_RATE_HZ, lostSamples: 0 });
    expect(finalOf(run).durationSeconds).to.be.below(7);
  });

  it('takes a device whose battery was empty when it comes back', async () => {
    bench.plugIn({
      recording: bench.heard(2),
      faults: { faults: [{ kind: 'stop', atSeconds: 1, reason: 'battery' }] },
    });
    const run = await endOf(bench.start());
    expect(storyOf(run).slice(0, 3)).to.deep.equal(['device found', 'lost battery', 'device returned']);
    expect(storyOf(run).slice(-2)).to.deep.equal(['final', 'exit 0']);
  });

  it('leaves a device that floods garbage, and takes it again when it has come to its senses', async () => {
    const rogue = new RogueDevice(bench.link);
    bench.afterwards(() => rogue.unplug());
    const lubdub = bench.start();
    await lubdub.until('connection');
    rogue.unplug();
    bench.plugIn({ serialNumber: 'ROGUE', recording: bench.heard(0.5) });
    const run = await endOf(lubdub);
    expect(storyOf(run)).to.deep.equal([
      'device found',
      'lost garbage',
      'device returned',
      'gap reconnect',
      'final',
      'exit 0',
    ]);
    expect(eventsOf(run, 'line')[0].corruptBytes).to.be.above(10_000);
  });

  for (const sampleRateHz of [999, 999_983]) {
    it(`refuses a device that says it takes ${sampleRateHz} samples a second, and begins no session`, async () => {
      const rogue = new RogueDevice(bench.link, { sampleRateHz });
      bench.afterwards(() => rogue.unplug());
      const out = join(bench.directory, 'sessions');
      const run = await endOf(bench.start('--out', out));
      expect(storyOf(run)).to.deep.equal(['error LUBDUB_PROTOCOL', 'exit 3']);
      expect(eventsOf(run, 'error')[0].message).to.include(`1000..192000 Hz, got ${sampleRateHz}`);
      expect(existsSync(out) ? readdirSync(out) : []).to.deep.equal([]);
    });
  }
});
