import { expect } from 'chai';
import type { RhythmSummary } from '../../src/heart/rhythm-watch.js';
import { fhirBundle } from '../../src/report/fhir-bundle.js';
import { htmlReport } from '../../src/report/html-report.js';
import type { ReportedRecording } from '../../src/report/reported-recording.js';
import { inFolder } from '../support/sessions.js';
import { readAll, reportOf, SessionStudio } from './screened-sessions.js';

describe('the rhythm of a reported recording', function () {
  let studio: SessionStudio;
  before(async () => (studio = await SessionStudio.open()));
  after(() => studio.close());

  const nothing: RhythmSummary = {
    intervals: 40,
    irregular: { noticed: false, confidence: 0.02 },
    extraBeats: { count: 0, confidence: null },
    pauses: { count: 0, confidence: null, longestSeconds: null },
  };

  it('stands on paper and in FHIR as notices, with their confidence, or with why they are not known', () =>
    inFolder(async (root) => {
      const [recorded] = await readAll([await studio.record(root, { recording: 'b0416' })]);
      expect(recorded.final!.rhythm, 'stored with the result').to.have.keys(Object.keys(nothing));
      const cases: readonly [RhythmSummary | null, RegExp, RegExp][] = [
        [
          { ...nothing, irregular: { noticed: true, confidence: 0.93 } },
          /seems irregular, without a pattern \(confidence 93 %\): a notice, not a diagnosis/,
          /"Seems irregular, without a pattern, confidence 93 %"/,
        ],
        [
          { ...nothing, extraBeats: { count: 3, confidence: 0.81 } },
          /3 beats seem to come early \(confidence 81 %\): a notice, not a diagnosis/,
          /"Beats that seem to come early"\},"valueQuantity":\{"value":3/,
        ],
        [
          { ...nothing, pauses: { count: 1, confidence: 0.9, longestSeconds: 2.34 } },
          /1 pause, the longest 2\.3 s \(confidence 90 %\): a notice, not a diagnosis/,
          /"Pauses between beats"\},"valueQuantity":\{"value":1/,
        ],
        [nothing, /no irregularity, extra beat or pause noticed/, /"No irregularity noticed"/],
        [
          { ...nothing, irregular: null },
          /too few beats to tell whether it is irregular/,
          /"Beats without a pattern"\},"dataAbsentReason"/,
        ],
        [
          { intervals: 2, irregular: null, extraBeats: null, pauses: null },
          /not known: too few beats/,
          /"Beats that seem to come early"\},"dataAbsentReason"/,
        ],
        [null, /not known: it was not looked for/, /"Pauses between beats"\},"dataAbsentReason"/],
      ];
      for (const [rhythm, words, inFhir] of cases) {
        const recording: ReportedRecording = { ...recorded, final: { ...recorded.final!, rhythm } };
        const page = await htmlReport(reportOf([recording]));
        expect(/Rhythm<\/th>\s*<td>([^<]*)/.exec(page)?.[1]).to.match(words);
        const bundle = JSON.stringify(await fhirBundle(reportOf([recording]), { samples: false }));
        const observation = /"Rhythm of the heart sounds, notices and no diagnosis".*?\]\}/.exec(bundle)?.[0];
        expect(observation).to.match(inFhir);
        expect(observation).to.match(/not a diagnosis/);
      }
    }));
});
