import { expect } from 'chai';
import { createRequire } from 'node:module';
import { fhirBundle } from '../../src/report/fhir-bundle.js';
import { MAX_SAMPLES, sampledPieces } from '../../src/report/fhir-sampled-data.js';
import type { Bundle, Device, Observation } from '../../src/report/fhir-types.js';
import type { ReportedJoint } from '../../src/report/report.js';
import type { ReportedRecording } from '../../src/report/reported-recording.js';
import { collect, inFolder } from '../support/sessions.js';
import { jointOf, readAll, reportOf, SessionStudio } from './screened-sessions.js';

/** HL7's own JSON schema of R4, as it was published. */
interface SchemaValidator {
  validate(resource: object, verbose: boolean): readonly unknown[];
}
const require = createRequire(import.meta.url);
const Validator = require('@asymmetrik/fhir-json-schema-validator') as new () => SchemaValidator;

const observations = ({ entry }: Bundle): Observation[] =>
  entry.map(({ resource }) => resource).filter((resource) => resource.resourceType === 'Observation');
const devices = ({ entry }: Bundle): Device[] =>
  entry.map(({ resource }) => resource).filter((resource) => resource.resourceType === 'Device');
const named = (bundle: Bundle, text: string): Observation[] =>
  observations(bundle).filter(({ code }) => code.text === text);
const screeningOf = (bundle: Bundle) => named(bundle, 'Heart sound screening: normal or abnormal')[0];

