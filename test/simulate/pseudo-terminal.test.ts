import { closeSync, constants, openSync, readdirSync, readSync, writeSync } from 'node:fs';
import { expect } from 'chai';
import { SerialPort } from 'serialport';
import { PortError } from '../../src/errors.js';
import { PseudoTerminal } from '../../src/simulate/pseudo-terminal.js';
import { loadPseudoTerminalCalls } from '../../src/simulate/pseudo-terminal-calls.js';
import { needPseudoTerminals } from '../support/pseudo-terminals.js';
import { until } from '../support/until.js';

async function openPort(path: string): Promise<SerialPort> {
  const port = new SerialPort({ path, baudRate: 115200, autoOpen: false });
  await new Promise<void>((resolve, reject) => port.open((error) => (error ? reject(error) : resolve())));
  return port;
}

async function closePort(port: SerialPort): Promise<void> {
  await new Promise<void>((resolve) => port.close(() => resolve()));
}

describe('PseudoTerminal', () => {
  before(needPseudoTerminals);
  let terminal: PseudoTerminal | undefined;
  afterEach(() => terminal?.close());

  it('carries every byte value both ways, neither echoed nor translated', async () => {
    const received: number[] = [];
    terminal = new PseudoTerminal({ onBytes: (bytes) => received.push(...bytes) });
    const port = await openPort(terminal.path);
    const arrived: number[] = [];
    port.on('data', (bytes: Buffer) => arrived.push(...bytes));
    const all = Array.from({ length: 256 }, (_, value) => value);
    port.write(all);
    await until(() => received.length >= 256, 'bytes at the device');
    expect(received).to.deep.equal(all);
    terminal.write(Uint8Array.from(all));
    await until(() => arrived.length >= 256, 'bytes at the host');
    expect(arrived).to.deep.equal(all);
    await closePort(port);
  });

  it('is raw from the start, for a reader that sets nothing itself', async () => {
    terminal = new PseudoTerminal({});
    const { O_RDWR, O_NOCTTY, O_NONBLOCK } = constants;
    const other = openSync(terminal.path, O_RDWR | O_NOCTTY | O_NONBLOCK);
    try {
      await until(() => terminal!.isOpen, 'the opening to be noticed');
      // In cooked mode: CR becomes NL, 3 is an interrupt, 4 the end of the file, and nothing arrives before a NL.
      terminal.write(Uint8Array.from([13, 3, 4, 17, 19, 127]));
      const buffer = Buffer.alloc(16);
      let length = 0;
      await until(() => {
        try {
          length = readSync(other, buffer, 0, 16, null);
        } catch {
          return false;
        }
        return true;
      }, 'raw bytes');
      expect([...buffer.subarray(0, length)]).to.deep.equal([13, 3, 4, 17, 19, 127]);
    } finally {
      closeSync(other);
    }
  });

  it('carries 1 MB without loss and with a bounded queue', async () => {
    let offset = 0;
    const total = 1 << 20;
    const sent = Buffer.alloc(total);
    for (let index = 0; index < total; index++) sent[index] = (index * 2654435761) >>> 24;
    let mostQueued = 0;
    const fill = (): void => {
      while (offset < total && terminal!.hasRoom) {
        terminal!.write(sent.subarray(offset, offset + 1000));
        offset = Math.min(total, offset + 1000);
        mostQueued = Math.max(mostQueued, terminal!.queuedBytes);
      }
    };
    terminal = new PseudoTerminal({ onRoom: fill }, { queueLimitBytes: 8192 });
    const port = await openPort(terminal.path);
    const arrived: Buffer[] = [];
    let length = 0;
    port.on('data', (bytes: Buffer) => {
      arrived.push(bytes);
      length += bytes.length;
    });
    await until(() => terminal!.isOpen, 'the opening to be noticed');
    fill();
    await until(() => length >= total, '1 MB');
    expect(Buffer.concat(arrived).equals(sent)).to.equal(true);
    expect(mostQueued)
      .to.be.greaterThan(0)
      .and.below(8192 + 1000);
    await closePort(port);
  });

  it('tells of opening and closing, any number of times, and hands no stale bytes to the next reader', async () => {
    const happened: string[] = [];
    terminal = new PseudoTerminal({
      onOpen: () => happened.push('open'),
      onClose: () => happened.push('close'),
    });
    expect(terminal.hasRoom, 'room while nobody listens').to.equal(false);
    terminal.write(Uint8Array.of(98));
    for (let round = 1; round <= 3; round++) {
      const port = await openPort(terminal.path);
      const arrived: number[] = [];
      await until(() => terminal!.isOpen, 'opening');
      terminal.write(Uint8Array.of(round, 1));
      port.on('data', (bytes: Buffer) => arrived.push(...bytes));
      await until(() => arrived.length > 0, 'bytes');
      expect(arrived[0]).to.equal(round);
      port.pause();
      terminal.write(Uint8Array.of(99, 99, 99));
      await closePort(port);
      await until(() => !terminal!.isOpen, 'closing');
    }
    expect(happened).to.deep.equal(['open', 'close', 'open', 'close', 'open', 'close']);
  });

  it('throws away what the last reader left unread, for a reader too that does not do so itself', async () => {
    terminal = new PseudoTerminal({});
    const { O_RDWR, O_NOCTTY, O_NONBLOCK } = constants;
    const open = (): number => openSync(terminal!.path, O_RDWR | O_NOCTTY | O_NONBLOCK);
    for (let round = 0; round < 10; round++) {
      const first = open();
      await until(() => terminal!.isOpen, 'opening');
      terminal.write(Uint8Array.of(1, 2, 3));
      // Some rounds give the system time to hand the bytes on to the other side, some do not.
      if (round % 2 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      closeSync(first);
      await until(() => !terminal!.isOpen, 'closing');
      const second = open();
      try {
        expect(() => readSync(second, Buffer.alloc(16)), `round ${round}`).to.throw('EAGAIN');
      } finally {
        closeSync(second);
      }
      await until(() => !terminal!.isOpen, 'closing');
    }
  });

  it('knows whether all that it sent has been read', async () => {
    terminal = new PseudoTerminal({});
    const other = openSync(terminal.path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
    await until(() => terminal!.isOpen, 'opening');
    expect(terminal.hasUnread).to.equal(false);
    terminal.write(Uint8Array.of(1, 2, 3));
    await until(() => terminal!.hasUnread, 'the bytes to wait');
    expect(readSync(other, Buffer.alloc(2))).to.equal(2);
    expect(terminal.hasUnread).to.equal(true);
    readSync(other, Buffer.alloc(2));
    expect(terminal.hasUnread).to.equal(false);
    closeSync(other);
    await until(() => !terminal!.isOpen, 'closing');
  });

  it('notices what a visitor wrote who left again at once', async () => {
    let received = 0;
    terminal = new PseudoTerminal({ onBytes: (bytes) => (received += bytes.length) });
    const other = openSync(terminal.path, constants.O_RDWR | constants.O_NOCTTY);
    writeSync(other, 'hi');
    closeSync(other);
    await until(() => received === 2, 'the two bytes');
    await until(() => !terminal!.isOpen, 'closing');
  });

  it('hangs up the other side when it is closed', async () => {
    terminal = new PseudoTerminal({});
    const port = await openPort(terminal.path);
    let reason: unknown;
    port.on('close', (error: unknown) => (reason = error));
    port.resume();
    await until(() => terminal!.isOpen, 'opening');
    terminal.close();
    await until(() => reason !== undefined, 'the hang-up');
    expect(reason).to.have.property('disconnected', true);
  });

  it('leaves no descriptor open', async function () {
    if (process.platform !== 'linux') this.skip();
    const openDescriptors = (): number => readdirSync('/proc/self/fd').length;
    const before = openDescriptors();
    for (let round = 0; round < 20; round++) {
      const one = new PseudoTerminal({});
      const port = await openPort(one.path);
      await until(() => one.isOpen, 'opening');
      await closePort(port);
      one.close();
    }
    await until(() => openDescriptors() <= before, `descriptors to be ${before} again`);
  });

  it('says what to do where there are no pseudo-terminals', () => {
    expect(() => loadPseudoTerminalCalls('win32')).to.throw(PortError, /win32.*WSL.*lubdub classify/s);
  });
});
