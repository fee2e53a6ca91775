import { expect } from 'chai';
import { fork } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MqttListener } from '../support/mqtt-listener.js';
import { until } from '../support/until.js';
import { freePort, Mosquitto, needsMosquitto, selfSigned } from '../support/mosquitto.js';
import { PublishedBedside } from '../support/published-bedside.js';
import { inFolder } from '../support/sessions.js';

/** Without what was sent twice, which its id tells. */
function indexesOf(listener: MqttListener): number[] {
  const seen = new Set<string>();
  return listener.of('window').flatMap(({ id, value }) => {
    if (seen.has(id!)) return [];
    seen.add(id!);
    return [value.index as number];
  });
}

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);

describe('publishing to a Mosquitto broker', function () {
  before(function () {
    needsMosquitto(this);
  });

  it('sends every event in order, with whose it is, and the state of the bedside retained', () =>
    inFolder(async (folder) => {
      const broker = await Mosquitto.start(folder);
      const listener = new MqttListener(broker.url);
      await listener.ready;
      const bedside = await PublishedBedside.open(broker.url, folder, 'ward-3');
      bedside.begin();
      for (const index of upTo(50)) bedside.window(index);
      bedside.end(50);
      await listener.until(() => listener.of('final').length === 1, 'the result is there');
      expect(indexesOf(listener)).to.deep.equal(upTo(50));
      const [final] = listener.of('final');
      expect(final.topic).to.equal('lubdub/ward-3/final');
      expect(final.properties).to.include({ schema: '1', subject: 'P-1', site: 'mitral' });
      expect(final.properties.recording).to.match(/^[0-9a-f-]{36}$/);
      expect(final.value).to.include({ kind: 'final', verdict: 'normal', lostSamples: 0 });
      await listener.until(
        () => listener.of('state').some(({ value }) => value.state === 'stopped'),
        'the state',
      );

      // Whoever comes late learns how things stand.
      const late = new MqttListener(broker.url, 'lubdub/+/state');
      await late.until(() => late.heard.length === 1, 'the retained state');
      expect(late.heard[0].retain).to.equal(true);
      expect(late.heard[0].value).to.include({
        bedside: 'ward-3',
        online: true,
        verdict: 'normal',
        usableSeconds: 50,
      });
      expect(await bedside.close()).to.equal(0);
      await late.until(() => late.heard.at(-1)?.value.online === false, 'it says good-bye');
      expect(late.heard.at(-1)!.value.absence).to.equal('ended');
      await Promise.all([listener.close(), late.close(), broker.stop()]);
    }));

  it('keeps on disk what happens without a broker, also from run to run, and sends it in order when there is one', () =>
    inFolder(async (folder) => {
      const port = await freePort();
      const url = `mqtt://127.0.0.1:${port}`;
      const first = await PublishedBedside.open(url, folder, 'ward-3');
      first.begin();
      for (const index of upTo(20)) first.window(index);
      await until(() => first.events.some(({ state }) => state === 'lost'), 'the loss is told');
      expect(first.events.find(({ state }) => state === 'lost')!.message).to.match(/is it running\?.*wait/);
      expect(await first.close()).to.be.at.least(21);

      const broker = await Mosquitto.start(folder, { port });
      const listener = new MqttListener(broker.url);
      await listener.ready;
      const second = await PublishedBedside.open(url, folder, 'ward-3');
      for (const index of upTo(40).slice(20)) second.window(index);
      await listener.until(() => indexesOf(listener).length === 40, 'all is there');
      expect(indexesOf(listener)).to.deep.equal(upTo(40));
      expect(listener.of('window')).to.have.length(40);
      expect(await second.close()).to.equal(0);
      await listener.close();
      await broker.stop();
    }));

  it('loses nothing and keeps the order where the broker is killed again and again', () =>
    inFolder(async (folder) => {
      const broker = await Mosquitto.start(folder, {
        lines: ['allow_anonymous true', 'autosave_interval 1', 'autosave_on_changes true'],
      });
      const listener = new MqttListener(broker.url);
      await listener.ready;
      const bedside = await PublishedBedside.open(broker.url, folder, 'ward-3');
      const sent = { windows: 0 };
      bedside.begin();
      const sending = setInterval(() => bedside.window(sent.windows++), 5);
      for (let kill = 0; kill < 3; kill++) {
        await until(() => bedside.events.at(-1)?.state === 'connected', 'it is connected');
        await new Promise((resolve) => setTimeout(resolve, 400));
        // With time to write down whom it owes what: a broker that forgets its listeners is no fault of ours.
        await broker.stop();
        await new Promise((resolve) => setTimeout(resolve, 200));
        await broker.startAgain();
      }
      clearInterval(sending);
      bedside.end(sent.windows);
      await listener.until(() => indexesOf(listener).length === sent.windows, 'all is there');
      expect(indexesOf(listener)).to.deep.equal(upTo(sent.windows));
      expect(bedside.events.filter(({ state }) => state === 'lost')).to.have.length.at.least(3);
      expect(await bedside.close()).to.equal(0);
      await listener.close();
      await broker.stop();
    }));

  it('has the broker tell that it vanished when it is killed, and loses nothing that it kept', () =>
    inFolder(async (folder) => {
      const broker = await Mosquitto.start(folder);
      const listener = new MqttListener(broker.url);
      await listener.ready;
      const script = fileURLToPath(new URL('../support/publishing-child.js', import.meta.url));
      const child = fork(script, [broker.url, folder], { stdio: 'ignore' });
      await listener.until(() => listener.of('window').length >= 10, 'it sends');
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
      await listener.until(
        () => listener.of('state').some(({ value }) => value.absence === 'vanished'),
        'its will',
      );
      const vanished = listener.of('state').find(({ value }) => value.absence === 'vanished')!;
      expect(vanished.value).to.include({ online: false, bedside: 'ward-3' });

      const again = await PublishedBedside.open(broker.url, folder, 'ward-3');
      await until(() => again.events.some(({ state }) => state === 'connected'), 'it is back');
      expect(await again.close()).to.equal(0);
      const indexes = indexesOf(listener);
      expect(indexes).to.deep.equal(upTo(indexes.length));
      await listener.close();
      await broker.stop();
    }));

  it('says what is wrong with a certificate and goes on; trusts it when it is named', () =>
    inFolder(async (folder) => {
      const files = selfSigned(folder);
      if (files === undefined) return console.log('    SKIPPED: OpenSSL is not installed');
      const broker = await Mosquitto.start(folder, {
        lines: [`certfile ${files.cert}`, `keyfile ${files.key}`, 'allow_anonymous true'],
      });
      const url = `mqtts://127.0.0.1:${broker.port}`;
      const bedside = await PublishedBedside.open(url, folder, 'ward-3');
      await until(() => bedside.events.some(({ state }) => state === 'lost'), 'the certificate is refused');
      expect(bedside.events[0].message).to.match(/certificate.*--broker-ca/);
      bedside.window(0);
      expect(await bedside.close()).to.equal(1);
      const { brokerAddress } = await import('../../src/publish/broker-address.js');
      const address = brokerAddress({ url, ca: files.cert });
      const trusting = await PublishedBedside.open(url, folder, 'ward-3', { address });
      await until(() => trusting.publisher.waiting === 0, 'what waited is taken');
      expect(await trusting.close()).to.equal(0);
      await broker.stop();
    }));

  it('says which user or password is missing, and who may not publish', () =>
    inFolder(async (folder) => {
      const passwords = join(folder, 'passwords');
      const acl = join(folder, 'acl');
      await writeFile(passwords, '');
      await writeFile(acl, 'pattern write lubdub/%u/#\n');
      const broker = await Mosquitto.start(folder, {
        lines: ['allow_anonymous false', `password_file ${passwords}`, `acl_file ${acl}`],
      });
      const bedside = await PublishedBedside.open(broker.url, folder, 'ward-3');
      bedside.window(0);
      await until(() => bedside.events.some(({ state }) => state === 'lost'), 'it is refused');
      expect(bedside.events[0].message).to.match(/--broker-login|does not allow/);
      expect(await bedside.close()).to.equal(1);
      await broker.stop();
    }));

  it('tells that another one uses its name', () =>
    inFolder(async (folder) => {
      const broker = await Mosquitto.start(folder);
      const first = await PublishedBedside.open(broker.url, folder, 'ward-3');
      await until(() => first.events.some(({ state }) => state === 'connected'), 'the first is there');
      const second = await PublishedBedside.open(broker.url, `${folder}/elsewhere`, 'ward-3');
      await until(
        () => first.events.some(({ message }) => message.includes('same bedside name')),
        'it is told',
      );
      expect(first.events.at(-1)!.message).to.include('--bedside');
      await Promise.all([first.close(), second.close(), broker.stop()]);
    }));
});
