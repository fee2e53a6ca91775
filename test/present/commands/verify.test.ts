import { createHash } from 'node:crypto';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { ProgramEvent } from '../../../src/present/program-events.js';
import { SessionStudio } from '../../report/screened-sessions.js';
import { runLubdub, type Finished } from '../../support/run-lubdub.js';
import { inFolder } from '../../support/sessions.js';

const outcomesOf = ({ events }: Finished) =>
  events
    .filter(
      (event): event is Extract<ProgramEvent, { kind: 'verification' }> => event.kind === 'verification',
    )
    .map(({ outcome }) => outcome);

/** A folder's contract of a model that computes the same and is yet another one, byte for byte. */
async function copyOtherModel(folder: string): Promise<string> {
  const contract = JSON.parse(await readFile('models/heart-sound.json', 'utf8')) as { sha256: string };
  const bytes = Buffer.concat([await readFile('models/heart-sound.tflite'), Buffer.alloc(16)]);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  await writeFile(join(folder, 'heart-sound.tflite'), bytes);
  await writeFile(join(folder, 'other.json'), JSON.stringify({ ...contract, sha256 }));
  return join(folder, 'other.json');
}

describe('lubdub verify', function () {
  let studio: SessionStudio;
  before(async () => (studio = await SessionStudio.open()));
  after(() => studio.close());

  it('ends with 0 where the same comes out of every session', () =>
    inFolder(async (root) => {
      const sessions = [
        await studio.record(root, { recording: 'b0416', gaps: [{ atSample: 8000, lostSamples: 500 }] }),
        await studio.record(root, { recording: 'd0007', minute: 1 }),
      ];
      const run = await runLubdub(['verify', '--json', ...sessions]);
      expect(run.exitCode, run.stdout + run.stderr).to.equal(0);
      expect(outcomesOf(run)).to.deep.equal(['same', 'same']);
    }));

  it('ends with 5 where a byte was changed or something else comes out, and looks at the other sessions too', () =>
    inFolder(async (root) => {
      const same = await studio.record(root, { recording: 'b0416' });
      const different = await studio.record(root, { recording: 'b0416', as: 'unusable', minute: 1 });
      const damaged = await studio.record(root, { recording: 'b0416', minute: 2 });
      await appendFile(join(damaged, 'events.ndjson'), '\n');
      const [one, other] = await Promise.all([
        runLubdub(['verify', '--json', different, same]),
        runLubdub(['verify', '--json', damaged, same]),
      ]);
      expect(outcomesOf(one)).to.deep.equal(['different', 'same']);
      expect(outcomesOf(other)).to.deep.equal(['damaged', 'same']);
      expect([one.exitCode, other.exitCode]).to.deep.equal([5, 5]);
    }));

  it('ends with 4 where the session was screened by another model, and names both', () =>
    inFolder(async (root) => {
      const session = await studio.record(root, { recording: 'b0416' });
      const model = await copyOtherModel(root);
      const run = await runLubdub(['verify', '--json', '--model', model, session]);
      expect(run.exitCode).to.equal(4);
      expect(outcomesOf(run)).to.deep.equal([]);
      const error = run.events.find((event) => event.kind === 'error');
      expect(error).to.include({ code: 'LUBDUB_MODEL' });
      expect(error!.message).to.match(/[0-9a-f]{64}, but .*other\.json is [0-9a-f]{64}.*--model/);
    }));
});
