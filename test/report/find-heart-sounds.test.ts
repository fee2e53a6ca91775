import { expect } from 'chai';
import { heartSoundFinder } from '../../src/report/find-heart-sounds.js';
import { readReportedRecording } from '../../src/report/reported-recording.js';
import { inFolder } from '../support/sessions.js';
import { SessionStudio, type ScreenedSession } from './screened-sessions.js';

describe('heartSoundFinder', function () {
  let studio: SessionStudio;
  before(async () => {
    studio = await SessionStudio.open();
  });
  after(() => studio.close());

  it('finds a cycle that fits the heart rate, the same on both sides of a gap', () =>
    inFolder(async (root) => {
      const gaps = [{ atSample: 20_000, lostSamples: 2_000 }];
      const sessions: ScreenedSession[] = [
        { recording: 'e01341', as: 'abnormal' },
        { recording: 'e01341', as: 'abnormal', gaps },
        { recording: 'a0050', as: 'normal' },
      ];
      for (const [minute, session] of sessions.entries()) {
        const directory = await studio.record(root, { ...session, minute });
        const { final, intervals, sounds } = await readReportedRecording(directory, heartSoundFinder());
        const beatMs = 60_000 / final!.heartRateBpm!;
        expect(intervals!.systoleMs + intervals!.diastoleMs).to.be.closeTo(beatMs, 0.08 * beatMs);
        expect(intervals!.systoleMs).to.be.within(200, 450);
        expect(intervals!.beats).to.be.above(0.6 * ((1000 * final!.usableSeconds) / beatMs));
        if (session.gaps !== undefined) {
          const inGap = sounds!.filter(({ timeSeconds }) => timeSeconds > 10.05 && timeSeconds < 10.95);
          expect(inGap).to.deep.equal([]);
        }
      }
    }));

  it('measures no intervals where no heart can be heard, whatever the detector finds', () =>
    inFolder(async (root) => {
      const directory = await studio.record(root, { recording: 'e00622', as: 'unusable' });
      const { sounds, intervals } = await readReportedRecording(directory, heartSoundFinder());
      expect(sounds!.length).to.be.above(0);
      expect(intervals).to.equal(null);
    }));
});
