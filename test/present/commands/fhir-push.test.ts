import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { fhirPush } from '../../../src/present/commands/fhir-push.js';
import type { ErrorEvent } from '../../../src/screen/screening-events.js';
import type { ProgramEvent } from '../../../src/present/program-events.js';
import { FhirServer } from '../../../src/publish/fhir-server.js';
import type { FhirEvent } from '../../../src/publish/fhir-queue.js';
import { selfSigned } from '../../support/mosquitto.js';
import { recordSession, type RecordedSessionOptions } from '../../support/recorded-session.js';
import { runLubdub, RunningLubdub } from '../../support/run-lubdub.js';
import { inFolder } from '../../support/sessions.js';
import { StrictFhirServer, type StrictFhirServerOptions } from '../../support/strict-fhir-server.js';

const SYSTEM = 'https://clinic.example/subjects';
const NO_SYSTEM = {};
const wav = 'test/recordings/c0016.wav';

const errorOf = (promise: Promise<unknown>): Promise<Error> =>
  promise.then(
    () => expect.fail('must fail'),
    (error: unknown) => error as Error,
  );

describe('fhir push', function () {
  const withServer = (
    use: (server: StrictFhirServer, root: string) => Promise<void>,
    options?: StrictFhirServerOptions,
  ): Promise<void> =>
    inFolder(async (root) => {
      const server = await StrictFhirServer.start(options);
      try {
        await use(server, root);
      } finally {
        await server.close();
      }
    });

  const session = (root: string, options: Partial<RecordedSessionOptions> = {}): Promise<string> =>
    recordSession({
      wav,
      root,
      startedAt: new Date('2026-03-04T05:06:07.890Z'),
      subject: 'S-017',
      ...options,
    });

  const push = async (
    sessions: readonly string[],
    root: string,
    server: string,
    changes: Partial<Parameters<typeof fhirPush>[1]> = {},
    system: { subjectSystem?: string } = { subjectSystem: SYSTEM },
  ) => {
    const events: ProgramEvent[] = [];
    const exitCode = await fhirPush(
      sessions,
      { server, samples: true, ...system, outbox: join(root, 'outbox'), ...changes },
      { event: (event) => events.push(event), say: () => {}, log: () => {} },
    );
    const told = events.filter((event): event is FhirEvent => event.kind === 'fhir');
    return { exitCode, told, errors: events.filter((event): event is ErrorEvent => event.kind === 'error') };
  };

  it('sends an examination once: a second push changes nothing', () =>
    withServer(async (server, root) => {
      const one = await session(root, { site: 'aortic' });
      const two = await session(root, { site: 'mitral', startedAt: new Date('2026-03-04T05:09:00Z') });
      const first = await push([one, two], root, server.url);
      expect(first.exitCode).to.equal(0);
      expect(first.told.map(({ state }) => state)).to.deep.equal(['taken']);
      expect(first.told[0].created).to.equal(server.stored.size);
      expect(server.ofType('Patient')).to.have.length(1);
      expect(server.ofType('DiagnosticReport')).to.have.length(1);
      expect(JSON.stringify([...server.stored]))
        .to.include('"reference":"Patient/')
        .and.not.include('secret');
      const before = JSON.stringify([...server.stored]);
      const second = await push([two, one], root, server.url);
      expect(second.exitCode).to.equal(0);
      expect(second.told[0]).to.deep.include({ state: 'taken', created: 0, present: server.stored.size });
      expect(JSON.stringify([...server.stored])).to.equal(before);
    }));

  it('queues what cannot be sent, and the next push sends it, once and in order', () =>
    withServer(async (server, root) => {
      const one = await session(root);
      const other = await session(root, { subject: 'S-018', startedAt: new Date('2026-03-04T07:00:00Z') });
      server.canned.push({ status: 503, headers: { 'Retry-After': '1' } });
      const first = await push([one, other], root, server.url);
      expect(first.exitCode).to.equal(6);
      expect(first.told.map(({ state }) => state)).to.deep.equal(['waiting']);
      expect(first.told[0].message).to.match(/2 bundles wait.*HTTP 503/);
      expect(server.stored.size).to.equal(0);
      // Named again while they wait: each once all the same.
      const next = await push([one], root, server.url);
      expect(next.exitCode).to.equal(0);
      expect(next.told.map(({ state }) => state)).to.deep.equal(['taken', 'taken']);
      expect(server.ofType('Patient')).to.have.length(2);
      expect((await push([], root, server.url)).told).to.deep.equal([]);
    }));

  it('waits with --wait, through a lost answer and a process that was killed; nothing is there twice', () =>
    withServer(async (server, root) => {
      const one = await session(root);
      // It is stored there, and nobody hears of it.
      server.canned.push({ status: 502, afterWork: true }, { status: 503 });
      for (let i = 0; i < 50; i++) server.canned.push({ status: 503 });
      const words = ['fhir', 'push', '--server', server.url, '--subject-system', SYSTEM, '--json'];
      const running = new RunningLubdub([...words, '--wait', '--outbox', join(root, 'outbox'), one]);
      await running.until('fhir');
      running.kill('SIGKILL');
      await running.finished;
      const stored = JSON.stringify([...server.stored]);
      expect(server.ofType('Patient')).to.have.length(1);
      server.canned.length = 0;
      server.canned.push({ status: 429, headers: { 'Retry-After': '1' } });
      const { exitCode, events } = await runLubdub([...words, '--wait', '--outbox', join(root, 'outbox')]);
      expect(exitCode).to.equal(0);
      expect(events.map((event) => (event as FhirEvent).state)).to.deep.equal(['waiting', 'taken']);
      expect(JSON.stringify([...server.stored])).to.equal(stored);
    }));

  it('keeps what is refused and sends the others', () =>
    withServer(async (server, root) => {
      const one = await session(root);
      const other = await session(root, { subject: 'S-018', startedAt: new Date('2026-03-04T07:00:00Z') });
      const body = JSON.stringify({
        resourceType: 'OperationOutcome',
        issue: [{ severity: 'error', code: 'invariant', diagnostics: 'no\u001b[31m such profile' }],
      });
      server.canned.push({ status: 422, body });
      const first = await push([one, other], root, server.url);
      expect(first.exitCode).to.equal(6);
      expect(first.told.map(({ state }) => state)).to.deep.equal(['refused', 'taken']);
      expect(first.told[0].message).to.include('no\\u001b[31m such profile');
      const next = await push([], root, server.url);
      expect(next.told.map(({ state }) => state)).to.deep.equal(['taken']);
    }));

  it('puts a new bundle of the same sessions in the place of one that waits', () =>
    withServer(async (server, root) => {
      const one = await session(root);
      server.canned.push({ status: 413 });
      expect((await push([one], root, server.url)).told[0].message).to.match(/--no-samples/);
      const { told } = await push([one], root, server.url, { samples: false });
      expect(told.map(({ state }) => state)).to.deep.equal(['taken']);
      expect(server.ofType('Observation')).not.to.have.length(0);
      expect(JSON.stringify([...server.stored])).not.to.include('valueSampledData');
    }));

  it('stores nothing of a bundle of which a part is there twice', () =>
    withServer(async (server, root) => {
      const one = await session(root);
      await push([one], root, server.url);
      const [place, patient] = [...server.stored].find(([, { resourceType }]) => resourceType === 'Patient')!;
      server.stored.set(`${place}0`, patient);
      const size = server.stored.size;
      const later = await session(root, { startedAt: new Date('2026-03-05T07:00:00Z') });
      const { told } = await push([later], root, server.url);
      expect(told[0].state).to.equal('refused');
      expect(told[0].message).to.match(/412.*same identifier/);
      expect(server.stored.size).to.equal(size);
    }));

  it('needs the right token, takes a new one from the file, and sends it nowhere else', () =>
    withServer(
      async (server, root) => {
        const one = await session(root);
        const fhirToken = join(root, 'token');
        await writeFile(fhirToken, 'old\n');
        const refused = await errorOf(push([one], root, server.url, { fhirToken }));
        expect(refused.message).to.match(/1 bundle waits.*401.*--fhir-token.*who are you/);
        await writeFile(fhirToken, 'a.new-one~==\n');
        const elsewhere = await StrictFhirServer.start();
        server.canned.push({ status: 307, headers: { Location: elsewhere.url } });
        const sent = await errorOf(push([], root, server.url, { fhirToken }));
        expect(sent.message).to.include(elsewhere.url).and.include('--server');
        expect(elsewhere.requests).to.equal(0);
        await elsewhere.close();
        expect((await push([], root, server.url, { fhirToken })).exitCode).to.equal(0);
        expect(server.authorizations.at(-1)).to.equal('Bearer a.new-one~==');
        await writeFile(fhirToken, 'two words');
        expect(() => new FhirServer({ url: server.url, tokenFile: fhirToken })).to.throw(/one bearer token/);
        const clear = () => new FhirServer({ url: 'http://fhir.example/r4', tokenFile: fhirToken });
        expect(clear).to.throw(/in the clear/);
      },
      { token: 'a.new-one~==' },
    ));

  it('trusts a certificate when its authority is named, and only for its name', function () {
    return inFolder(async (root) => {
      const files = selfSigned(root);
      if (files === undefined) this.skip();
      const tls = { key: await readFile(files.key, 'utf8'), cert: await readFile(files.cert, 'utf8') };
      await withServer(
        async (server) => {
          const one = await session(root);
          const fhirCa = files.cert;
          expect((await errorOf(push([one], root, server.url))).message).to.match(/certificate.*--fhir-ca/);
          const named = server.url.replace('127.0.0.1', 'localhost');
          expect((await errorOf(push([one], root, named, { fhirCa }))).message).to.match(/another name/);
          expect(server.requests).to.equal(0);
          expect((await push([], root, server.url, { fhirCa })).exitCode).to.equal(0);
          expect(server.ofType('DiagnosticReport')).to.have.length(1);
        },
        { tls },
      );
    });
  });

  it('takes no answer for a yes that is none', () =>
    withServer(async (server, root) => {
      const one = await session(root);
      server.canned.push({ status: 200, body: '<html>welcome</html>' });
      expect((await errorOf(push([one], root, server.url))).message).to.match(/no transaction response/);
      const short = { resourceType: 'Bundle', type: 'transaction-response', entry: [] };
      server.canned.push({ status: 200, body: JSON.stringify(short) });
      expect((await push([], root, server.url)).told[0].state).to.equal('refused');
      server.canned.push({ status: 200, body: 'x'.repeat(9 * 1024 * 1024) });
      expect((await errorOf(push([], root, server.url))).message).to.match(/longer than/);
      const impatient = new FhirServer({ url: server.url, timeoutMs: 300 });
      server.canned.push({ status: 200, silent: true });
      expect((await errorOf(impatient.send('{}', 1))).message).to.match(/within 0.3 seconds/);
      expect((await push([], root, server.url)).exitCode).to.equal(0);
    }));

  it('sends no session that is not finished, nor a code that says not whose it is', () =>
    withServer(async (server, root) => {
      const torn = await session(root, { isTorn: true });
      const nobody = await recordSession({ wav, root, startedAt: new Date('2026-03-04T09:00:00Z') });
      const { exitCode, errors, told } = await push([torn, nobody], root, server.url, {}, NO_SYSTEM);
      expect(exitCode).to.equal(5);
      expect(errors[0].message).to.match(/lubdub recover/);
      expect(told.map(({ state }) => state)).to.deep.equal(['taken']);
      expect(server.ofType('Patient')).to.have.length(0);
      const one = await session(root, { startedAt: new Date('2026-03-06T09:00:00Z') });
      const refused = await errorOf(push([one], root, server.url, {}, NO_SYSTEM));
      expect(refused.message).to.match(/--subject-system/);
    }));

  it('is not confused by an address that is none', () => {
    for (const url of [
      'fhir.example',
      'ftp://x',
      'https://u:p@fhir.example',
      'https://fhir.example/r4?x=1',
    ]) {
      expect(() => new FhirServer({ url }), url).to.throw(/--server/);
    }
    expect(new FhirServer({ url: 'HTTPS://FHIR.example/r4//' }).base).to.equal('https://fhir.example/r4');
  });
});
