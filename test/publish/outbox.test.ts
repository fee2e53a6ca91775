import { expect } from 'chai';
import fc from 'fast-check';
import { readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigurationError } from '../../src/errors.js';
import { Outbox, type PostedMessage } from '../../src/publish/outbox.js';
import { Worth } from '../../src/publish/published-message.js';
import { inFolder } from '../support/sessions.js';

const message = (index: number, worth: Worth = Worth.seldom, text = ''): PostedMessage => ({
  id: `run.${index}`,
  kind: worth === Worth.result ? 'final' : 'window',
  worth,
  payload: JSON.stringify({ index, text }),
  properties: { at: '2026-01-01T00:00:00.000Z' },
});

const open = (folder: string, maxBytes = 2 ** 20) => Outbox.open(join(folder, 'outbox.sqlite'), maxBytes);

const idsOf = (outbox: Outbox, after = 0) => outbox.next(after, 1e6).map(({ id }) => id);

describe('Outbox', () => {
  it('gives messages in the order in which they came, from where it is asked', () =>
    inFolder(async (folder) => {
      const { outbox } = open(folder);
      outbox.append([message(1), message(2)]);
      outbox.append([message(3)]);
      const [first, second] = outbox.next(0, 2);
      expect([first.id, second.id]).to.deep.equal(['run.1', 'run.2']);
      expect(JSON.parse(first.payload)).to.deep.equal({ index: 1, text: '' });
      expect(first.properties).to.deep.equal({ at: '2026-01-01T00:00:00.000Z' });
      expect(idsOf(outbox, second.sequence)).to.deep.equal(['run.3']);
      outbox.close();
      return Promise.resolve();
    }));

  it('keeps what waits, its order and its count when it is closed and opened', () =>
    inFolder(async (folder) => {
      const first = open(folder).outbox;
      first.append([message(1), message(2), message(3)]);
      first.settle([first.next(0, 1)[0].sequence]);
      const { waiting, bytes } = first.state;
      first.close();
      const second = open(folder).outbox;
      expect(second.state).to.deep.equal({ waiting, bytes, evicted: 0 });
      second.append([message(4)]);
      expect(idsOf(second)).to.deep.equal(['run.2', 'run.3', 'run.4']);
      second.close();
      return Promise.resolve();
    }));

  it('takes a message that waits already no second time', () =>
    inFolder(async (folder) => {
      const { outbox } = open(folder);
      outbox.append([message(1)]);
      outbox.append([message(1), message(2)]);
      expect(idsOf(outbox)).to.deep.equal(['run.1', 'run.2']);
      expect(outbox.state.waiting).to.equal(2);
      outbox.close();
      return Promise.resolve();
    }));

  it('never lets a result go, and of the rest the oldest windows first; counts them for ever', () =>
    inFolder(async (folder) => {
      const { outbox } = open(folder, 40_000);
      const text = 'x'.repeat(100);
      for (let index = 0; index < 1000; index++) {
        const worth = index % 100 === 50 ? Worth.result : index % 10 === 5 ? Worth.seldom : Worth.frequent;
        outbox.append([message(index, worth, text)]);
      }
      const left = idsOf(outbox).map((id) => Number(id.slice(4)));
      const results = Array.from({ length: 10 }, (_, index) => 100 * index + 50);
      expect(left).to.include.members(results);
      expect(left).to.deep.equal([...left].sort((a, b) => a - b));
      // All that is seldom is left, and of the windows the newest.
      expect(left.filter((index) => index % 10 === 5)).to.have.length(100);
      const windows = left.filter((index) => index % 5 !== 0);
      expect(Math.min(...windows)).to.be.greaterThan(800);
      expect(outbox.state.bytes).to.be.at.most(40_000);
      expect(outbox.state.evicted).to.equal(1000 - left.length);
      outbox.close();
      const again = open(folder, 40_000).outbox;
      expect(again.state.evicted).to.equal(1000 - left.length);
      again.close();
      return Promise.resolve();
    }));

  it('refuses a second process, with the remedy', () =>
    inFolder(async (folder) => {
      const { outbox } = open(folder);
      expect(() => open(folder)).to.throw(ConfigurationError, /--bedside/);
      outbox.close();
      open(folder).outbox.close();
      return Promise.resolve();
    }));

  it('puts a damaged file aside and begins anew', () =>
    inFolder(async (folder) => {
      await writeFile(join(folder, 'outbox.sqlite'), 'no database '.repeat(1000));
      const { outbox, asideAs } = open(folder);
      expect(asideAs).to.match(/damaged/);
      outbox.append([message(1)]);
      expect(idsOf(outbox)).to.deep.equal(['run.1']);
      outbox.close();
      expect(readdirSync(folder)).to.have.length(2);
    }));

  it('names the remedy where nothing can be written', () =>
    inFolder(async (folder) => {
      await writeFile(join(folder, 'file'), '');
      expect(() => Outbox.open(join(folder, 'file', 'outbox.sqlite'), 1e6)).to.throw(
        ConfigurationError,
        /--outbox/,
      );
    }));

  it('is a queue: whatever is appended and settled, what waits is the rest, in order', () =>
    inFolder(async (folder) => {
      let run = 0;
      const step = fc.oneof(
        fc.record({ append: fc.integer({ min: 1, max: 5 }) }),
        fc.record({ settle: fc.array(fc.nat(30), { maxLength: 4 }), isLater: fc.boolean() }),
        fc.constant({ reopen: true }),
      );
      fc.assert(
        fc.property(fc.array(step, { maxLength: 15 }), (steps) => {
          const file = join(folder, `${run++}.sqlite`);
          let { outbox } = Outbox.open(file, 1e9);
          let expected: string[] = [];
          // Gone, but for a process that ends before anything else is written.
          let onDisk: string[] = [];
          let index = 0;
          for (const action of steps) {
            if ('append' in action) {
              const added = Array.from({ length: action.append }, () => message(index++));
              outbox.append(added);
              expected.push(...added.map(({ id }) => id));
              onDisk = [...expected];
            } else if ('settle' in action) {
              const waiting = outbox.next(0, 1000);
              const settled = action.settle.flatMap((at) => waiting[at] ?? []);
              const sequences = settled.map(({ sequence }) => sequence);
              if (action.isLater) sequences.forEach((sequence) => outbox.settleWithNext(sequence));
              else outbox.settle(sequences);
              const gone = new Set(settled.map(({ id }) => id));
              expected = expected.filter((id) => !gone.has(id));
              if (!action.isLater) onDisk = [...expected];
            } else {
              expected = [...onDisk];
              outbox.close();
              ({ outbox } = Outbox.open(file, 1e9));
            }
            expect(idsOf(outbox)).to.deep.equal(expected);
            expect(outbox.state.waiting).to.equal(expected.length);
            expect(outbox.next(outbox.newestSequence, 1), 'behind the newest').to.deep.equal([]);
            const last = outbox.next(0, 1e6).at(-1)?.sequence ?? 0;
            expect(outbox.newestSequence).to.be.at.least(last);
          }
          outbox.close();
        }),
        { numRuns: 30 },
      );
      return Promise.resolve();
    }));
});
