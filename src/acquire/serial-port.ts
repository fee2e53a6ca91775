import { Observable } from 'rxjs';
import { SerialPort } from 'serialport';
import { ConfigurationError, PortError } from '../errors.js';
import { explainOpenFailure } from './port-open-error.js';
import { PortReader } from './port-reader.js';

/** The port is open: from now on bytes may be written. */
export interface PortOpened {
  readonly kind: 'open';
  readonly path: string;
  /** Sends bytes in the order of the calls. Never throws: a line that fails shows as the error of the stream. */
  readonly write: (bytes: Uint8Array) => void;
}

/** What arrived, in chunks of any size. The receiver owns the bytes. */
export interface PortBytes {
  readonly kind: 'bytes';
  readonly bytes: Uint8Array;
}

export type PortEvent = PortOpened | PortBytes;

export interface SerialPortOptions {
  readonly path: string;
  /** Bits a second; a device on USB CDC does not care. */
  readonly baudRate?: number;
}

export const DEFAULT_BAUD_RATE = 115_200;

/** How long the last bytes written (a STOP) may hold up closing. */
const FAREWELL_MS = 250;

/** A port is locked until it is really closed, so whoever opens the same path waits for that. */
const closing = new Map<string, Promise<void>>();

/**
 * A serial port as a stream: one `open`, then `bytes`. It never completes.
 *
 * Subscribing opens the port, locked against other programs; unsubscribing closes it, after the bytes written last
 * have left, or 250 ms. Bytes are handed on as they come; what a calm line brings is gathered for some hundredths of a
 * second, see {@link PortReader}.
 *
 * Throws ConfigurationError at the call for a wrong option. Errors with PortOpenError, which tells busy, permission
 * and missing apart, where the port cannot be opened, and with PortError `LUBDUB_DEVICE_LOST` once the line hangs up.
 */
export function openSerialPort(options: SerialPortOptions): Observable<PortEvent> {
  const { path, baudRate = DEFAULT_BAUD_RATE } = options;
  if (path === '') throw new ConfigurationError('path must name a serial port, got an empty text');
  if (!Number.isInteger(baudRate) || baudRate < 50 || baudRate > 4_000_000) {
    throw new ConfigurationError(`baudRate must be an integer in 50..4000000, got ${baudRate}`);
  }
  return new Observable((subscriber) => {
    const port = new SerialPort({ path, baudRate, autoOpen: false });
    let unsentWrites = 0;
    let sent: (() => void) | undefined;

    const lose = (reason: string, cause?: unknown): void =>
      subscriber.error(new PortError(`${path} is gone: ${reason}`, { code: 'LUBDUB_DEVICE_LOST', cause }));
    const write = (bytes: Uint8Array): void => {
      if (!port.isOpen) return;
      unsentWrites += 1;
      port.write(Buffer.from(bytes), () => {
        unsentWrites -= 1;
        if (unsentWrites === 0) sent?.();
      });
    };

    const listener = {
      bytes: (bytes: Uint8Array) => subscriber.next({ kind: 'bytes', bytes }),
      lost: (error: Error) => lose(error.message, error),
    };
    let stopReading: (() => void) | undefined;
    port.on('close', (error: unknown) =>
      lose(error instanceof Error ? error.message : 'the port was closed', error),
    );
    port.on('error', (error) => lose(error.message, error));

    const opened = (closing.get(path) ?? Promise.resolve()).then(
      () =>
        new Promise<boolean>((resolve) => {
          if (subscriber.closed) return resolve(false);
          port.open((error) => {
            if (error) subscriber.error(explainOpenFailure(path, error));
            else {
              subscriber.next({ kind: 'open', path, write });
              if (subscriber.closed) return resolve(true);
              stopReading = PortReader.start(port, listener);
              if (stopReading === undefined) port.on('data', listener.bytes);
            }
            resolve(error === null);
          });
        }),
    );

    return () => {
      stopReading?.();
      // An opening under way cannot be called back: it is waited for and undone.
      const closed = opened.then(async (isOpen) => {
        if (!isOpen || !port.isOpen) return;
        await new Promise<void>((resolve) => {
          if (unsentWrites === 0) return resolve();
          sent = resolve;
          setTimeout(resolve, FAREWELL_MS).unref();
        });
        await new Promise<void>((resolve) => port.close(() => resolve()));
      });
      closing.set(path, closed);
      void closed.then(() => {
        if (closing.get(path) === closed) closing.delete(path);
      });
    };
  });
}