describe('fhirBundle', function () {
  let schema: SchemaValidator;
  let studio: SessionStudio;
  before(async () => {
    schema = new Validator();
    studio = await SessionStudio.open();
  });
  after(() => studio.close());

  /** What a receiver gets: JSON and back. */
  const sent = async (recordings: readonly ReportedRecording[], samples = true, joint?: ReportedJoint) => {
    const report = reportOf(recordings, joint === undefined ? {} : { join: () => joint });
    return JSON.parse(JSON.stringify(await fhirBundle(report, { samples }))) as Bundle;
  };

  const bundleOf = (session: Parameters<SessionStudio['record']>[1], samples = true) =>
    inFolder(async (root) => sent(await readAll([await studio.record(root, session)]), samples));

  it('is valid and says abnormal with the code for it', async () => {
    const bundle = await bundleOf({ recording: 'e01341', as: 'abnormal', subject: 'S-017', site: 'mitral' });
    expect(schema.validate(bundle, true)).to.deep.equal([]);
    const result = screeningOf(bundle);
    expect(result.valueCodeableConcept!.coding).to.deep.include({
      system: 'http://snomed.info/sct',
      code: '123824001',
      display: 'Heart sounds abnormal',
    });
    expect(result.status).to.equal('preliminary');
    expect(result.bodySite!.text).to.match(/^Mitral area/);
    expect(result.note![0].text).to.match(/^Screening aid for research, not a diagnosis\./);
    expect(result.subject.identifier!.value).to.equal('S-017');
    const rate = named(bundle, 'Heart rate')[0];
    expect(rate.code.coding![0]).to.deep.include({ system: 'http://loinc.org', code: '8867-4' });
    expect(rate.valueQuantity).to.deep.include({ code: '/min', system: 'http://unitsofmeasure.org' });
    expect(JSON.stringify(bundle)).not.to.include('secret');
  });

  it('is valid and gives a normal recording no code of abnormality', async () => {
    const bundle = await bundleOf({ recording: 'c0016', as: 'normal' });
    expect(schema.validate(bundle, true)).to.deep.equal([]);
    expect(JSON.stringify(bundle)).not.to.include('123824001');
    expect(screeningOf(bundle).valueCodeableConcept!.text).to.match(/^No abnormal/);
    expect(screeningOf(bundle).interpretation![0].coding![0].code).to.equal('N');
  });

  it('is valid and gives an inconclusive recording no value but the reasons why', async () => {
    const bundle = await bundleOf({ recording: 'e00622', as: 'unusable', subject: 'S-017' });
    expect(schema.validate(bundle, true)).to.deep.equal([]);
    const result = screeningOf(bundle);
    expect(result).not.to.have.any.keys('valueCodeableConcept', 'interpretation');
    expect(result.dataAbsentReason!.coding![0].code).to.equal('unknown');
    expect(result.dataAbsentReason!.text).to.match(/too little of it is a usable heart sound/);
    const probability = result.component!.find(({ code }) => code.text.startsWith('Probability'))!;
    expect(probability).to.have.property('dataAbsentReason');
    const rate = named(bundle, 'Heart rate')[0];
    expect(rate).to.have.property('dataAbsentReason').and.not.to.have.property('valueQuantity');
  });

  it('is valid for a recording that has no device, no subject and no final result', async () => {
    const session = { recording: 'b0416', device: null, isUnfinished: true };
    const bundle = await bundleOf(session);
    expect(schema.validate(bundle, true)).to.deep.equal([]);
    expect(devices(bundle).map(({ type }) => type.text)).to.deep.equal(['Heart sound screening software']);
    expect(screeningOf(bundle).dataAbsentReason!.coding![0].code).to.equal('error');
    for (const { subject } of observations(bundle)) expect(subject).to.have.property('extension');
  });

  it('says which stethoscope profile the result rests on, in components, note and conclusion', async () => {
    const componentsOf = (bundle: Bundle) =>
      Object.fromEntries(
        screeningOf(bundle)
          .component!.filter(({ code }) => /profile/.test(code.text))
          .map(({ code, ...value }) => [code.text, Object.values(value)[0] as unknown]),
      );
    const conclusionOf = ({ entry }: Bundle) =>
      entry.map(({ resource }) => resource).find((of) => of.resourceType === 'DiagnosticReport')!.conclusion;
    const fitted = await bundleOf({ recording: 'b0416', stethoscope: studio.profile() }, false);
    expect(schema.validate(fitted, true)).to.deep.equal([]);
    const sentence =
      'Stethoscope profile ward-3, fitted on 5 healthy people on 2026-11-01; the threshold for abnormal moves from 50 % to ' +
      '75 % of the model’s own scale.';
    const share = { unit: '1', system: 'http://unitsofmeasure.org', code: '1' };
    expect(componentsOf(fitted)).to.deep.equal({
      'Stethoscope profile': 'ward-3',
      'Healthy people whom the stethoscope profile was fitted on': 5,
      'Stethoscope profile fitted at': '2026-11-01T08:00:00.000Z',
      'Threshold of abnormal without the profile, on the model’s own scale': { value: 0.5, ...share },
      'Threshold of abnormal with the profile, on the model’s own scale': {
        value: 1 / (1 + Math.exp(-1.1)),
        ...share,
      },
    });
    expect(screeningOf(fitted).note!.map(({ text }) => text)).to.include(sentence);
    expect(conclusionOf(fitted)).to.include(` ${sentence} Not reviewed`);

    const unknown = await bundleOf({ recording: 'b0416' }, false);
    expect(schema.validate(unknown, true)).to.deep.equal([]);
    expect(componentsOf(unknown)).to.deep.equal({
      'Stethoscope profile': {
        text: 'Unknown stethoscope, none: how often this stethoscope raises false alarms is not known',
      },
    });
    expect(conclusionOf(unknown)).to.match(
      /Unknown stethoscope without a profile: how often .* is not known\./,
    );
    const unfinished = { recording: 'b0416', isUnfinished: true, stethoscope: studio.profile() };
    expect(componentsOf(await bundleOf(unfinished, false))['Stethoscope profile']).to.equal('ward-3');
  });

  it('is valid for whatever a device calls itself', async () => {
    const device = { serialNumber: ' \u0000<b>\u{1f493}"\n ', firmware: '\u0001  ' };
    const bundle = await bundleOf({ recording: 'b0416', device });
    expect(schema.validate(bundle, true)).to.deep.equal([]);
    const stethoscope = devices(bundle)[0];
    expect(stethoscope.serialNumber).to.equal('<b>\u{1f493}"');
    expect(stethoscope).not.to.have.property('version');
  });

  it('names program, version, model and its hash, and says which device made what', async () => {
    const bundle = await bundleOf({ recording: 'b0416' });
    const [stethoscope, software] = devices(bundle);
    expect(stethoscope).to.deep.include({ serialNumber: 'T-1' });
    const versions = software.version!.map(({ value }) => value);
    expect(versions[0]).to.equal('9.8.7');
    expect(versions.at(-1)).to.match(/^[0-9a-f]{64}$/);
    expect(named(bundle, 'Phonocardiogram')[0].device!.reference).to.equal(`urn:uuid:${stethoscope.id}`);
    expect(screeningOf(bundle).device!.reference).to.equal(`urn:uuid:${software.id}`);
  });

  it('refers only to what it holds, each once, and has the same ids every time', async () => {
    await inFolder(async (root) => {
      const recordings = await readAll([await studio.record(root, { recording: 'c0016', as: 'normal' })]);
      const bundle = await sent(recordings);
      const urls = bundle.entry.map(({ fullUrl }) => fullUrl);
      expect(new Set(urls).size).to.equal(urls.length);
      const references = [...JSON.stringify(bundle).matchAll(/"reference":"([^"]+)"/g)].map(([, url]) => url);
      expect(references.length).to.be.above(4);
      for (const url of references) expect(urls).to.include(url);
      for (const observation of observations(bundle)) {
        if (observation.code.text === 'Phonocardiogram') continue;
        expect(observation.derivedFrom, observation.code.text).to.have.length(1);
      }
      expect((await sent(recordings, false)).entry.length).to.equal(bundle.entry.length);
      expect((await sent(recordings)).entry.map(({ fullUrl }) => fullUrl)).to.deep.equal(urls);
    });
  });

  it('joins the sites of an examination and says what each contributed', () =>
    inFolder(async (root) => {
      const directories = [
        await studio.record(root, { recording: 'b0416', subject: 'S-017', site: 'aortic' }),
        await studio.record(root, {
          recording: 'b0344',
          as: 'inconclusive',
          subject: 'S-017',
          site: 'mitral',
          minute: 1,
        }),
      ];
      const joint = jointOf(
        'inconclusive',
        [
          ['aortic', 'normal'],
          ['mitral', 'inconclusive'],
        ],
        'As the rule has it.',
      );
      const bundle = await sent(await readAll(directories), true, joint);
      expect(schema.validate(bundle, true)).to.deep.equal([]);
      const result = named(bundle, 'Heart sound screening of several sites: normal or abnormal')[0];
      expect(result.hasMember).to.have.length(2);
      expect(result.dataAbsentReason!.text).to.equal(
        'Inconclusive. Aortic area: normal; Mitral area (apex): inconclusive',
      );
      expect(devices(bundle), 'one stethoscope, one program').to.have.length(2);
      expect(Date.parse(result.effectivePeriod.end) - Date.parse(result.effectivePeriod.start)).to.equal(
        68_000,
      );
    }));

  it('is what a server takes once it is said whose codes these are: it creates each thing once', () =>
    inFolder(async (root) => {
      const recordings = await readAll([
        await studio.record(root, { recording: 'e01341', as: 'abnormal', subject: 'S-017', site: 'mitral' }),
      ]);
      const subjectSystem = 'https://clinic.example/subjects?a=1&b';
      const bundle = JSON.parse(
        JSON.stringify(await fhirBundle(reportOf(recordings), { samples: true, subjectSystem })),
      ) as Bundle;
      expect(schema.validate(bundle, true)).to.deep.equal([]);
      expect(bundle.type).to.equal('transaction');
      for (const { request, resource, fullUrl } of bundle.entry) {
        expect(request).to.include({ method: 'POST', url: resource.resourceType });
        const [system, value] = request!.ifNoneExist
          .replace(/^identifier=/, '')
          .split('|')
          .map(decodeURIComponent);
        expect(resource.identifier).to.have.length(1);
        expect({ system, value }).to.deep.equal({
          system: resource.identifier![0].system,
          value: resource.identifier![0].value,
        });
        if (resource.resourceType === 'Patient')
          expect({ system, value }).to.deep.equal({ system: subjectSystem, value: 'S-017' });
        else expect(value).to.equal(fullUrl);
      }
      // What nobody needs to know of a person is not there.
      const patient = bundle.entry
        .map(({ resource }) => resource)
        .find((of) => of.resourceType === 'Patient')!;
      expect(Object.keys(patient).sort()).to.deep.equal(['id', 'identifier', 'resourceType']);
      const unknown = await readAll([await studio.record(root, { recording: 'b0416', minute: 1 })]);
      const anonymous = await fhirBundle(reportOf(unknown), { samples: false, subjectSystem });
      expect(schema.validate(JSON.parse(JSON.stringify(anonymous)) as object, true)).to.deep.equal([]);
      expect(anonymous.entry.map(({ resource }) => resource.resourceType)).to.not.include('Patient');
    }));

  it('has a report that says the result, what it rests on and what it is not', async () => {
    const bundle = await bundleOf({ recording: 'e01341', as: 'abnormal', subject: 'S-017', site: 'mitral' });
    expect(bundle.type).to.equal('collection');
    const told = bundle.entry
      .map(({ resource }) => resource)
      .find((of) => of.resourceType === 'DiagnosticReport')!;
    expect(told.status).to.equal('preliminary');
    expect(told.conclusion).to.match(
      /^Screening aid for research, not a diagnosis\. Result: .*abnormal.* Not reviewed/i,
    );
    expect(told.result[0].reference).to.equal(`urn:uuid:${screeningOf(bundle).id}`);
    expect(told.subject.reference).to.equal(screeningOf(bundle).subject.reference);
  });

  it('leaves the samples out when asked to, and says so', async () => {
    const bundle = await bundleOf({ recording: 'b0416' }, false);
    expect(schema.validate(bundle, true)).to.deep.equal([]);
    const sound = named(bundle, 'Phonocardiogram')[0];
    expect(sound).not.to.have.property('valueSampledData');
    expect(sound.dataAbsentReason!.text).to.match(/left out/);
    expect(JSON.stringify(bundle).length).to.be.below(20_000);
  });

  it('is refused by the schema once it is broken', async () => {
    const bundle = await bundleOf({ recording: 'b0416' }, false);
    const breakages: ((copy: { entry: { resource: Record<string, unknown> }[] }) => void)[] = [
      ({ entry }) => delete entry[2].resource.code,
      ({ entry }) => (entry[2].resource.status = 'sure'),
      ({ entry }) => (entry[2].resource.verdict = 'abnormal'),
      ({ entry }) => (entry[2].resource.effectivePeriod = { start: 'yesterday' }),
      ({ entry }) => (entry[0].resource.deviceName = [{ name: 'x', type: 'nickname' }]),
    ];
    for (const breakIt of breakages) {
      const copy = JSON.parse(JSON.stringify(bundle)) as { entry: { resource: Record<string, unknown> }[] };
      breakIt(copy);
      expect(schema.validate(copy, true), breakIt.toString()).not.to.deep.equal([]);
    }
  });
});

