import { expect } from 'chai';
import type { PortDescription } from '../../src/acquire/list-ports.js';
import type { TriedPort } from '../../src/device/stethoscope-event.js';
import { PortError, ProtocolError } from '../../src/errors.js';
import { PseudoTerminal } from '../../src/simulate/pseudo-terminal.js';
import { SeededRandom } from '../../src/simulate/seeded-random.js';
import { needPseudoTerminals } from '../support/pseudo-terminals.js';
import { until } from '../support/until.js';
import { Listener, PluggedIn } from '../support/simulated-devices.js';

/** A line on which something else than a stethoscope talks without end. */
class GarbageSource {
  readonly terminal: PseudoTerminal;
  private readonly random = new SeededRandom(3);
  sentBytes = 0;

  constructor() {
    const flood = (): void => {
      while (this.terminal.hasRoom) {
        this.terminal.write(this.random.bytes(1000));
        this.sentBytes += 1000;
      }
    };
    this.terminal = new PseudoTerminal({ onOpen: flood, onRoom: flood });
  }
}

function describePort(path: string): PortDescription {
  return { path, device: path, manufacturer: null, vendorId: null, productId: null, usbSerialNumber: null };
}

describe('finding the device', () => {
  before(needPseudoTerminals);
  const cleanUps: (() => void)[] = [];
  afterEach(() => cleanUps.splice(0).forEach((cleanUp) => cleanUp()));

  function plugIn(options?: ConstructorParameters<typeof PluggedIn>[0]): PluggedIn {
    const device = new PluggedIn(options);
    cleanUps.push(() => device.unplug());
    return device;
  }
  function silentLine(): PseudoTerminal {
    const terminal = new PseudoTerminal({});
    cleanUps.push(() => terminal.close());
    return terminal;
  }
  function search(
    paths: string[],
    options: Partial<ConstructorParameters<typeof Listener>[0]> = {},
  ): Listener {
    const listPorts = () => Promise.resolve(paths.map(describePort));
    const listener = new Listener({ port: 'auto', listPorts, ...options });
    cleanUps.push(() => listener.leave());
    return listener;
  }
  const outcomes = (listener: Listener, search = 0): Record<string, string> =>
    Object.fromEntries(
      listener.of('search')[search].ports.map((port: TriedPort) => [port.path, port.outcome]),
    );

  it('finds it among silent, chatty, busy and missing ports, and says why each other failed', async () => {
    const busy = plugIn();
    const user = new Listener({ port: busy.path });
    cleanUps.push(() => user.leave());
    await until(() => user.samples.length > 0, 'the busy port to be in use');
    const silent = silentLine();
    const chatty = new GarbageSource();
    cleanUps.push(() => chatty.terminal.close());
    const device = plugIn({ serialNumber: 'A1', loop: true });
    const missing = '/dev/lubdub-not-there';

    const paths = [silent.path, chatty.terminal.path, busy.path, missing, device.path];
    // Longer than this test waits: the others are closed because they are not needed.
    const listener = search(paths, { handshakeTimeoutMs: 15_000 });
    await until(() => listener.samples.length > 0, 'samples');
    expect(listener.of('search')[0].chosen).to.equal(device.path);
    // The silent and the chatty one had 300 ms more after the device had answered.
    expect(outcomes(listener)).to.deep.equal({
      [silent.path]: 'silent',
      [chatty.terminal.path]: 'silent',
      [busy.path]: 'busy',
      [missing]: 'missing',
      [device.path]: 'chosen',
    });
    for (const port of listener.of('search')[0].ports) expect(port.message, port.path).to.not.equal('');
    expect(chatty.sentBytes).to.be.greaterThan(50_000);
    await until(() => !silent.isOpen && !chatty.terminal.isOpen, 'the other ports to be closed');
    expect(user.error, 'the program that has the busy port').to.equal(undefined);
  });

  it('never hangs: within its time limit it tells that nobody answers, and what each port did', async () => {
    const silent = silentLine();
    const chatty = new GarbageSource();
    cleanUps.push(() => chatty.terminal.close());
    const startMs = performance.now();
    const listener = search([silent.path, chatty.terminal.path], { handshakeTimeoutMs: 400 });
    await listener.over();
    expect(performance.now() - startMs).to.be.below(400 + 1500);
    expect(outcomes(listener)).to.deep.equal({
      [silent.path]: 'silent',
      [chatty.terminal.path]: 'no-stethoscope',
    });
    expect(listener.error).to.be.instanceOf(PortError).and.have.property('code', 'LUBDUB_NO_DEVICE');
    expect((listener.error as Error).message).to.match(/any of 2 ports:\n.*nothing came.*\n.*bytes came/);
  });

  it('says so where there is no port at all', async () => {
    const listener = search([]);
    await listener.over();
    expect(listener.error).to.have.property('code', 'LUBDUB_NO_DEVICE');
    expect((listener.error as Error).message).to.match(/no serial port.*lubdub simulate/);
  });

  it('gives a single port’s own error', async () => {
    const listener = new Listener({ port: '/dev/lubdub-not-there' });
    await listener.over();
    expect(listener.error).to.include({ code: 'LUBDUB_PORT', reason: 'missing' });
    const silent = new Listener({ port: silentLine().path, handshakeTimeoutMs: 200 });
    await silent.over();
    expect(silent.error).to.include({ code: 'LUBDUB_NO_DEVICE', outcome: 'silent' });
    expect((silent.error as Error).message).to.match(/nothing came within 200 ms.*baud rate/);
  });

  it('of two stethoscopes takes the first in the list, names the other, and leaves it idle', async () => {
    const [first, second] = [plugIn({ serialNumber: 'A1' }), plugIn({ serialNumber: 'B2' })];
    for (const paths of [
      [first.path, second.path],
      [second.path, first.path],
    ]) {
      const listener = search(paths);
      await until(() => listener.samples.length > 0, 'samples');
      expect(outcomes(listener)).to.deep.equal({ [paths[0]]: 'chosen', [paths[1]]: 'not-chosen' });
      expect(listener.of('search')[0].ports[1].message).to.match(
        /stethoscope (A1|B2) answered too; name its port/,
      );
      listener.leave();
      await until(() => !first.hostIsThere && !second.hostIsThere, 'both ports to be closed');
    }
    expect([first.count('started'), second.count('started')]).to.deep.equal([1, 1]);
  });

  it('takes the one with the serial number that is asked for', async () => {
    const [first, second] = [plugIn({ serialNumber: 'A1' }), plugIn({ serialNumber: 'B2' })];
    const listener = search([first.path, second.path], { serialNumber: 'B2' });
    await until(() => listener.samples.length > 0, 'samples');
    expect(listener.of('device')[0].serialNumber).to.equal('B2');
    expect(outcomes(listener)[first.path]).to.equal('other-device');
    const nobody = search([first.path], { serialNumber: 'C3' });
    await nobody.over();
    expect((nobody.error as Error).message).to.match(/stethoscope A1 answers, but C3 is asked for/);
  });

  it('refuses a device that is too new, though other ports are silent too', async () => {
    const tooNew = plugIn({ protocolCurrent: 9, protocolMin: 2 });
    const listener = search([silentLine().path, tooNew.path], { handshakeTimeoutMs: 1000 });
    await listener.over();
    expect(listener.error).to.be.instanceOf(ProtocolError);
    expect((listener.error as Error).message).to.match(/1\.\.1, got 2\.\.9: update lubdub/);
    expect(outcomes(listener)[tooNew.path]).to.equal('refused');
  });

  it('takes a newer device that still speaks this version', async () => {
    const newer = plugIn({ protocolCurrent: 9, protocolMin: 1 });
    const listener = search([newer.path]);
    await until(() => listener.samples.length > 0, 'samples');
    expect(listener.of('device')[0].protocolVersion).to.equal(1);
  });

  it('asks simulated ports after the others', async () => {
    const device = plugIn();
    const silent = silentLine();
    const listener = search([silent.path], {
      handshakeTimeoutMs: 1000,
      listSimulatedPorts: () => [device.path],
    });
    await until(() => listener.samples.length > 0, 'samples');
    expect(outcomes(listener, 0)).to.deep.equal({ [silent.path]: 'silent' });
    expect(outcomes(listener, 1)).to.deep.equal({ [device.path]: 'chosen' });
  });
});
