import { defer, map, NEVER, Observable, share } from 'rxjs';
import type { PortDescription } from '../acquire/list-ports.js';
import { openSerialPort, type PortEvent } from '../acquire/serial-port.js';
import { isSimulatedPort } from '../acquire/simulated-ports.js';
import { compatibleFlag } from '../decode/wire/packet-layout.js';
import { ConfigurationError } from '../errors.js';
import { expectPositive } from '../expect-positive.js';
import { Backoff, type BackoffOptions } from './backoff.js';
import type { PortLists } from './candidate-ports.js';
import type { GreetedEvent } from './conversation.js';
import { keepConnected } from './keep-connected.js';
import { KnownDevice } from './known-device.js';
import { searchPorts, type CreditOptions, type SearchOptions } from './search-ports.js';
import type { DeviceEvent, ReadEvent, SearchEvent, StethoscopeEvent } from './stethoscope-event.js';
import type { TalkEvent } from './talk-to-device.js';

export interface StethoscopeOptions extends PortLists {
  /** A path, or `auto` to ask all ports. */
  readonly port: string;
  readonly baudRate?: number;
  /** Take no device but the one with this serial number. */
  readonly serialNumber?: string;
  /** Time limit for the answer to HELLO; a board that starts anew when its port is opened needs up to 3 s. */
  readonly handshakeTimeoutMs?: number;
  /** A device that sends no samples for so long is taken for lost. */
  readonly silenceTimeoutMs?: number;
  readonly reconnect?: BackoffOptions;
  /** The first value asks the device to stop; the stream then ends with what the device still holds. */
  readonly stop$?: Observable<unknown>;
  /**
   * Lets a device that can wait run faster than real time. Without it, such a device keeps the pace of its clock, as all
   * others do.
   */
  readonly credit?: CreditOptions;
  /** How to open a port: the real one unless a test says otherwise. */
  readonly openPort?: (path: string) => Observable<PortEvent>;
}

/**
 * A stethoscope as a stream: finds it, starts it, and keeps it streaming until it ends or is asked to stop.
 *
 * Emits a search event, a device event, then its packets (INFO first, and again after each return); and when the line
 * fails, connection events until the same device is back: same serial number, or where it has none the same USB
 * identity, or the same port. Completes after an `ended` event. Unsubscribing stops the device and closes the port.
 *
 * Throws ConfigurationError at the call for wrong options. Errors where no device is found at first (PortOpenError,
 * PortError `LUBDUB_NO_DEVICE`, ProtocolError) and when a lost one does not come back (`LUBDUB_DEVICE_LOST`).
 */
export function openStethoscope(options: StethoscopeOptions): Observable<StethoscopeEvent> {
  const settings = check(options);
  return defer(() => {
    const stop$ = (options.stop$ ?? NEVER).pipe(share());
    let known: KnownDevice | undefined;
    let descriptions: readonly PortDescription[] = [];
    let nextSample = 0;

    const connect = (): Observable<Connected> => {
      const lost = known === undefined ? undefined : { device: known, nextSample };
      return searchPorts({ ...settings, stop$ }, lost, (candidates) => {
        ({ descriptions } = candidates);
      }).pipe(
        map((event): Connected => {
          if (event.kind === 'greeted') {
            const device = deviceEvent(event, known);
            const usb = descriptions.find((description) => description.path === event.path);
            known = new KnownDevice(event.path, event.info, usb);
            return device;
          }
          if (event.kind === 'read') nextSample = nextSampleAfter(event) ?? nextSample;
          return event;
        }),
      );
    };

    const kept$ = keepConnected({
      connect,
      progress: (event) => {
        if (event.kind === 'device') return 'connected';
        return event.kind === 'read' && nextSampleAfter(event) !== undefined ? 'flowing' : undefined;
      },
      path: () => known?.path ?? settings.port,
      deviceName: () =>
        known?.info.serialNumber ? `stethoscope ${known.info.serialNumber}` : 'the stethoscope',
      stop$,
      backoff: options.reconnect,
    });
    return new Observable<StethoscopeEvent>((subscriber) =>
      kept$.subscribe({
        next: (event) => {
          if (event.kind !== 'read') subscriber.next(event);
          else for (const each of event.events) subscriber.next(each);
        },
        error: (error) => subscriber.error(error),
        complete: () => subscriber.complete(),
      }),
    );
  });
}

type Connected = Exclude<TalkEvent, GreetedEvent> | SearchEvent | DeviceEvent;

/** Index behind the last samples of a read, as they are counted on the wire; undefined where it brought none. */
function nextSampleAfter({ events }: ReadEvent): number | undefined {
  for (let i = events.length - 1; i >= 0; i--) {
    const event = events[i];
    if (event.kind !== 'packet' || event.packet.type !== 'samples') continue;
    return (event.packet.firstSample + event.packet.samples.length) >>> 0;
  }
  return undefined;
}

function check(options: StethoscopeOptions): Omit<SearchOptions, 'stop$'> {
  const { port, baudRate, handshakeTimeoutMs = 4000, silenceTimeoutMs = 3000 } = options;
  if (port === '')
    throw new ConfigurationError('port must be "auto" or the path of a port, got an empty text');
  expectPositive(handshakeTimeoutMs, 'handshakeTimeoutMs');
  expectPositive(silenceTimeoutMs, 'silenceTimeoutMs');
  // Checked here too, as they are used only after a loss.
  new Backoff(options.reconnect);
  const serialPort = (path: string): Observable<PortEvent> =>
    openSerialPort(baudRate === undefined ? { path } : { path, baudRate });
  return {
    ...(options.listPorts && { listPorts: options.listPorts }),
    ...(options.listSimulatedPorts && { listSimulatedPorts: options.listSimulatedPorts }),
    port,
    handshakeTimeoutMs,
    silenceTimeoutMs,
    serialNumber: options.serialNumber,
    credit: options.credit,
    openPort: options.openPort ?? serialPort,
  };
}

function deviceEvent(greeted: GreetedEvent, known: KnownDevice | undefined): DeviceEvent {
  const { info, path, protocolVersion } = greeted;
  return {
    kind: 'device',
    path,
    occasion: greeted.restarted ? 'restarted' : known === undefined ? 'found' : 'returned',
    formatChanged: known?.formatDiffers(info) ?? false,
    firmware: info.firmware === '' ? null : info.firmware,
    serialNumber: info.serialNumber === '' ? null : info.serialNumber,
    sampleRateHz: info.sampleRateHz,
    bitsPerSample: info.bitsPerSample,
    fullScale: info.fullScale,
    protocolVersion,
    waitsForCredit: (info.compatibleFlags & compatibleFlag.waitsForCredit) !== 0,
    simulated: (info.compatibleFlags & compatibleFlag.simulated) !== 0 || isSimulatedPort(path),
    info,
  };
}
