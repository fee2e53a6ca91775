import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Sampled } from '../../src/decode/samples.js';
import { openSession } from '../../src/record/stored-session.js';
import { writeWfdbHeaders } from '../../src/record/wfdb-header.js';
import { chunk, gap, inFolder, newRecorder } from '../support/sessions.js';

/** Where the project's Python tools live; LUBDUB_PYTHON names another interpreter. */
const python = process.env.LUBDUB_PYTHON ?? resolve('tools/.venv/bin/python');

const READ = `
import json, sys, numpy as np, wfdb
record = wfdb.rdrecord(sys.argv[1])
signal = record.p_signal[:, 0]
integers = [None if np.isnan(x) else float(x) for x in signal]
print(json.dumps({"rate": record.fs, "units": record.units, "name": record.sig_name, "comments": record.comments,
  "began": str(record.base_date) + " " + str(record.base_time), "samples": integers}))
`;

interface WfdbRecord {
  rate: number;
  units: string[];
  name: string[];
  comments: string[];
  began: string;
  samples: (number | null)[];
}

function hasWfdb(): boolean {
  if (!existsSync(python)) return false;
  try {
    execFileSync(python, ['-c', 'import wfdb'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

async function recordSession(folder: string, stream: readonly Sampled[], bitsPerSample: number, more = {}) {
  const recorder = newRecorder(folder, { format: { sampleRateHz: 4000, bitsPerSample }, ...more });
  for (const value of stream) recorder.push(value);
  return openSession((await recorder.finish(null)).directory!);
}

describe('WFDB headers', () => {
  it('describe the WAV file as it lies there', () =>
    inFolder(async (folder) => {
      const session = await recordSession(folder, [chunk(0, 100)], 16, { subject: 'S-1' });
      expect(await writeWfdbHeaders(session)).to.deep.equal(['recording.hea']);
      expect(await readFile(join(session.directory, 'recording.hea'), 'utf8')).to.equal(
        'recording 1 4000 100 05:06:07 04/03/2026\n' +
          'recording.wav 16+44 32768/FS 16 0 -20423 -2162 0 PCG\n' +
          '# screening aid for research, not a diagnosis\n' +
          '# subject code: S-1\n' +
          '# recorded with lubdub 0.0.0-test, not filtered, times are UTC\n',
      );
    }));

  it('are refused for a session without samples, and for a torn one', () =>
    inFolder(async (folder) => {
      const empty = await recordSession(folder, [], 16);
      let message = '';
      await writeWfdbHeaders(empty).catch((error: Error) => (message = error.message));
      expect(message).to.match(/has no samples/);
    }));

  describe('read by the WFDB Python package', function () {
    before(function () {
      if (hasWfdb()) return;
      if (process.env.LUBDUB_REQUIRE_ALL) throw new Error(`${python} has no package wfdb`);
      console.warn(
        `SKIPPED: ${python} has no package wfdb (tools: pip install wfdb); its reading is not tested`,
      );
      this.skip();
    });

    for (const bits of [16, 24]) {
      it(`give the same samples, ${bits} bits, missing where they are lost, over several files`, () =>
        inFolder(async (folder) => {
          const scale = 2 ** (bits - 1);
          // -32768 of 16 bits stands for a missing sample in WFDB, and does not come up in these.
          const first = chunk(0, 300, scale);
          const second = chunk(350, 120, scale);
          const third = chunk(470, 130, scale);
          const stream = [first, gap(300, 50), second, gap(470, 0, 'restart'), third];
          for (const samplesPerFile of [1000, 200]) {
            const session = await recordSession(folder, stream, bits, { samplesPerFile });
            await writeWfdbHeaders(session);
            const text = execFileSync(python, ['-c', READ, join(session.directory, 'recording')], {
              encoding: 'utf8',
            });
            const record = JSON.parse(text) as WfdbRecord;
            expect(record).to.deep.include({
              rate: 4000,
              units: ['FS'],
              name: ['PCG'],
              began: '2026-03-04 05:06:07',
            });
            expect(record.comments).to.include('screening aid for research, not a diagnosis');
            const missing = Array.from({ length: 50 }, () => null);
            expect(record.samples).to.deep.equal([
              ...first.samples,
              ...missing,
              ...second.samples,
              ...third.samples,
            ]);
          }
        }));
    }
  });
});
