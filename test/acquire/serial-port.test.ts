import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { firstValueFrom, lastValueFrom, type Subscription } from 'rxjs';
import { explainOpenFailure, PortOpenError, udevRulePath } from '../../src/acquire/port-open-error.js';
import { openSerialPort, type PortEvent } from '../../src/acquire/serial-port.js';
import { ConfigurationError, PortError } from '../../src/errors.js';
import { PseudoTerminal } from '../../src/simulate/pseudo-terminal.js';
import { needPseudoTerminals } from '../support/pseudo-terminals.js';
import { until } from '../support/until.js';

/** What the subscription brought; an error is thrown away only by a test that looks at it. */
function watch(path: string): { events: PortEvent[]; subscription: Subscription; error: () => unknown } {
  const events: PortEvent[] = [];
  let failure: unknown;
  const subscription = openSerialPort({ path }).subscribe({
    next: (event) => events.push(event),
    error: (error: unknown) => (failure = error),
  });
  return { events, subscription, error: () => failure };
}

async function failureOf(path: string): Promise<PortOpenError> {
  try {
    await firstValueFrom(openSerialPort({ path }));
  } catch (error) {
    expect(error).to.be.instanceOf(PortOpenError);
    return error as PortOpenError;
  }
  throw new Error(`${path} could be opened`);
}

