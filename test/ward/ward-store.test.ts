import { expect } from 'chai';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigurationError } from '../../src/errors.js';
import { openWardStore } from '../../src/ward/open-ward-store.js';
import type { WardResult } from '../../src/ward/ward-message.js';
import type { WardStore } from '../../src/ward/ward-store.js';
import { finalOf } from '../support/published-bedside.js';
import { needsPostgres, Postgres } from '../support/postgres.js';
import { inFolder } from '../support/sessions.js';

const resultAt = (index: number): WardResult => ({
  id: `run.${index}-id-of-a-result`,
  bedside: 'ward-3',
  recording: null,
  subject: index % 2 === 0 ? 'P-1' : null,
  site: null,
  at: new Date(1_700_000_000_000 + 1000 * index),
  result: finalOf(index, { probability: index / 100 }),
});

const day = (store: WardStore) => store.list(new Date(0), new Date(2_000_000_000_000));

/** What holds for every store. */
function itIsAWardStore(withPlace: (use: (place: string) => Promise<void>) => Promise<void>): void {
  it('keeps a result once, however often it comes, and gives it back as it was', () =>
    withPlace(async (place) => {
      const store = await openWardStore(place);
      const receivedAt = new Date(1_700_000_123_456);
      expect(await store.put(resultAt(2), receivedAt)).to.equal(true);
      expect(await store.put(resultAt(1), receivedAt)).to.equal(true);
      expect(await store.put(resultAt(2), new Date())).to.equal(false);
      expect(await day(store)).to.deep.equal([
        { ...resultAt(1), receivedAt },
        { ...resultAt(2), receivedAt },
      ]);
      expect(await store.list(resultAt(2).at, resultAt(3).at)).to.have.length(1);
      await store.close();
    }));

  it('is shared by wards that open it at the same time, and outlasts them', () =>
    withPlace(async (place) => {
      const [one, other] = await Promise.all([openWardStore(place), openWardStore(place)]);
      const taken = await Promise.all(
        Array.from({ length: 40 }, (_, index) =>
          (index % 2 === 0 ? one : other).put(resultAt(Math.floor(index / 2)), new Date()),
        ),
      );
      expect(taken.filter((isNew) => isNew)).to.have.length(20);
      await Promise.all([one.close(), other.close()]);
      const again = await openWardStore(place);
      expect(await day(again)).to.have.length(20);
      await again.close();
    }));
}

describe('ward store', () => {
  describe('SQLite', () => {
    itIsAWardStore((use) => inFolder((folder) => use(join(folder, 'deep', 'ward.sqlite'))));

    it('names the remedy where the file cannot be had', () =>
      inFolder(async (folder) => {
        mkdirSync(join(folder, 'ward.sqlite'));
        let fault: unknown;
        await openWardStore(join(folder, 'ward.sqlite')).catch((error: unknown) => (fault = error));
        expect(fault).to.be.instanceOf(ConfigurationError).with.property('message').that.includes('--store');
      }));
  });

  describe('PostgreSQL', function () {
    let server: Postgres;
    before(async function () {
      needsPostgres(this);
      server = await Postgres.start();
    });
    after(async () => server?.stop());

    itIsAWardStore((use) => use(server.newDatabase()));

    it('names the remedy where the server cannot be reached', async () => {
      let fault: unknown;
      await openWardStore('postgres://nobody@127.0.0.1:1/none').catch((error: unknown) => (fault = error));
      expect(fault).to.be.instanceOf(ConfigurationError).with.property('message').that.includes('PGPASSWORD');
    });
  });

  it('refuses the address of something else', async () => {
    let fault: unknown;
    await openWardStore('mysql://db').catch((error: unknown) => (fault = error));
    expect(fault).to.be.instanceOf(ConfigurationError);
  });
});
