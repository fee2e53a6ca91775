import { expect } from 'chai';
import { fhirBundle } from '../../src/report/fhir-bundle.js';
import { measureRhythm, type HeartSound } from '../../src/report/heart-sound-intervals.js';
import { htmlReport } from '../../src/report/html-report.js';
import type { ReportedRecording } from '../../src/report/reported-recording.js';
import { inFolder } from '../support/sessions.js';
import { noiseFrom } from '../window/synthetic-signals.js';
import { readAll, reportOf, SessionStudio } from './screened-sessions.js';

function beatsOf(scatter: number, count: number): HeartSound[] {
  const { normal } = noiseFrom(3);
  let at = 0;
  return Array.from({ length: count }, () => {
    at += 0.8 * Math.max(0.5, 1 + scatter * normal());
    return { sound: 'S1', timeSeconds: at };
  });
}

describe('the rhythm of a reported recording', function () {
  let studio: SessionStudio;
  before(async () => (studio = await SessionStudio.open()));
  after(() => studio.close());

  it('is measured where nothing is doubtful, and is the most irregular that it was', () => {
    const odd = beatsOf(0.25, 40);
    const end = odd.at(-1)!.timeSeconds;
    const even = beatsOf(0.01, 60).map(({ sound, timeSeconds }) => ({
      sound,
      timeSeconds: end + timeSeconds,
    }));
    expect(measureRhythm(odd, [])).to.include({ isIrregular: true });
    expect(measureRhythm([...odd, ...even], [])).to.include({ isIrregular: true });
    expect(measureRhythm([...odd, ...even], [{ fromSeconds: 0, toSeconds: end }])).to.include({
      isIrregular: false,
    });
    expect(measureRhythm(odd, [{ fromSeconds: 12, toSeconds: end }])).to.equal(null);
  });

  it('stands on paper and in FHIR as a notice, with its confidence, or with why it is not known', () =>
    inFolder(async (root) => {
      const [recorded] = await readAll([await studio.record(root, { recording: 'b0416' })]);
      const cases = [
        [
          { irregularity: 0.2, isIrregular: true, confidence: 0.97, changes: 30 },
          /irregular, without a pattern.*97 %/,
        ],
        [
          { irregularity: 0.02, isIrregular: false, confidence: 0.01, changes: 30 },
          /no irregularity noticed/i,
        ],
        [null, /too few beats/i],
      ] as const;
      for (const [rhythm, words] of cases) {
        const recording: ReportedRecording = { ...recorded, sounds: [], rhythm };
        const page = await htmlReport(reportOf([recording]));
        expect(/Rhythm<\/th>\s*<td>([^<]*)/.exec(page)?.[1]).to.match(words);
        const bundle = JSON.stringify(await fhirBundle(reportOf([recording]), { samples: false }));
        expect(/"Rhythm, a notice and no diagnosis"\},(.*?)\}\}?,\{"code"/.exec(bundle)?.[1]).to.match(words);
      }
    }));
});