describe('openSerialPort', () => {
  before(needPseudoTerminals);
  let terminal: PseudoTerminal | undefined;
  let received: number[] = [];
  beforeEach(() => {
    received = [];
    terminal = new PseudoTerminal({ onBytes: (bytes) => received.push(...bytes) });
  });
  afterEach(() => terminal?.close());

  it('opens, carries bytes both ways, and closes when it is unsubscribed', async () => {
    const { events, subscription } = watch(terminal!.path);
    await until(() => events.length > 0 && terminal!.isOpen, 'the port to open');
    const opened = events[0];
    if (opened.kind !== 'open') throw new Error('open must come first');
    expect(opened.path).to.equal(terminal!.path);
    opened.write(Uint8Array.of(1, 2, 3));
    await until(() => received.length === 3, 'bytes at the device');
    terminal!.write(Uint8Array.of(4, 5));
    await until(() => events.length > 1, 'bytes at the host');
    expect(events[1]).to.deep.include({ kind: 'bytes' });
    subscription.unsubscribe();
    await until(() => !terminal!.isOpen, 'the port to close');
  });

  it('notices a line that hangs up between two reads', async () => {
    let failure: unknown;
    const subscription = openSerialPort({ path: terminal!.path }).subscribe({
      // Before the bytes are handed on, nothing is read again.
      next: (event) => event.kind === 'bytes' && terminal!.close(),
      error: (error: unknown) => (failure = error),
    });
    await until(() => terminal!.isOpen, 'the port to open');
    terminal!.write(Uint8Array.of(1, 2, 3));
    await until(() => failure !== undefined, 'the hang-up');
    subscription.unsubscribe();
    expect(failure).to.be.instanceOf(PortError).and.include({ code: 'LUBDUB_DEVICE_LOST' });
  });

  it('sends what was written last before it closes', async () => {
    for (let round = 0; round < 5; round++) {
      received = [];
      const { events, subscription } = watch(terminal!.path);
      await until(() => events.length > 0, 'the port to open');
      if (events[0].kind === 'open') events[0].write(Uint8Array.of(7, 7, 7, round));
      subscription.unsubscribe();
      await until(() => received.length === 4, 'the farewell');
    }
  });

  it('sends also what is more than the line takes at once', async () => {
    const { events, subscription } = watch(terminal!.path);
    await until(() => events.length > 0, 'the port to open');
    if (events[0].kind === 'open') events[0].write(new Uint8Array(50_000));
    subscription.unsubscribe();
    await until(() => received.length === 50_000, 'all of it');
  });

  it('closes a port whose opening was still under way', async () => {
    const { subscription, events } = watch(terminal!.path);
    subscription.unsubscribe();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(terminal!.isOpen).to.equal(false);
    expect(events).to.deep.equal([]);
  });

  it('can be opened again at once after it was closed, for it waits until the lock is free', async () => {
    for (let round = 0; round < 10; round++) {
      const { events, subscription, error } = watch(terminal!.path);
      await until(() => events.length > 0 || error() !== undefined, 'the port to open');
      expect(error()).to.equal(undefined);
      subscription.unsubscribe();
    }
  });

  it('tells that the line hung up', async () => {
    const { events, error } = watch(terminal!.path);
    await until(() => events.length > 0 && terminal!.isOpen, 'the port to open');
    terminal!.close();
    await until(() => error() !== undefined, 'the hang-up');
    expect(error()).to.be.instanceOf(PortError).and.have.property('code', 'LUBDUB_DEVICE_LOST');
  });

  it('tells a busy port, and leaves it to whoever has it', async () => {
    const { events, subscription } = watch(terminal!.path);
    await until(() => events.length > 0 && terminal!.isOpen, 'the port to open');
    const failure = await failureOf(terminal!.path);
    expect(failure.reason).to.equal('busy');
    expect(failure.message).to.match(/another program has it open.*fuser/);
    terminal!.write(Uint8Array.of(1));
    await until(() => events.length > 1, 'bytes at the first reader');
    subscription.unsubscribe();
  });

  it('tells a port that is not there, and one that is no serial port', async () => {
    expect(await failureOf('/dev/lubdub-not-there')).to.include({ reason: 'missing', code: 'LUBDUB_PORT' });
    const directory = mkdtempSync(join(tmpdir(), 'lubdub-port-'));
    const file = join(directory, 'file');
    writeFileSync(file, 'not a port');
    expect((await failureOf(file)).reason).to.equal('not-a-serial-port');
    expect((await failureOf(directory)).reason).to.equal('not-a-serial-port');
    rmSync(directory, { recursive: true });
  });

  it('tells a port without permission, with group and udev rule as remedy', async function () {
    chmodSync(terminal!.path, 0);
    const failure =
      process.getuid?.() === 0 ? failureAsNobody(terminal!.path) : await failureOf(terminal!.path);
    if (failure === undefined) return this.skip();
    expect(failure.reason).to.equal('permission');
    if (process.platform === 'linux') {
      expect(failure.message).to.match(/usermod -aG \w+ \$USER.*60-lubdub-stethoscope\.rules/);
    }
    expect(existsSync(udevRulePath), udevRulePath).to.equal(true);
  });

  it('hands on what it cannot explain', () => {
    const failure = explainOpenFailure('COM3', new Error('Opening COM3: Unknown error code 31'));
    expect(failure).to.include({ reason: 'other' });
    expect(failure.message).to.include('Unknown error code 31');
  });

  it('refuses wrong options at the call', () => {
    expect(() => openSerialPort({ path: '' })).to.throw(ConfigurationError, /path/);
    expect(() => openSerialPort({ path: 'x', baudRate: 0 })).to.throw(ConfigurationError, /baudRate.*got 0/);
  });

  it('opens a new port for each subscriber', async () => {
    const port$ = openSerialPort({ path: terminal!.path });
    expect(await firstValueFrom(port$)).to.include({ kind: 'open' });
    expect(await firstValueFrom(port$)).to.include({ kind: 'open' });
    const lost = lastValueFrom(port$).catch((error: unknown) => error);
    await until(() => terminal!.isOpen, 'the port to open');
    terminal!.close();
    expect(await lost).to.be.instanceOf(PortError);
  });
});

/** Root may open anything, so another user tries; undefined where that user cannot read this program. */
function failureAsNobody(path: string): { reason: string; message: string } | undefined {
  const program = `import { openSerialPort } from ${JSON.stringify(new URL('../../src/acquire/serial-port.js', import.meta.url).href)};
    openSerialPort({ path: ${JSON.stringify(path)} }).subscribe({
      next: () => { console.log('{}'); process.exit(); },
      error: (error) => console.log(JSON.stringify({ reason: error.reason, message: error.message })),
    });`;
  const child = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    uid: 65534,
    gid: 65534,
    encoding: 'utf8',
    cwd: '/',
  });
  if (child.status !== 0) {
    console.warn(`SKIPPED: another user cannot run this program here: ${child.stderr}`);
    return undefined;
  }
  return JSON.parse(child.stdout) as { reason: string; message: string };
}
