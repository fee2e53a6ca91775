import { mkdtempSync, rmSync, symlinkSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { watchPorts } from '../../src/acquire/watch-ports.js';
import { until } from '../support/until.js';

const settled = () => new Promise((resolve) => setTimeout(resolve, 30));

describe('watchPorts', () => {
  it('tells of every change of what is there, and of nothing else', async () => {
    let there = 'a';
    let changes = 0;
    const watching = watchPorts('auto', { intervalMs: 2, look: () => there }).subscribe(() => changes++);
    await settled();
    expect(changes).to.equal(0);
    there = 'a,b';
    await until(() => changes === 1, 'the change');
    await settled();
    expect(changes).to.equal(1);
    watching.unsubscribe();
    there = '';
    await settled();
    expect(changes).to.equal(1);
  });

  it('sees a named port come, go, and lead elsewhere', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'lubdub-watch-'));
    const port = join(directory, 'port');
    let changes = 0;
    const watching = watchPorts(port, { intervalMs: 2 }).subscribe(() => changes++);
    try {
      symlinkSync('/dev/null', port);
      await until(() => changes === 1, 'that it came');
      unlinkSync(port);
      symlinkSync('/dev/zero', port);
      await until(() => changes >= 2, 'that it leads elsewhere');
      const before = changes;
      unlinkSync(port);
      await until(() => changes > before, 'that it went');
    } finally {
      watching.unsubscribe();
      rmSync(directory, { recursive: true });
    }
  });

  it('looks at the ports of this machine without a fault', async () => {
    let failed: unknown;
    const watching = watchPorts('auto', { intervalMs: 2 }).subscribe({
      error: (error: unknown) => (failed = error),
    });
    await settled();
    watching.unsubscribe();
    expect(failed).to.equal(undefined);
  });
});
