import { expect } from 'chai';
import fc from 'fast-check';
import { connect } from 'node:net';
import { startPage, type RunningPage } from '../../src/page/server/start-page.js';
import { FakeController } from '../support/fake-controller.js';
import { fuzzRuns, fuzzTimeout } from '../support/fuzz.js';
import { validContract } from '../support/model-contract.js';
import { ask, PageClient } from '../support/page-client.js';
import { recordSession } from '../support/recorded-session.js';
import { inFolder } from '../support/sessions.js';

/** What stays of the page whatever anybody sends: it answers, reports no fault of its own and tells no file's content. */
describe('the page’s server, whatever is sent to it', function () {
  this.timeout(fuzzTimeout());

  async function withPage(use: (page: RunningPage, session: string) => Promise<void>): Promise<void> {
    await inFolder(async (root) => {
      const faults: unknown[] = [];
      const startedAt = new Date('2026-01-31T10:00:00Z');
      await recordSession({ wav: 'test/recordings/b0344.wav', root, startedAt });
      const page = await startPage({
        controller: new FakeController(new Float64Array(10)),
        version: '0',
        rules: validContract().verdict,
        model: null,
        port: 0,
        sessionsDirectory: root,
        onFault: (error) => faults.push(error),
      });
      try {
        await use(page, '20260131T100000Z');
        expect((await ask(page.port, '/api/sessions')).status).to.equal(200);
      } finally {
        await page.close();
      }
      expect(faults).to.deep.equal([]);
    });
  }

  const piece = fc.oneof(
    fc.constantFrom(
      ...[
        'api',
        'sessions',
        '20260131T100000Z',
        'trace',
        'audio.wav',
        'report',
        'fhir.json',
        'recording.wav',
      ],
      ...['..', '.', '%2e%2e', '%00', '%', '%ff', '\\', 'etc', 'passwd', 'session.json', 'live', '__proto__'],
    ),
    fc.string({ maxLength: 12 }).map(encodeURIComponent),
  );
  const number = fc.oneof(
    fc.double().map(String),
    fc.constantFrom('', '-1', '1e309', 'NaN', '0x10', '9'.repeat(40)),
  );
  const query = fc
    .dictionary(fc.constantFrom('from', 'to', 'columns', 'token', 'x'), number, { maxKeys: 4 })
    .map((values) => (Object.keys(values).length === 0 ? '' : `?${new URLSearchParams(values).toString()}`));

  it('paths and queries: it answers with a status and never with another file', () =>
    withPage(async ({ port }) => {
      await fc.assert(
        fc.asyncProperty(fc.array(piece, { maxLength: 6 }), query, async (pieces, asked) => {
          const { status, body } = await ask(port, `/${pieces.join('/')}${asked}`);
          expect(status).to.be.oneOf([200, 206, 303, 400, 403, 404, 405, 413, 414, 416, 500, 503]);
          expect(body.subarray(0, 4096).toString('latin1')).to.not.match(/^root:|processId.*storage.*$/s);
        }),
        { numRuns: fuzzRuns(200) },
      );
    }));

  it('bytes that are no HTTP: it hangs up or answers, and goes on', () =>
    withPage(async ({ port }) => {
      const head = fc.constantFrom(
        ...[
          'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n',
          'GET /live HTTP/1.1\r\nUpgrade: websocket\r\n',
          'POST / HTTP/1.1\r\n',
        ],
        ...[
          'GET / HTTP/9.9\r\n',
          '\r\n\r\n',
          'Content-Length: 99999999999\r\n',
          'Transfer-Encoding: chunked\r\n',
        ],
      );
      const bytes = fc.oneof(
        head.map((text) => Buffer.from(text)),
        fc.uint8Array({ maxLength: 60 }).map((array) => Buffer.from(array)),
      );
      await fc.assert(
        fc.asyncProperty(fc.array(bytes, { minLength: 1, maxLength: 5 }), (pieces) => {
          return new Promise<void>((resolve) => {
            const socket = connect(port, '127.0.0.1');
            socket.on('error', () => {});
            socket.on('close', () => resolve());
            socket.resume();
            socket.end(Buffer.concat(pieces));
            setTimeout(() => socket.destroy(), 500).unref();
          });
        }),
        { numRuns: fuzzRuns(100) },
      );
    }));

  it('messages over the WebSocket: a command, a refusal, or the end of the connection', () =>
    withPage(async ({ port }) => {
      const word = fc.constantFrom(
        'type',
        'id',
        'command',
        'start',
        'stop',
        'subject',
        'site',
        'name',
        'discard',
        '__proto__',
      );
      const value = fc.oneof(word, fc.jsonValue({ maxDepth: 2 }));
      const message = fc.oneof(
        fc.dictionary(word, value, { maxKeys: 5 }).map((object) => JSON.stringify(object)),
        fc.string({ maxLength: 1200 }),
        fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
      );
      await fc.assert(
        fc.asyncProperty(fc.array(message, { minLength: 1, maxLength: 4 }), async (messages) => {
          const client = await PageClient.opened(port);
          for (const text of messages) client.send(text);
          client.socket.close();
          await client.until(() => client.closeCode !== undefined);
        }),
        { numRuns: fuzzRuns(60) },
      );
    }));
});
