import { expect } from 'chai';
import { loadRecording } from '../../src/present/load-recording.js';
import { endOf, eventsOf, HEART_FILE, HEART_RATE_HZ, LiveBench, storyOf } from '../support/live-bench.js';
import { finalOf, runLubdub, RunningLubdub } from '../support/run-lubdub.js';

describe('lubdub live, to the sample', function () {
  const bench = LiveBench.forSuite();

  for (const wire of ['ascii', 's16le'] as const) {
    it(`gives the windows of classify over the plain wire ${wire}`, async () => {
      const recording = await loadRecording(HEART_FILE);
      const seconds = recording.samples.length / HEART_RATE_HZ;
      bench.plugIn({ wire, recording, speed: 'max', loop: true });
      const [plain, classified] = await Promise.all([
        endOf(
          bench.start(
            '--wire',
            wire,
            '--rate',
            String(HEART_RATE_HZ),
            '--unpaced',
            '--seconds',
            String(seconds),
          ),
        ),
        runLubdub(['classify', '--json', HEART_FILE]),
      ]);
      expect(storyOf(plain)).to.deep.equal(['device found', 'final', 'exit 0']);
      expect(eventsOf(plain, 'window'))
        .to.deep.equal(eventsOf(classified, 'window'))
        .and.have.length.above(10);
      expect({ ...finalOf(plain), file: HEART_FILE }).to.deep.equal(finalOf(classified));
    });
  }

  it('ends with what it heard where a board on a plain wire hangs up: nothing there says that it has no more', async () => {
    bench.plugIn({ wire: 's16le', recording: bench.heard(1), speed: 'max' });
    const run = await endOf(
      bench.start('--wire', 's16le', '--rate', String(HEART_RATE_HZ), '--give-up-after', '0'),
    );
    expect(storyOf(run)).to.deep.equal([
      'device found',
      'lost unplugged',
      'final',
      'error LUBDUB_DEVICE_LOST',
      'exit 3',
    ]);
  });

  it('comes from a stethoscope that another process simulates', async () => {
    const simulator = new RunningLubdub(['simulate', HEART_FILE, '--speed', 'max', '--json']);
    bench.afterwards(() => simulator.kill('SIGKILL'));
    const { path } = await simulator.until('device');
    const live = new RunningLubdub(['live', '--port', path, '--json', '--no-page']);
    const [run, classified] = await Promise.all([endOf(live), runLubdub(['classify', '--json', HEART_FILE])]);
    simulator.kill('SIGTERM');
    expect((await simulator.finished).exitCode).to.equal(0);
    expect({ ...finalOf(run), file: HEART_FILE }).to.deep.equal(finalOf(classified));
  });

  it('ends on time, to the sample, whatever the packets', async () => {
    bench.plugIn();
    const run = await endOf(bench.start('--seconds', '1.0125'));
    expect(finalOf(run)).to.include({ durationSeconds: 1.0125, lostSamples: 0 });
  });
});
