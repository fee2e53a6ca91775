import { expect } from 'chai';
import { createServer, connect, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { AddressInfo } from 'node:net';
import { ConfigurationError } from '../../src/errors.js';
import { startPage, type PageOptions, type RunningPage } from '../../src/page/server/start-page.js';
import { FakeController } from '../support/fake-controller.js';
import { validContract } from '../support/model-contract.js';
import { ask, PageClient } from '../support/page-client.js';
import { until } from '../support/until.js';
import { DISCLAIMER } from '../../src/verdict/disclaimer.js';

const hasIpv6 = Object.values(networkInterfaces()).some((found) =>
  found?.some(({ family }) => family === 'IPv6'),
);
const TOKEN = 'a-token-of-enough-letters';
const tone = Float64Array.from({ length: 4000 }, (_, i) => Math.sin(i / 5));

describe('the page’s server', () => {
  let controller: FakeController;
  let page: RunningPage;
  const faults: unknown[] = [];

  async function start(change: Partial<PageOptions> = {}): Promise<number> {
    controller = new FakeController(tone);
    page = await startPage({
      controller,
      version: '0.1.0',
      rules: validContract().verdict,
      model: null,
      port: 0,
      onFault: (error) => faults.push(error),
      ...change,
    });
    return page.port;
  }

  afterEach(async () => {
    controller.pause();
    await page.close();
    expect(faults.splice(0)).to.deep.equal([]);
  });

  describe('against strangers', () => {
    it('answers only under names of this machine (DNS rebinding)', async () => {
      const port = await start();
      for (const host of ['127.0.0.1', `localhost:${port}`, 'LOCALHOST', '[::1]:9']) {
        expect((await ask(port, '/', { headers: { host } })).status, host).to.equal(200);
      }
      const strange = [
        'evil.example',
        `127.0.0.1.evil.example:${port}`,
        'localhost.evil.example',
        '10.0.0.1',
        'a b',
      ];
      for (const host of strange) {
        const { status, body } = await ask(port, '/', { headers: { host } });
        expect(status, host).to.be.oneOf([400, 403]);
        expect(body.toString()).not.to.include('evil');
      }
    });

    it('lets only its own page open a WebSocket', async () => {
      const port = await start();
      const host = `127.0.0.1:${port}`;
      for (const origin of [
        'http://evil.example',
        'null',
        `http://127.0.0.1:${port + 1}`,
        `http://localhost:${port}`,
        `https://127.0.0.1:${port}`,
        'http://127.0.0.1',
        'nonsense',
      ]) {
        expect(await PageClient.open(port, { origin, host }), origin).to.equal(403);
      }
      expect(await PageClient.open(port, { host })).to.equal(403);
      expect(await PageClient.open(port, { host: 'evil.example', origin: 'http://evil.example' })).to.equal(
        403,
      );
      expect(await PageClient.open(port, { host, origin: `http://${host}` }, '/elsewhere')).to.equal(404);
      expect(await PageClient.open(port, { host, origin: `http://${host}` })).to.be.instanceOf(PageClient);
    });

    it('gives nothing to other pages, but lets a person come from them', async () => {
      const port = await start();
      const cross = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' };
      expect((await ask(port, '/main.js', { headers: cross })).status).to.equal(403);
      expect(
        (await ask(port, '/api/sessions', { headers: { ...cross, 'sec-fetch-site': 'same-site' } })).status,
      ).to.equal(403);
      expect((await ask(port, '/', { headers: { ...cross, 'sec-fetch-mode': 'navigate' } })).status).to.equal(
        200,
      );
      expect((await ask(port, '/', { headers: { origin: 'http://evil.example' } })).status).to.equal(403);
    });

    it('sends a strict content security policy and no inline code', async () => {
      const port = await start();
      const { headers, body } = await ask(port, '/');
      const policy = headers['content-security-policy'] as string;
      expect(policy).to.include("default-src 'none'");
      expect(policy).to.include("script-src 'self'");
      expect(policy).to.include("frame-ancestors 'none'");
      expect(policy).not.to.match(/unsafe|\*|data:|http/);
      expect(headers['x-content-type-options']).to.equal('nosniff');
      expect(headers['cross-origin-resource-policy']).to.equal('same-origin');
      const html = body.toString();
      expect(html).not.to.match(/<script(?![^>]*\bsrc=)/);
      expect(html).not.to.match(/\sstyle=|\son\w+=|https?:\/\//);
      expect(html).to.include(DISCLAIMER);
      for (const path of ['/nothing', '/api/sessions']) {
        expect((await ask(port, path)).headers['content-security-policy'], path).to.include('sandbox');
      }
    });

    it('only answers GET and HEAD, and no path but its own', async () => {
      const port = await start();
      for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
        expect((await ask(port, '/', { method })).status, method).to.equal(405);
      }
      for (const path of [
        '/../package.json',
        '/..%2f..%2fpackage.json',
        '//etc/passwd',
        '/assets/main.js',
        '/sign-in',
        '/%00',
        'http://evil.example/main.jsx',
      ]) {
        expect((await ask(port, path)).status, path).to.be.oneOf([400, 404]);
      }
    });
  });

  describe('with a token', () => {
    it('is refused to anybody without it, and let in with it', async () => {
      const port = await start({ token: TOKEN });
      expect(page.url).to.equal(`http://127.0.0.1:${port}/?token=${TOKEN}`);
      const stranger = await ask(port, '/');
      expect(stranger.status).to.equal(401);
      expect(stranger.body.toString()).to.include('Token');
      expect((await ask(port, '/main.js')).status).to.equal(401);
      expect((await ask(port, '/?token=a-token-of-other-letters')).status).to.equal(401);
      expect(await PageClient.open(port)).to.equal(401);

      const { status, headers } = await ask(port, `/?token=${TOKEN}`);
      expect([status, headers.location]).to.deep.equal([303, '/']);
      const [cookie] = headers['set-cookie']!;
      expect(cookie)
        .to.match(/; HttpOnly; SameSite=Strict$/)
        .and.not.include(TOKEN);
      const own = { cookie: `other=1; ${cookie.split(';')[0]}`, origin: `http://127.0.0.1:${port}` };
      expect((await ask(port, '/', { headers: own })).status).to.equal(200);
      expect(await PageClient.open(port, own)).to.be.instanceOf(PageClient);
      expect((await ask(port, '/', { headers: { authorization: `Bearer ${TOKEN}` } })).status).to.equal(200);
      expect((await ask(port, '/', { headers: { authorization: 'Bearer x' } })).status).to.equal(401);
    });

    it('is demanded beyond loopback, and must be long', async () => {
      await start();
      const failing = async (change: Partial<PageOptions>) => {
        try {
          const other = await startPage({
            controller,
            version: '',
            rules: validContract().verdict,
            model: null,
            port: 0,
            ...change,
          });
          await other.close();
        } catch (error) {
          return error as Error;
        }
        return undefined;
      };
      for (const host of ['0.0.0.0', '::', '192.168.1.20', 'ward-pi']) {
        const error = await failing({ host });
        expect(error, host).to.be.instanceOf(ConfigurationError);
        expect(error!.message).to.include('--token');
      }
      const short = await failing({ token: 'short' });
      expect(short).to.be.instanceOf(ConfigurationError);
      expect(short!.message).not.to.include('short');
      expect(await failing({ host: '0.0.0.0', token: TOKEN })).to.equal(undefined);
    });

    it('answers beyond loopback under this machine’s names only', async () => {
      const port = await start({ host: '0.0.0.0', token: TOKEN });
      const status = async (host: string) => (await ask(port, '/', { headers: { host } })).status;
      expect(await status(`127.0.0.1:${port}`)).to.equal(401);
      expect(await status('evil.example')).to.equal(403);
    });

    it('names addresses that a person can open, not the wildcard', async () => {
      for (const host of ['0.0.0.0', '::']) {
        if (host === '::' && !hasIpv6) continue;
        const port = await start({ host, token: TOKEN });
        expect(page.urls[0]).to.equal(page.url);
        for (const url of page.urls) {
          const { host: named, hostname } = new URL(url);
          expect(hostname).to.not.be.oneOf(['0.0.0.0', '[::]']);
          const answer = await ask(port, `/?token=${TOKEN}`, { headers: { host: named } });
          expect(answer.status, url).to.equal(303);
        }
        if (host === '0.0.0.0') await page.close();
      }
    });
  });

  describe('to who does not let go', () => {
    const idle: Socket[] = [];
    afterEach(() => idle.splice(0).forEach((socket) => socket.destroy()));
    const dial = (port: number, request: string, localAddress = '127.0.0.1') =>
      new Promise<Socket>((resolve) => {
        const socket = connect({ port, host: '127.0.0.1', localAddress, allowHalfOpen: true });
        idle.push(socket);
        socket.on('error', () => {});
        socket.write(request);
        socket.on('connect', () => resolve(socket.resume()));
      });
    const closed = async (socket: Socket) => {
      if (!socket.readableEnded && !socket.destroyed) {
        await new Promise((resolve) => socket.once('end', resolve).once('close', resolve));
      }
    };
    const upgrade =
      'GET /live HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n';

    it('hangs up after a refused upgrade', async () => {
      const port = await start({ limits: { connections: 8 } });
      for (let round = 0; round < 3; round++) {
        const sockets = await Promise.all(Array.from({ length: 8 }, () => dial(port, upgrade)));
        await Promise.all(sockets.map(closed));
        await until(
          () =>
            ask(port, '/').then(
              ({ status }) => status === 200,
              () => false,
            ),
          'there is room again',
        );
      }
    });

    it('gives one peer a part of the connections', async () => {
      const port = await start({ limits: { connections: 8, connectionsAPeer: 4 } });
      const sockets = await Promise.all(
        Array.from({ length: 4 }, () => dial(port, 'GET / HTTP/1.1\r\n', '127.0.0.2')),
      );
      const further = await dial(port, '', '127.0.0.2');
      await closed(further);
      expect((await ask(port, '/')).status).to.equal(200);
      sockets[0].destroy();
      await until(async () => {
        const again = await dial(port, 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n', '127.0.0.2');
        const answered = new Promise<boolean>((resolve) => again.once('data', () => resolve(true)));
        return Promise.race([answered, closed(again).then(() => false)]);
      }, 'there is room again');
    });

    it('ends heads that never end, and whatever lasts too long', async () => {
      const port = await start({ limits: { headMs: 100, lifetimeMs: 1500 } });
      const began = performance.now();
      await closed(await dial(port, 'GET / HTTP/1.1\r\nHost: '));
      expect(performance.now() - began).to.be.below(5000);
      const slow = await dial(port, 'POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\n');
      await closed(slow);
      expect(performance.now() - began).to.be.below(10_000);
    });
  });

  describe('to its pages', () => {
    it('tells everything at once to a page that is opened late', async () => {
      const port = await start();
      await controller.start({ site: 'aortic', subject: 'S-017' });
      controller.play(30);
      controller.window(0);
      controller.marks$.next([{ timeSeconds: 1, sound: 'S1' }]);
      await new Promise((resolve) => setTimeout(resolve, 120));
      const client = await PageClient.opened(port);
      await client.until(
        () => client.frames.length > 0 && client.messages.some(({ type }) => type === 'marks'),
      );
      expect(client.messages[0]).to.deep.include({ type: 'facts' });
      expect(client.view!.status).to.deep.include({ state: 'recording', site: 'aortic', subject: 'S-017' });
      expect(client.view!.windows).to.have.length(1);
      expect(client.frames.at(-1)!.startSeconds + client.frames.at(-1)!.samples.length / 1000).to.be.closeTo(
        30,
        1e-6,
      );
    });

    it('sends trace when it comes, and does not wait until something else happens', async () => {
      const client = await PageClient.opened(await start());
      await controller.start({ site: null, subject: null });
      await client.until(() => client.view?.status.state === 'recording');
      // As a port that is read by a timer: with nothing else to do, whatever is not sent then waits for the next one.
      await new Promise((resolve) => setTimeout(resolve, 200));
      controller.play(0.1);
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(client.frames.map(({ samples }) => samples.length)).to.deep.equal([100]);
    });

    it('passes on what they ask for, and why it is refused', async () => {
      const port = await start();
      const client = await PageClient.opened(port);
      client.send({ id: 1, command: 'start', site: 'mitral', subject: 'S-017' });
      expect(await client.reply(1)).to.deep.include({ message: null });
      await client.until(() => client.view?.status.state === 'recording');
      client.send({ id: 2, command: 'start', site: null, subject: null });
      expect(await client.reply(2)).to.deep.include({ message: 'a recording is under way; stop it first' });
      client.send({ id: 3, command: 'stop' });
      await client.until(() => client.view?.examination?.verdict === 'normal');
      client.send({ id: 4, command: 'discard' });
      await client.until(() => client.view?.status.state === 'idle' && client.view.examination === null);
      expect(controller.calls).to.deep.equal(['start mitral S-017', 'start null null', 'stop', 'discard']);
    });

    it('shows the joint result of several sites', async () => {
      const port = await start();
      const client = await PageClient.opened(port);
      for (const [site, verdict, probability] of [
        ['aortic', 'normal', 0.3],
        ['mitral', 'abnormal', 0.9],
      ] as const) {
        await controller.start({ site, subject: 'S-017' });
        controller.outcome = { verdict, probability };
        await controller.stop();
      }
      const examination = await client.until(
        () => client.view?.examination?.sites.length === 2 && client.view.examination,
      );
      expect(examination).to.deep.include({
        verdict: 'abnormal',
        subject: 'S-017',
        recordings: 2,
        usableSeconds: 40,
      });
    });

    it('hangs up on what is no command, on long messages and on too many', async () => {
      const port = await start();
      const closed = async (...messages: unknown[]) => {
        const client = await PageClient.opened(port);
        messages.forEach((message) => client.send(message));
        return client.until(() => client.closeCode);
      };
      expect(await closed('{')).to.equal(1008);
      expect(await closed({ id: 1, command: 'start', site: 'liver', subject: null })).to.equal(1008);
      expect(await closed({ id: 1, command: 'start', site: null, subject: '../../etc' })).to.equal(1008);
      expect(await closed({ id: 1, command: 'stop', further: 1 })).to.equal(1008);
      expect(await closed('x'.repeat(5000))).to.equal(1009);
      const many = Array.from({ length: 60 }, (_, id) => ({
        id,
        command: 'name',
        site: null,
        subject: null,
      }));
      expect(await closed(...many)).to.equal(1008);
      expect(controller.calls.length).to.be.below(60);
    });

    it('opens only so many pages, and more once one is closed', async () => {
      const port = await start({ limits: { pages: 2 } });
      const first = await PageClient.opened(port);
      await PageClient.opened(port);
      expect(page.pageCount).to.equal(2);
      expect(await PageClient.open(port)).to.equal(503);
      first.socket.close();
      while (page.pageCount > 1) await new Promise((resolve) => setTimeout(resolve, 5));
      expect(await PageClient.open(port)).to.be.instanceOf(PageClient);
    });

    it('leaves trace out for a page that does not read, in bounded memory, and goes on for others', async function () {
      // One that is slow for long is no less open: a slow machine makes it so.
      const port = await start({ limits: { maxBufferedBytes: 20_000, silenceMs: 600_000 } });
      const quick = await PageClient.opened(port);
      const slow = await PageClient.opened(port);
      slow.socket.pause();
      await controller.start({ site: null, subject: null });
      // 40 MB in all: far more than what the kernel takes off a socket's hands.
      const rounds = 40;
      for (let round = 1; round <= rounds; round++) {
        controller.play(250);
        await quick.until(() => {
          const last = quick.frames.at(-1);
          return last !== undefined && last.startSeconds + last.samples.length / 1000 >= 250 * round - 1e-6;
        });
        quick.frames.splice(0, quick.frames.length - 1);
      }
      controller.window(7);
      slow.socket.resume();
      await slow.until(() => slow.view?.windows.at(-1)?.index === 7);
      // What is left out waits nowhere: it got what the kernel held, and little more.
      expect(slow.frames.length).to.be.below(rounds / 2);
      const skipped = await slow.until(() => {
        controller.window(8);
        return slow.messages.findLast((message) => message.type === 'skipped');
      });
      expect(slow.frames.length + skipped.traceFrames).to.be.at.least(rounds);
    });

    it('lets go of a page that is gone without a word', async () => {
      const port = await start({ limits: { silenceMs: 50 } });
      // Shakes hands, then never answers a ping.
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => {});
      socket.write(
        `GET /live HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nOrigin: http://127.0.0.1:${port}\r\nUpgrade: websocket\r\n` +
          'Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
      );
      await new Promise((resolve) => socket.once('data', resolve));
      expect(page.pageCount).to.equal(1);
      socket.resume();
      await new Promise((resolve) => socket.once('close', resolve));
      while (page.pageCount > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    });
  });

  describe('at its port', () => {
    it('says so where the port that was asked for is taken', async () => {
      const port = await start();
      const second = startPage({
        controller,
        version: '',
        rules: validContract().verdict,
        model: null,
        port,
      });
      const error = await second.then(
        () => undefined,
        (reason: Error) => reason,
      );
      expect(error).to.be.instanceOf(ConfigurationError);
      expect(error!.message).to.include(`port ${port}`).and.include('taken');
    });

    it('takes the next free one where none was asked for', async () => {
      const taken = createServer();
      await new Promise<void>((resolve) => {
        taken.once('error', () => resolve());
        taken.listen(4912, '127.0.0.1', resolve);
      });
      await start();
      const next = await startPage({
        controller,
        version: '',
        rules: validContract().verdict,
        model: null,
      });
      expect(next.port).to.be.within(4913, 4921);
      await next.close();
      if (taken.listening) {
        expect((taken.address() as AddressInfo).port).to.equal(4912);
        await new Promise((resolve) => taken.close(resolve));
      }
    });

    it('is free again after closing, with pages open', async () => {
      const port = await start();
      const client = await PageClient.opened(port);
      await page.close();
      await client.until(() => client.closeCode);
      await start({ port });
      expect(page.port).to.equal(port);
    });
  });
});
