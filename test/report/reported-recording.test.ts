import { expect } from 'chai';
import { readReportedRecording } from '../../src/report/reported-recording.js';
import { chunk, gap, inFolder, newRecorder } from '../support/sessions.js';

const final = {
  kind: 'final',
  verdict: 'normal',
  probability: 0.2,
  reasons: [],
  file: 'recording',
  durationSeconds: 1,
  usableSeconds: 1,
  windows: 0,
  lostSamples: 60,
  droppedWindows: 3,
  quality: 0.8,
  heartRateBpm: 70,
  sampleRateHz: 2000,
  stethoscope: null,
  model: { name: 'test-model', version: '0.0.0', sha256: '0'.repeat(64) },
};

describe('readReportedRecording', () => {
  const read = (result: object | null) =>
    inFolder(async (root) => {
      const recorder = newRecorder(root);
      // The last gap stands for samples that were screened but came too fast for the disk.
      for (const value of [chunk(0, 900), gap(900, 60), chunk(960, 500), gap(1460, 440), chunk(1900, 100)]) {
        recorder.push(value);
      }
      const { directory } = await recorder.finish(result);
      return readReportedRecording(directory!);
    });

  it('counts as lost what the screening lost, not what a slow disk did not keep', async () => {
    const recording = await read(final);
    expect(recording.gaps.map(({ lostSamples }) => lostSamples)).to.deep.equal([60, 440]);
    expect(recording).to.include({ lostSamples: 60, droppedWindows: 3 });
  });

  it('counts the gaps where there is no final result', async () => {
    expect(await read(null)).to.include({ lostSamples: 500, droppedWindows: 0, final: null });
  });
});
