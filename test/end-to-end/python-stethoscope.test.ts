import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { expect } from 'chai';
import { finalOf, runLubdub } from '../support/run-lubdub.js';
import { needPseudoTerminals } from '../support/pseudo-terminals.js';

const folder = 'firmware-protocol/python';
const FILE = 'test/recordings/e00089.wav';

/** The reader and writer in Python: its golden packets, and as a device that this host did not write. */
describe('the protocol in Python', function () {
  before(function () {
    if (spawnSync('python3', ['--version'], { stdio: 'ignore' }).status === 0) return;
    if (process.env.LUBDUB_REQUIRE_ALL !== undefined) throw new Error('python3 is missing');
    console.warn('      SKIPPED: the protocol in Python is not tried, as python3 is missing');
    this.skip();
  });

  it('reads and writes the golden packets', () => {
    const { status, stderr } = spawnSync('python3', [`${folder}/test_lubdub_protocol.py`], {
      encoding: 'utf8',
    });
    expect(status, stderr).to.equal(0);
    expect(stderr).to.match(/Ran \d+ tests[\s\S]*OK/);
  });

  describe('as a stethoscope at a pseudo-terminal', () => {
    let child: ChildProcess | undefined;
    before(needPseudoTerminals);
    afterEach(() => child?.kill());

    async function plugIn(...words: string[]): Promise<string> {
      const started = spawn('python3', [`${folder}/lubdub_protocol.py`, ...words, FILE], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      child = started;
      return new Promise((resolve) => createInterface({ input: started.stdout }).once('line', resolve));
    }

    it('gives the windows and the verdict of classify, and loses nothing, as fast as it can', async () => {
      const path = await plugIn('--max');
      const [live, classified] = await Promise.all([
        runLubdub(['live', '--port', path, '--json', '--no-page']),
        runLubdub(['classify', '--json', FILE]),
      ]);
      expect(live.exitCode, live.stderr + live.stdout).to.equal(0);
      const windows = (run: typeof live) => run.events.filter(({ kind }) => kind === 'window');
      expect(windows(live)).to.deep.equal(windows(classified)).and.have.length.above(10);
      expect({ ...finalOf(live), file: FILE }).to.deep.equal(finalOf(classified));
    });

    it('is found, streams by the clock, and stops when it is asked', async () => {
      const path = await plugIn('--serial', 'PY-7');
      const live = await runLubdub(['live', '--port', path, '--json', '--no-page', '--seconds', '4']);
      expect(live.exitCode, live.stderr).to.equal(0);
      expect(live.events.find(({ kind }) => kind === 'device')).to.deep.include({ serialNumber: 'PY-7' });
      expect(finalOf(live)).to.deep.include({ durationSeconds: 4, lostSamples: 0 });
    });
  });
});
