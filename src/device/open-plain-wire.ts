import { defer, NEVER, Observable, share } from 'rxjs';
import { openSerialPort, type PortEvent } from '../acquire/serial-port.js';
import { isSimulatedPort } from '../acquire/simulated-ports.js';
import type { PlainWireDecoder } from '../decode/plain-wire.js';
import type { Sampled } from '../decode/samples.js';
import { PLAIN_WIRES, type PlainWire } from '../decode/wires.js';
import { expectSourceRate } from '../decode/source-rate.js';
import { ConfigurationError, PortError } from '../errors.js';
import { expectPositive } from '../expect-positive.js';
import { PortOpenError } from '../acquire/port-open-error.js';
import { Backoff, type BackoffOptions } from './backoff.js';
import { ConnectionLostError } from './connection-error.js';
import { HostSleep } from './host-sleep.js';
import { keepConnected } from './keep-connected.js';
import { PlainTimeAxis } from './plain-time-axis.js';
import type { ConnectionEvent, DeviceEvent, EndedEvent } from './stethoscope-event.js';

export interface PlainWireOptions {
  /** A path: a board that says nothing of itself cannot be found. */
  readonly port: string;
  readonly wire: PlainWire;
  /** Samples a second, as the board was programmed: nothing on the wire tells. */
  readonly sampleRateHz: number;
  /** On a wire that does not say it (`ascii`), the number that stands for 1.0; default 32768. */
  readonly fullScale?: number;
  readonly baudRate?: number;
  /** A board that sends no samples for so long is taken for lost. One that starts anew when opened needs up to 3 s. */
  readonly silenceTimeoutMs?: number;
  readonly reconnect?: BackoffOptions;
  /** The first value ends the stream. */
  readonly stop$?: Observable<unknown>;
  /** How to open a port: the real one unless a test says otherwise. */
  readonly openPort?: (path: string) => Observable<PortEvent>;
}

export type PlainWireEvent = DeviceEvent | Sampled | ConnectionEvent | EndedEvent;

const WATCH_INTERVAL_MS = 100;

/**
 * A home-made stethoscope that sends nothing but samples, as a stream: opens the port, takes what comes, and opens it
 * again when it was lost.
 *
 * Emits a device event with every opening, then samples and gaps on one time axis, and connection events. Completes
 * after `ended` at `stop$`. The end of what the board has to send looks like a loss: nothing on the wire says it.
 *
 * Throws ConfigurationError at the call for wrong options. Errors with PortOpenError where the port cannot be opened at
 * first, and with PortError `LUBDUB_DEVICE_LOST` when a lost one does not come back.
 */
export function openPlainWire(options: PlainWireOptions): Observable<PlainWireEvent> {
  const { port, wire, sampleRateHz, fullScale, silenceTimeoutMs = 5000, baudRate } = options;
  if (port === '' || port === 'auto') {
    throw new ConfigurationError(
      `a board on the wire ${wire} says nothing of itself and cannot be found: name its port, got "${port}"`,
    );
  }
  expectSourceRate(sampleRateHz, 'sampleRateHz');
  expectPositive(silenceTimeoutMs, 'silenceTimeoutMs');
  const decoder = () => PLAIN_WIRES[wire].decoder(fullScale === undefined ? {} : { fullScale });
  decoder();
  new Backoff(options.reconnect);
  const openPort =
    options.openPort ??
    ((path: string): Observable<PortEvent> =>
      openSerialPort(baudRate === undefined ? { path } : { path, baudRate }));

  return defer(() => {
    const stop$ = (options.stop$ ?? NEVER).pipe(share());
    const samples = decoder();
    const axis = new PlainTimeAxis(samples, sampleRateHz);
    let hasStood = false;

    const connect = (): Observable<PlainWireEvent> =>
      new Observable((subscriber) => {
        let heardAtMs = performance.now();
        const sleep = new HostSleep(heardAtMs);
        let isOpen = false;
        const finish = (): void => axis.finish().forEach((value) => subscriber.next(value));
        const fail = (error: unknown): void => {
          if (isOpen) finish();
          subscriber.error(error);
        };
        const watch = (): void => {
          const nowMs = performance.now();
          if (sleep.look(nowMs) > 0) heardAtMs = nowMs;
          if (!isOpen || nowMs - heardAtMs < silenceTimeoutMs) return;
          fail(new ConnectionLostError('silent', `${port}: no samples came for ${silenceTimeoutMs} ms`));
        };
        const timer = setInterval(watch, WATCH_INTERVAL_MS);
        subscriber.add(() => clearInterval(timer));
        subscriber.add(
          stop$.subscribe(() => {
            if (!isOpen) return;
            finish();
            subscriber.next({ kind: 'ended', reason: 'request' });
            subscriber.complete();
          }),
        );
        subscriber.add(
          openPort(port).subscribe({
            next: (event) => {
              if (event.kind === 'open') {
                isOpen = true;
                heardAtMs = performance.now();
                axis.open();
                subscriber.next(deviceEvent(options, samples, hasStood));
                hasStood = true;
                return;
              }
              const values = axis.push(event.bytes, performance.now());
              if (values.some((value) => value.kind === 'samples')) heardAtMs = performance.now();
              for (const value of values) subscriber.next(value);
            },
            error: (error: unknown) =>
              fail(
                error instanceof PortError && !(error instanceof PortOpenError)
                  ? new ConnectionLostError('unplugged', error.message, { cause: error })
                  : error,
              ),
          }),
        );
      });

    return keepConnected({
      connect,
      progress: (event) =>
        event.kind === 'device' ? 'connected' : event.kind === 'samples' ? 'flowing' : undefined,
      path: () => port,
      deviceName: () => 'the board',
      stop$,
      backoff: options.reconnect,
    });
  });
}

function deviceEvent(
  options: PlainWireOptions,
  { bitsPerSample, fullScale }: PlainWireDecoder,
  hasStood: boolean,
): DeviceEvent {
  return {
    kind: 'device',
    path: options.port,
    occasion: hasStood ? 'returned' : 'found',
    formatChanged: false,
    firmware: null,
    serialNumber: null,
    sampleRateHz: options.sampleRateHz,
    bitsPerSample,
    fullScale,
    protocolVersion: null,
    waitsForCredit: false,
    simulated: isSimulatedPort(options.port),
    info: null,
  };
}
