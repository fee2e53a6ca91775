import { expect } from 'chai';
import mqtt from 'mqtt';
import { join } from 'node:path';
import { openWardStore } from '../../src/ward/open-ward-store.js';
import { Ward, type WardEvent } from '../../src/ward/ward.js';
import { WardBoard } from '../../src/ward/ward-board.js';
import type { WardStore } from '../../src/ward/ward-store.js';
import { until } from '../support/until.js';
import { Mosquitto, needsMosquitto } from '../support/mosquitto.js';
import { BedsideStateTracker } from '../../src/publish/bedside-state.js';
import { finalOf, MODEL, PublishedBedside } from '../support/published-bedside.js';
import { inFolder } from '../support/sessions.js';

/** A ward as `lubdub ward` has it, and what it said. */
class OpenWard {
  readonly events: WardEvent[] = [];

  private constructor(
    readonly ward: Ward,
    readonly store: WardStore,
  ) {
    ward.events$.subscribe((event) => this.events.push(event));
  }

  static async open(
    url: string,
    place: string,
    name = 'one',
    store?: WardStore,
    board?: WardBoard,
  ): Promise<OpenWard> {
    const kept = store ?? (await openWardStore(place));
    const opened = new OpenWard(
      new Ward({ address: { url }, name, store: kept, ...(board === undefined ? {} : { board }) }),
      kept,
    );
    await until(() => opened.ward.isConnected, 'the ward listens');
    return opened;
  }

  row(bedside: string) {
    return this.ward.board.rows.find((row) => row.bedside === bedside);
  }

  async results() {
    return this.store.list(new Date(0), new Date(Date.now() + 1e9));
  }

  async close(): Promise<void> {
    await this.ward.close();
    await this.store.close();
  }
}

