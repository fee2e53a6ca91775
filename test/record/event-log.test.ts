import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeDiskFault } from '../../src/record/disk-fault.js';
import { EventLog, toLine } from '../../src/record/event-log.js';
import { diskFileSystem } from '../../src/record/session-file-system.js';
import { MAX_EVENT_BYTES, MAX_EVENT_LINES } from '../../src/record/session-layout.js';
import { inFolder } from '../support/sessions.js';

describe('EventLog', () => {
  it('takes no line beyond what may be read again, and says what to do', () =>
    inFolder(async (folder) => {
      const path = join(folder, 'events.ndjson');
      const log = new EventLog(await diskFileSystem.createFile(path), 40);
      const line = toLine({ kind: 'gap' });
      await log.append(Buffer.from(line + line));
      const refused: unknown = await log.append(Buffer.from(line)).then(
        () => undefined,
        (error: unknown) => error,
      );
      expect(describeDiskFault(refused)).to.match(/end this recording and begin another/);
      await log.close();
      expect(await readFile(path, 'utf8')).to.equal(line + line);
    }));

  it('cannot write a file that has more lines than may be read again', () => {
    // What a gap takes: the shortest lines that come without end.
    const gap = { atSample: 0, lostSamples: 0, cause: 'lost' };
    const lines =
      toLine({ kind: 'recorder', storedSamples: 0, what: 'gap', ...gap }) + toLine({ kind: 'gap', ...gap });
    expect((2 * MAX_EVENT_BYTES) / lines.length).to.be.below(MAX_EVENT_LINES);
  });
});
