import { constants, closeSync, openSync } from 'node:fs';
import { createRequire } from 'node:module';
import type Koffi from 'koffi';
import { PortError } from '../errors.js';

/** The two ends of a pseudo-terminal: a descriptor for the device's end, a path for the program that reads it. */
export interface OpenedPseudoTerminal {
  /** Non-blocking descriptor of the controlling side. The caller closes it. */
  readonly descriptor: number;
  /** What the other side opens, e.g. `/dev/pts/3`. */
  readonly path: string;
}

/** The calls of the C library that Node itself does not offer. */
export interface PseudoTerminalCalls {
  /** Opens a pair in raw mode, so that no byte is echoed or translated. Throws {@link PortError}. */
  open(): OpenedPseudoTerminal;
  /** A second descriptor of the same open side, so that a stream may close its own. Throws {@link PortError}. */
  duplicate(descriptor: number): number;
  /** Throws away what was written and has not been read by the other side, which nobody has open now. */
  discardUnread(opened: OpenedPseudoTerminal): void;
  /** Bytes that the other side could read now. */
  countUnread(path: string): number;
}

// glibc needs 60 bytes for a struct termios, macOS 72; it is only handed from one call to the next.
const TERMIOS_BYTES = 256;
const SET_ATTRIBUTES_NOW = 0;

const platformConstants = {
  linux: {
    openCloseOnExec: 0o2000000,
    duplicateCloseOnExec: 1030,
    discardInput: 0,
    discardOutput: 1,
    bytesToRead: 0x541b,
  },
  darwin: {
    openCloseOnExec: 0x1000000,
    duplicateCloseOnExec: 67,
    discardInput: 1,
    discardOutput: 2,
    bytesToRead: 0x4004667f,
  },
} as const;

const REMEDY =
  'the simulated stethoscope needs Linux or macOS and the package koffi; run it there (on Windows: under WSL), ' +
  'or screen the file without a wire with `lubdub classify`';

let loaded: PseudoTerminalCalls | undefined;

/**
 * Binds the calls on first use, so that everything that needs no pseudo-terminal works where there is none.
 *
 * Throws {@link PortError} where the platform or koffi cannot do it.
 */
export function loadPseudoTerminalCalls(platform: string = process.platform): PseudoTerminalCalls {
  if (platform !== 'linux' && platform !== 'darwin') {
    throw new PortError(`a pseudo-terminal cannot be opened on ${platform}: ${REMEDY}`);
  }
  loaded ??= bind(platformConstants[platform]);
  return loaded;
}

function bind(numbers: (typeof platformConstants)['linux' | 'darwin']): PseudoTerminalCalls {
  const koffi = loadKoffi();
  // The C library is part of the process: no library file needs to be found, under glibc, musl or macOS.
  const library = koffi.load(null);
  const posixOpenpt = library.func('int posix_openpt(int)') as (flags: number) => number;
  const grantpt = library.func('int grantpt(int)') as (descriptor: number) => number;
  const unlockpt = library.func('int unlockpt(int)') as (descriptor: number) => number;
  const ptsname = library.func('const char *ptsname(int)') as (descriptor: number) => string | null;
  const fcntl = library.func('int fcntl(int, int, ...)') as (...args: unknown[]) => number;
  const ioctl = library.func('int ioctl(int, unsigned long, ...)') as (...args: unknown[]) => number;
  const tcflush = library.func('int tcflush(int, int)') as (descriptor: number, queue: number) => number;
  const tcgetattr = library.func('int tcgetattr(int, void *)') as (fd: number, termios: Buffer) => number;
  const tcsetattr = library.func('int tcsetattr(int, int, void *)') as (...args: unknown[]) => number;
  const cfmakeraw = library.func('void cfmakeraw(void *)') as (termios: Buffer) => void;

  const failed = (call: string): PortError => {
    const name = Object.entries(koffi.os.errno).find(([, number]) => number === koffi.errno())?.[0] ?? '';
    return new PortError(`a pseudo-terminal cannot be opened: ${call} failed with ${name}; ${REMEDY}`);
  };

  /** Opens the other side once: only from then on does reading this side tell whether anyone has it open. */
  const makeRaw = (path: string): void =>
    withOtherSide(path, (otherSide) => {
      const termios = Buffer.alloc(TERMIOS_BYTES);
      if (tcgetattr(otherSide, termios) !== 0) throw failed('tcgetattr');
      cfmakeraw(termios);
      if (tcsetattr(otherSide, SET_ATTRIBUTES_NOW, termios) !== 0) throw failed('tcsetattr');
    });

  return {
    open() {
      const { O_RDWR, O_NOCTTY, O_NONBLOCK } = constants;
      const descriptor = posixOpenpt(O_RDWR | O_NOCTTY | O_NONBLOCK | numbers.openCloseOnExec);
      if (descriptor < 0) throw failed('posix_openpt');
      try {
        if (grantpt(descriptor) !== 0) throw failed('grantpt');
        if (unlockpt(descriptor) !== 0) throw failed('unlockpt');
        const path = ptsname(descriptor);
        if (path === null) throw failed('ptsname');
        makeRaw(path);
        return { descriptor, path };
      } catch (cause) {
        closeSync(descriptor);
        if (cause instanceof PortError) throw cause;
        throw new PortError(`a pseudo-terminal cannot be opened: ${String(cause)}; ${REMEDY}`, { cause });
      }
    },
    duplicate(descriptor) {
      const copy = fcntl(descriptor, numbers.duplicateCloseOnExec, 'int', 0);
      if (copy < 0) throw failed('fcntl');
      return copy;
    },
    discardUnread({ descriptor, path }) {
      tcflush(descriptor, numbers.discardOutput);
      // What the system has handed on already waits at the other side, and only that side can throw it away.
      withOtherSide(path, (otherSide) => tcflush(otherSide, numbers.discardInput));
    },
    countUnread(path) {
      const count = new Int32Array(1);
      withOtherSide(path, (otherSide) => ioctl(otherSide, numbers.bytesToRead, 'void *', count));
      return count[0];
    },
  };
}

function withOtherSide(path: string, work: (descriptor: number) => void): void {
  const descriptor = openSync(path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
  try {
    work(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function loadKoffi(): typeof Koffi {
  try {
    return createRequire(import.meta.url)('koffi') as typeof Koffi;
  } catch (cause) {
    throw new PortError(
      `a pseudo-terminal cannot be opened, koffi does not load: ${String(cause)}; ${REMEDY}`,
      {
        cause,
      },
    );
  }
}