describe('Ward on a Mosquitto broker', function () {
  before(function () {
    needsMosquitto(this);
  });

  it('sees a bedside from its first word to its result, and after a restart as before', () =>
    inFolder(async (folder) => {
      const broker = await Mosquitto.start(folder);
      const place = join(folder, 'ward.sqlite');
      const first = await OpenWard.open(broker.url, place);
      const bedside = await PublishedBedside.open(broker.url, folder, 'ward-3');
      bedside.begin('P-7');
      for (let index = 0; index < 5; index++) bedside.window(index);
      await until(() => first.row('ward-3')?.quality === 0.9, 'a window is there');
      expect(first.row('ward-3')).to.include({ subject: 'P-7', site: 'mitral', online: true });
      await first.close();

      // A result while no ward is there waits at the broker.
      bedside.end(5, 'P-7');
      await until(() => bedside.publisher.waiting === 0, 'the broker has the result');
      const second = await OpenWard.open(broker.url, place);
      await until(() => second.row('ward-3')?.verdict === 'normal', 'the retained state');
      await until(async () => (await second.results()).length > 0, 'the result that waited');
      expect((await second.results()).map(({ subject, result }) => [subject, result.verdict])).to.deep.equal([
        ['P-7', 'normal'],
      ]);
      await bedside.close();
      await second.close();
      await broker.stop();
    }));

  it('gets what came out while the broker was restarted and the ward was away', () =>
    inFolder(async (folder) => {
      const broker = await Mosquitto.start(folder);
      const place = join(folder, 'ward.sqlite');
      const first = await OpenWard.open(broker.url, place);
      await first.close();
      await broker.stop();
      await broker.startAgain();
      const bedside = await PublishedBedside.open(broker.url, folder, 'ward-3');
      bedside.publisher.push(finalOf(1));
      await until(() => bedside.publisher.waiting === 0, 'the broker has confirmed it');
      const second = await OpenWard.open(broker.url, place);
      await until(() => second.ward.stored === 1, 'it is stored');
      await bedside.close();
      await second.close();
      await broker.stop();
    }));

  it('stores with another ward each result once, and both show all', () =>
    inFolder(async (folder) => {
      const broker = await Mosquitto.start(folder);
      const place = join(folder, 'ward.sqlite');
      const wards = await Promise.all(['one', 'two'].map((name) => OpenWard.open(broker.url, place, name)));
      const taken = wards.map(({ ward }) => {
        const ids: string[] = [];
        ward.results$.subscribe(({ id }) => ids.push(id));
        return ids;
      });
      const bedside = await PublishedBedside.open(broker.url, folder, 'ward-3');
      for (let recording = 0; recording < 20; recording++) bedside.publisher.push(finalOf(recording));
      await until(() => taken.every((ids) => ids.length >= 20), 'both have all');
      for (const ids of taken) expect(new Set(ids)).to.have.property('size', 20);
      expect(await wards[0].results()).to.have.length(20);
      expect(wards[0].ward.stored + wards[1].ward.stored, 'each by one of them').to.equal(20);
      await bedside.close();
      await Promise.all(wards.map((ward) => ward.close()));
      await broker.stop();
    }));

  it('keeps a result that came twice once', () =>
    inFolder(async (folder) => {
      const broker = await Mosquitto.start(folder);
      const ward = await OpenWard.open(broker.url, join(folder, 'ward.sqlite'));
      const client = await mqtt.connectAsync(broker.url, { protocolVersion: 5, timerVariant: 'native' });
      const userProperties = { schema: '1', id: 'run.1-of-this-test', at: new Date().toISOString() };
      for (let time = 0; time < 3; time++) {
        await client.publishAsync('lubdub/ward-9/final', JSON.stringify(finalOf(9)), {
          qos: 1,
          properties: { userProperties },
        });
      }
      await until(() => ward.ward.repeated === 2, 'all three are there');
      expect(await ward.results()).to.have.length(1);
      await client.endAsync();
      await ward.close();
      await broker.stop();
    }));

  it('leaves garbage out, counts it, speaks of it seldom, and stays open to the others', () =>
    inFolder(async (folder) => {
      const broker = await Mosquitto.start(folder);
      const ward = await OpenWard.open(broker.url, join(folder, 'ward.sqlite'));
      const hostile = await mqtt.connectAsync(broker.url, { protocolVersion: 5, timerVariant: 'native' });
      for (let index = 0; index < 200; index++) {
        const kind = ['state', 'window', 'final', 'examination'][index % 4];
        void hostile.publishAsync(`lubdub/ward-3/${kind}`, Buffer.from([index, 0xff, 0x7b]), { qos: 1 });
      }
      await until(() => ward.ward.refused >= 200, 'all of it is refused');
      expect(ward.events.filter(({ state }) => state === 'refused')).to.have.length(4);
      const bedside = await PublishedBedside.open(broker.url, folder, 'ward-3');
      bedside.begin();
      bedside.end(3);
      await until(() => ward.row('ward-3')?.verdict === 'normal', 'the real one is seen');
      await hostile.endAsync();
      await bedside.close();
      await ward.close();
      await broker.stop();
    }));

  it('stays small and talks little whatever a hostile client makes up', () =>
    inFolder(async (folder) => {
      const broker = await Mosquitto.start(folder);
      const hostile = await mqtt.connectAsync(broker.url, { protocolVersion: 5, timerVariant: 'native' });
      const userProperties = { schema: '1', id: 'hostile-1', at: '9999-01-02T03:04:05Z' };
      const publish = (topic: string, payload: string | Buffer, retain = false) =>
        hostile.publishAsync(topic, payload, { qos: 1, retain, properties: { userProperties } });
      // Waits at the broker, for whoever listens.
      await publish('lubdub/huge/state', Buffer.alloc(4 * 2 ** 20, 0x20), true);
      const board = new WardBoard({ maxBedsides: 20 });
      const ward = await OpenWard.open(broker.url, join(folder, 'ward.sqlite'), 'one', undefined, board);
      const stateOf = (bedside: string) =>
        JSON.stringify(
          new BedsideStateTracker({ bedside, lubdub: '1', model: MODEL }).view(
            new Date('9999-01-02T03:04:05Z'),
          ),
        );
      for (let number = 0; number < 300; number++) {
        await publish(`lubdub/made-up-${number}/state`, stateOf(`made-up-${number}`), true);
        await publish(`lubdub/garbage-${number}/state`, '[]');
      }
      await publish('lubdub/early/final', JSON.stringify(finalOf(1)));
      await until(() => ward.ward.stored === 1, 'a result from the far future is kept');
      await until(() => board.refused === 280 && ward.ward.refused === 300, 'the rest is refused');
      expect(board.rows).to.have.length(20);
      expect(ward.events.map(({ message }) => message).join('\n')).to.include('more than 20 bedsides');
      expect(ward.events.filter(({ state }) => state !== 'connected')).to.have.length.at.most(50);
      // The huge one was left out by the broker: nobody here has even seen it.
      expect(ward.events.some(({ message }) => message.includes('huge'))).to.equal(false);
      expect(ward.ward.isConnected).to.equal(true);
      await hostile.endAsync();
      await ward.close();
      await broker.stop();
    }));

  it('says that the clock of a bedside is ahead, and keeps its result', () =>
    inFolder(async (folder) => {
      const broker = await Mosquitto.start(folder);
      const ward = await OpenWard.open(broker.url, join(folder, 'ward.sqlite'));
      const client = await mqtt.connectAsync(broker.url, { protocolVersion: 5, timerVariant: 'native' });
      for (const [bedside, ahead] of [
        ['right', 0],
        ['ahead', 5 * 3600_000],
      ] as const) {
        const at = new Date(Date.now() + ahead).toISOString();
        const userProperties = { schema: '1', id: `result-${bedside}`, at };
        await client.publishAsync(`lubdub/${bedside}/final`, JSON.stringify(finalOf(1)), {
          qos: 1,
          properties: { userProperties },
        });
      }
      await until(() => ward.ward.stored === 2, 'both are kept');
      const clocks = ward.events.filter(({ state }) => state === 'clock');
      expect(clocks.map(({ message }) => message)).to.deep.equal([
        'the clock of ahead is 5 h ahead; set it there',
      ]);
      await client.endAsync();
      await ward.close();
      await broker.stop();
    }));

  it('is not connected while the broker lets it hear states and no results, and says why', () =>
    inFolder(async (folder) => {
      // The connection for results has the shorter name.
      const broker = await Mosquitto.start(folder, {
        lines: ['allow_anonymous true', 'clientid_prefixes lubdub-ward-one-'],
      });
      const store = await openWardStore(join(folder, 'ward.sqlite'));
      const ward = new Ward({ address: { url: broker.url }, name: 'one', store });
      const events: WardEvent[] = [];
      ward.events$.subscribe((event) => events.push(event));
      await until(() => events.some(({ state }) => state === 'lost'), 'it is told');
      expect(ward.isConnected).to.equal(false);
      expect(events.map(({ state }) => state)).to.not.include('connected');
      await ward.close();
      await store.close();
      await broker.stop();
    }));

  it('says that another ward has its name, and what to do', () =>
    inFolder(async (folder) => {
      const broker = await Mosquitto.start(folder);
      const first = await OpenWard.open(broker.url, join(folder, 'first.sqlite'));
      const second = await OpenWard.open(broker.url, join(folder, 'second.sqlite'));
      const told = () =>
        [...first.events, ...second.events].some(
          ({ state, message }) => state === 'lost' && message.includes('another with --name'),
        );
      await until(told, 'it is told');
      await Promise.all([first.close(), second.close()]);
      await broker.stop();
    }));

  it('confirms no result before it is stored, so that a store that fails loses none', () =>
    inFolder(async (folder) => {
      const broker = await Mosquitto.start(folder);
      const place = join(folder, 'ward.sqlite');
      const real = await openWardStore(place);
      let isBroken = true;
      const failing: WardStore = {
        put: (result, receivedAt) =>
          isBroken ? Promise.reject(new Error('the disk is full')) : real.put(result, receivedAt),
        list: (from, to) => real.list(from, to),
        close: () => real.close(),
      };
      const ward = await OpenWard.open(broker.url, place, 'one', failing);
      const bedside = await PublishedBedside.open(broker.url, folder, 'ward-3');
      bedside.begin();
      for (let recording = 0; recording < 3; recording++) bedside.publisher.push(finalOf(recording));
      await until(() => ward.events.some(({ state }) => state === 'store'), 'the failure is told');
      await until(() => ward.row('ward-3') !== undefined, 'the board goes on meanwhile');
      // It ends before it could store one; the next finds all three at the broker.
      await ward.ward.close();
      isBroken = false;
      const next = await OpenWard.open(broker.url, place, 'one', failing);
      await until(async () => (await next.results()).length >= 3, 'the results that waited');
      expect(await next.results()).to.have.length(3);
      await bedside.close();
      await next.close();
      await broker.stop();
    }));
});
