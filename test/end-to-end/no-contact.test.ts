import { expect } from 'chai';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WindowEvent } from '../../src/screen/result-events.js';
import { runLubdub } from '../support/run-lubdub.js';

describe('a stethoscope that is taken off the skin', function () {
  it('has no window of that time counted, however good it sounds; stored, the same comes out again', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lubdub-contact-'));
    try {
      const faults = join(folder, 'faults.json');
      const lifted = [
        { kind: 'contact', atSeconds: 8, value: false },
        { kind: 'contact', atSeconds: 14, value: true },
      ];
      await writeFile(faults, JSON.stringify({ faults: lifted }));
      const out = join(folder, 'out');
      const words = [
        'replay',
        'test/recordings/e00089.wav',
        '--speed',
        'max',
        '--no-page',
        '--json',
        '--exit',
      ];
      const { events, exitCode } = await runLubdub([...words, '--faults', faults, '--out', out]);
      expect(exitCode).to.equal(0);
      const windows = events.filter((event): event is WindowEvent => event.kind === 'window');
      const without = windows.filter(({ reasons }) => reasons.includes('no-contact'));
      expect(without.every(({ usable }) => !usable)).to.equal(true);
      // Whatever lies within is among them; the device says so about once a second.
      const within = windows.filter(({ startSeconds, endSeconds }) => startSeconds >= 9 && endSeconds <= 13);
      expect(within.length).to.be.greaterThan(0);
      expect(without).to.include.members(within);
      expect(
        windows
          .filter(({ endSeconds, startSeconds }) => endSeconds < 8 || startSeconds > 15.5)
          .every(({ usable }) => usable),
      ).to.equal(true);
      const final = events.find((event) => event.kind === 'final')!;
      // Of 25 seconds, the six are not heard.
      expect(final.usableSeconds).to.be.within(17, 20);

      const [session] = await readdir(out);
      const verified = await runLubdub(['verify', join(out, session), '--json']);
      expect(verified.events[0]).to.include({ kind: 'verification', outcome: 'same' });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