describe('sampledPieces', function () {
  let studio: SessionStudio;
  before(async () => {
    studio = await SessionStudio.open();
  });
  after(() => studio.close());

  it('gives every sample back exactly, at its place in time, and an E for each that was lost', () =>
    inFolder(async (root) => {
      const gaps = [
        { atSample: 3000, lostSamples: 40 },
        { atSample: 9000, lostSamples: 1 },
      ];
      const [recording] = await readAll([await studio.record(root, { recording: 'b0416', gaps })]);
      const pieces = await sampledPieces(recording);
      expect(pieces).to.have.length(1);
      const { data, period, factor, origin } = pieces[0].data;
      expect([period, origin.value]).to.deep.equal([0.5, 0]);
      const values = data.split(' ');
      expect(values.filter((value) => value === 'E')).to.have.length(41);
      expect(values[3039]).to.equal('E');
      expect(values[9000]).to.equal('E');
      let compared = 0;
      for (const chunk of await collect(recording.session.sampled())) {
        if (chunk.kind === 'gap') continue;
        chunk.samples.forEach((amplitude, i) => {
          compared++;
          // Not one decimal digit is lost, so that equality is exact.
          if (Number(values[chunk.firstSample + i]) * factor !== amplitude) expect.fail(`sample ${i}`);
        });
      }
      expect(compared).to.equal(values.length - 41);
    }));

  it('begins anew after a long hole and where a string would be too long for FHIR', () =>
    inFolder(async (root) => {
      const [recording] = await readAll([await studio.record(root, { recording: 'b0416', samples: 9000 })]);
      const session = Object.create(recording.session) as typeof recording.session;
      const chunk = (firstSample: number, length: number) => ({
        kind: 'samples' as const,
        firstSample,
        samples: Float64Array.from({ length }, (_, i) => ((i % 2000) - 1000) / 32768),
      });
      const gap = { kind: 'gap' as const, atSample: 1000, lostSamples: 30_000, cause: 'reconnect' as const };
      // eslint-disable-next-line @typescript-eslint/require-await
      session.sampled = async function* () {
        yield* [chunk(0, 1000), gap, chunk(31_000, 400_000)];
      };
      const pieces = await sampledPieces({ ...recording, session });
      expect(pieces.map(({ startSeconds }) => startSeconds).slice(0, 2)).to.deep.equal([0, 15.5]);
      expect(pieces.length).to.be.above(2);
      let position = 31_000;
      for (const { startSeconds, samples, data } of pieces.slice(1)) {
        expect(startSeconds * 2000).to.be.closeTo(position, 1e-6);
        expect(data.data.length).to.be.at.most(1024 * 1024);
        position += samples;
      }
      expect(position).to.equal(431_000);
    }));

  it('refuses more samples than a bundle should hold, and says what helps', () =>
    inFolder(async (root) => {
      const [recording] = await readAll([await studio.record(root, { recording: 'b0416', samples: 9000 })]);
      const session = Object.create(recording.session, {
        storedSamples: { value: MAX_SAMPLES + 1 },
      }) as never;
      let message = '';
      await sampledPieces({ ...recording, session }).catch((error: Error) => (message = error.message));
      expect(message).to.match(/at most 10000000 samples.*got 10000001.*--no-samples/);
    }));
});
