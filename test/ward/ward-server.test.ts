import { request } from 'node:http';
import { expect } from 'chai';
import { Subject } from 'rxjs';
import type { Vitals } from '../../src/health/vitals.js';
import { WardBoard } from '../../src/ward/ward-board.js';
import type { WardResult } from '../../src/ward/ward-message.js';
import { startWardPage, type RunningWardPage } from '../../src/ward/ward-server.js';
import type { StoredResult } from '../../src/ward/ward-store.js';
import type { WardEvent } from '../../src/ward/ward.js';
import { finalOf } from '../support/published-bedside.js';

const TOKEN = 'a-token-of-enough-letters';

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

function ask(port: number, path: string, headers: Record<string, string> = {}, method = 'GET') {
  return new Promise<Answer>((resolve, reject) => {
    request({ port, path, headers, method, setHost: headers.host === undefined }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body }));
    })
      .on('error', reject)
      .end();
  });
}

describe('the server of the ward’s page', function () {
  this.timeout(20_000);
  const faults: unknown[] = [];
  let list: () => Promise<StoredResult[]>;
  let page: RunningWardPage;

  async function open(token?: string): Promise<void> {
    const ward = {
      board: new WardBoard(),
      results$: new Subject<WardResult>(),
      events$: new Subject<WardEvent>(),
      isConnected: true,
      refused: 0,
    };
    const store = {
      put: () => Promise.resolve(true),
      list: () => list(),
      close: () => Promise.resolve(),
    };
    const vitals: Vitals = {
      health: () => Promise.resolve({ state: 'ok', message: '', version: '1', parts: {} }),
      metrics: () => Promise.resolve('# EOF\n'),
    };
    const onFault = (error: unknown) => void faults.push(error);
    page = await startWardPage({
      ...{ ward, store, vitals, version: '1', port: 0, onFault },
      ...(token === undefined ? {} : { token }),
    });
  }

  beforeEach(() => {
    faults.splice(0);
    list = () => Promise.resolve([]);
  });

  afterEach(() => page.close());

  it('tells nobody anything without the token', async () => {
    await open(TOKEN);
    for (const path of ['/api/results.csv', '/api/results.json', '/healthz', '/metrics', '/ward.js', '/x']) {
      expect((await ask(page.port, path)).status, path).to.equal(401);
    }
    const way = await ask(page.port, '/');
    expect(way.status).to.equal(401);
    expect(way.body).to.include('name="token"');
    const entered = await ask(page.port, `/?token=${TOKEN}`);
    expect(entered.status).to.equal(303);
    const cookie = String(entered.headers['set-cookie']).split(';')[0];
    expect((await ask(page.port, '/', { cookie })).body).to.include('lubdub ward');
    expect((await ask(page.port, '/metrics', { authorization: `Bearer ${TOKEN}` })).status).to.equal(200);
  });

  it('only reads, answers under its own name, and to no other page', async () => {
    await open();
    expect((await ask(page.port, '/', {}, 'POST')).status).to.equal(405);
    expect((await ask(page.port, '/api/results.json', { host: 'evil.example' })).status).to.equal(403);
    const foreign = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' };
    expect((await ask(page.port, '/api/results.json', foreign)).status).to.equal(403);
    const { status, headers } = await ask(page.port, '/');
    expect(status).to.equal(200);
    expect(headers['content-security-policy']).to.include("default-src 'none'");
    expect(headers['x-content-type-options']).to.equal('nosniff');
    expect((await ask(page.port, '/main.js')).status, 'of the other page').to.equal(404);
  });

  it('hands out results as a table and as JSON, and says where a time is none', async () => {
    await open();
    const at = new Date('2026-11-26T10:00:00Z');
    const about = { id: 'result-1', bedside: 'bed-1', recording: null, subject: 'P-1', site: null };
    list = () => Promise.resolve([{ ...about, at, receivedAt: at, result: finalOf(20) }]);
    const table = await ask(page.port, '/api/results.csv?from=2026-11-26');
    expect(table.headers['content-type']).to.include('text/csv');
    expect(table.body).to.include('2026-11-26T10:00:00.000Z,bed-1,P-1');
    const json = JSON.parse((await ask(page.port, '/api/results.json')).body) as { note: string };
    expect(json.note).to.include('not a diagnosis');
    expect((await ask(page.port, '/api/results.csv?from=yesterday')).status).to.equal(400);
    expect((await ask(page.port, '/api/results.xml')).status).to.equal(404);
  });

  it('says that it has a fault where the store fails, and tells whoever runs it why', async () => {
    await open();
    list = () => Promise.reject(new Error('disk of the secret path'));
    const answer = await ask(page.port, '/api/results.csv');
    expect(answer.status).to.equal(500);
    expect(answer.body).to.not.include('secret');
    expect(String(faults[0])).to.include('secret');
  });
});
