import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { RhythmEvent } from '../../src/screen/result-events.js';
import { bundledRhythm, writeRhythm, type MadeUpRhythm } from '../support/bundled-rhythms.js';
import type { RhythmKind } from '../support/made-up-rhythms.js';
import { needPseudoTerminals } from '../support/pseudo-terminals.js';
import { finalOf, runLubdub, type Finished } from '../support/run-lubdub.js';

/** Seconds that a notice may be off the planned beat. */
const NEAR_SECONDS = 0.15;

const noticesOf = ({ events }: Finished): RhythmEvent[] =>
  events.filter((event): event is RhythmEvent => event.kind === 'rhythm');
const withoutFile = (notices: readonly RhythmEvent[]) => notices.map((notice) => ({ ...notice, file: '' }));

describe('rhythm notices from the command line', function () {
  this.timeout(120_000);
  let folder: string;
  const made = new Map<string, MadeUpRhythm>();
  const fileOf = (record: string, kind: RhythmKind) => join(folder, `${record}-${kind}.wav`);

  before(needPseudoTerminals);
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lubdub-rhythm-'));
    for (const [record, kind] of [
      ['e00089', 'steady'],
      ['e00089', 'fibrillation'],
      ['e00089', 'pauses'],
      ['a0050', 'bigeminy'],
    ] as const) {
      const rhythm = await bundledRhythm(record, kind, 40, 3);
      made.set(`${record}-${kind}`, rhythm);
      await writeRhythm(fileOf(record, kind), rhythm);
    }
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const planned = (name: string, event: 'extra-beat' | 'pause'): number[] => {
    const { plan, startSeconds } = made.get(name)!;
    return plan.flatMap((beat, i) => (beat.event === event ? [startSeconds[i]] : []));
  };

  it('are the same, word for word, from classify, replay and a replay that is recorded', async () => {
    for (const [record, kind] of [
      ['e00089', 'pauses'],
      ['e00089', 'fibrillation'],
    ] as const) {
      const file = fileOf(record, kind);
      const [classified, replayed, recorded] = await Promise.all([
        runLubdub(['classify', '--json', file]),
        runLubdub(['replay', '--speed', 'max', '--json', '--no-page', file]),
        runLubdub([
          'replay',
          '--speed',
          'max',
          '--json',
          '--no-page',
          '--out',
          join(folder, 'recordings'),
          file,
        ]),
      ]);
      const expected = withoutFile(noticesOf(classified));
      expect(expected).to.have.length.above(0);
      for (const run of [replayed, recorded]) {
        expect(run.exitCode, run.stderr).to.equal(0);
        expect(withoutFile(noticesOf(run))).to.deep.equal(expected);
        expect(finalOf(run).rhythm).to.deep.equal(finalOf(classified).rhythm);
      }
    }
  });

  it('tell pauses and early beats where they are, each with how sure that is and what it is not', async () => {
    for (const [name, event] of [
      ['e00089-pauses', 'pause'],
      ['a0050-bigeminy', 'extra-beat'],
    ] as const) {
      const run = await runLubdub(['classify', '--json', join(folder, `${name}.wav`)]);
      const notices = noticesOf(run);
      expect(notices).to.have.length.above(3);
      for (const { notice, startSeconds, endSeconds, confidence, message } of notices) {
        expect(notice).to.equal(event);
        const at = event === 'pause' ? startSeconds : endSeconds;
        expect(
          planned(name, event).some((time) => Math.abs(time - at) < NEAR_SECONDS),
          `${name} at ${at} s`,
        ).to.equal(true);
        expect(confidence).to.be.within(0.7, 0.97);
        expect(message).to.match(/confidence \d+ %.*no diagnosis, no part of the verdict$/);
        expect(message.length).to.be.below(130);
      }
      const { rhythm } = finalOf(run);
      const summary = event === 'pause' ? rhythm!.pauses : rhythm!.extraBeats;
      expect(summary!.count).to.equal(notices.length);
      expect(rhythm!.irregular).to.deep.include({ noticed: false });
    }
  });

  it('call what has no pattern irregular, and steady beats nothing, and change no verdict', async () => {
    const irregular = await runLubdub(['classify', '--json', fileOf('e00089', 'fibrillation')]);
    expect(noticesOf(irregular).map(({ notice }) => notice)).to.deep.equal(['irregular']);
    expect(finalOf(irregular).rhythm!.irregular).to.deep.include({ noticed: true });
    const steady = await runLubdub(['classify', '--json', fileOf('e00089', 'steady')]);
    expect(noticesOf(steady)).to.deep.equal([]);
    expect(finalOf(steady).rhythm).to.deep.include({
      extraBeats: { count: 0, confidence: null },
      pauses: { count: 0, confidence: null, longestSeconds: null },
    });
    expect(finalOf(irregular).verdict).to.equal(finalOf(steady).verdict);
    expect(finalOf(irregular).reasons).to.deep.equal([]);
  });

  it('stand in the line of a result for people', async () => {
    const { stdout } = await runLubdub(['classify', fileOf('e00089', 'pauses')]);
    expect(stdout).to.match(
      /rhythm, a notice and no diagnosis: \d+ pauses, the longest 2\.1 s \(confidence 97 %\)/,
    );
    expect(stdout).to.include('Screening aid for research, not a diagnosis');
  });
});
