import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { openSerialPort } from '../../src/acquire/serial-port.js';
import { PseudoTerminal } from '../../src/simulate/pseudo-terminal.js';
import { endOf, eventsOf, LiveBench, storyOf } from '../support/live-bench.js';
import { until } from '../support/until.js';
import { RunningLubdub } from '../support/run-lubdub.js';

describe('lubdub live, at the beginning', function () {
  const bench = LiveBench.forSuite();

  it('tells what is wrong where the recording cannot begin', async () => {
    const text = new PseudoTerminal({
      onOpen: () =>
        void setInterval(() => text.write(Buffer.from('$GPGGA,123519,4807.038,N\r\n')), 20).unref(),
    });
    const silent = new PseudoTerminal({});
    bench.afterwards(() => text.close());
    bench.afterwards(() => silent.close());
    const newer = bench.plugIn({ link: join(bench.directory, 'newer'), protocolCurrent: 9, protocolMin: 9 });
    const older = bench.plugIn({ link: join(bench.directory, 'older'), protocolCurrent: 0, protocolMin: 0 });
    const held = bench.plugIn({ link: join(bench.directory, 'held') });
    const holder = openSerialPort({ path: held.path }).subscribe();
    bench.afterwards(() => holder.unsubscribe());
    await until(() => held.hostIsThere, 'the port to be held');
    const missing = join(bench.directory, 'nothing');
    const cases = [
      [text.path, 'LUBDUB_NO_DEVICE', 'no-stethoscope', /bytes came/],
      [silent.path, 'LUBDUB_NO_DEVICE', 'silent', /nothing came/],
      [newer.path, 'LUBDUB_PROTOCOL', 'refused', /version/],
      [older.path, 'LUBDUB_PROTOCOL', 'refused', /version/],
      [held.path, 'LUBDUB_PORT', 'busy', /another program has it open.*fuser/],
      [missing, 'LUBDUB_PORT', 'missing', /no such port.*lubdub ports/],
    ] as const;
    await Promise.all(
      cases.map(async ([port, code, outcome, message]) => {
        const run = await endOf(new RunningLubdub(['live', '--port', port, '--json', '--no-page']));
        expect(storyOf(run), port).to.deep.equal([`error ${code}`, 'exit 3']);
        expect(eventsOf(run, 'error')[0].message).to.match(message);
        const [search] = eventsOf(run, 'search');
        expect(search.chosen).to.equal(null);
        expect(search.ports.map((tried) => [tried.path, tried.outcome])).to.deep.equal([[port, outcome]]);
      }),
    );
  });

  it('screens from a newer device that still speaks this version', async () => {
    bench.plugIn({ recording: bench.heard(0.5), protocolCurrent: 9, protocolMin: 1 });
    expect(storyOf(await endOf(bench.start()))).to.deep.equal(['device found', 'final', 'exit 0']);
  });

  it('names group and udev rule where it has no permission', async function () {
    const device = bench.plugIn();
    chmodSync(device.events.find((event) => event.kind === 'device')!.pseudoTerminal, 0);
    chmodSync(bench.directory, 0o755);
    const lubdub = new RunningLubdub(['live', '--port', bench.link, '--json', '--no-page'], {}, asNobody());
    const { events, exitCode, stderr } = await lubdub.finished;
    if (process.getuid?.() === 0 && events.length === 0) {
      console.warn(
        `SKIPPED: root may open anything, and another user cannot run this program here: ${stderr}`,
      );
      this.skip();
    }
    expect(exitCode, stderr).to.equal(3);
    const error = events.find((event) => event.kind === 'error');
    expect(error).to.include({ code: 'LUBDUB_PORT' });
    if (process.platform === 'linux')
      expect(error!.message).to.match(/usermod -aG \w+ .*60-lubdub-stethoscope\.rules/);
  });

  it('of two devices takes one and names the other, or takes the one that is asked for', async () => {
    /** Two devices of its own for each run, since a device talks to one host at a time. */
    const ask = (name: string, ...words: string[]) => {
      const home = join(bench.directory, name);
      const announced = join(home, 'lubdub');
      mkdirSync(announced, { recursive: true, mode: 0o700 });
      // Simulated devices are found by links that are named by their process.
      for (const [serialNumber, pid] of [
        ['A-1', process.pid],
        ['B-2', process.ppid],
      ] as const) {
        const link = join(announced, `simulator-${pid}`);
        bench.plugIn({ link, serialNumber, recording: bench.heard(0.5) });
      }
      return endOf(
        new RunningLubdub(['live', '--port', 'auto', '--json', '--no-page', ...words], {
          XDG_RUNTIME_DIR: home,
        }),
      );
    };
    const [either, first, second, nobody] = await Promise.all([
      ask('either'),
      ask('first', '--serial', 'A-1'),
      ask('second', '--serial', 'B-2'),
      ask('nobody', '--serial', 'C-3'),
    ]);
    expect(storyOf(either)).to.deep.equal(['device found', 'final', 'exit 0']);
    const told = eventsOf(either, 'search').at(-1)!.ports;
    expect(told.map(({ outcome }) => outcome).sort()).to.deep.equal(['chosen', 'not-chosen']);
    expect(told.find(({ outcome }) => outcome === 'not-chosen')!.message).to.match(
      /answered too; name its port/,
    );
    expect(eventsOf(first, 'device').map(({ serialNumber }) => serialNumber)).to.deep.equal(['A-1']);
    expect(eventsOf(second, 'device').map(({ serialNumber }) => serialNumber)).to.deep.equal(['B-2']);
    expect(storyOf(nobody)).to.deep.equal(['error LUBDUB_NO_DEVICE', 'exit 3']);
  });
});

const asNobody = () => (process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {});
