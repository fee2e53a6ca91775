import { map, type Observable } from 'rxjs';
import { openSerialPort, type PortEvent } from '../acquire/serial-port.js';
import { isSimulatedPort } from '../acquire/simulated-ports.js';
import { PLAIN_WIRES, type PlainWire } from '../decode/wire/wires.js';
import { expectSourceRate } from '../decode/source-rate.js';
import { ConfigurationError } from '../errors.js';
import { openSampleSource, type SampleSourceEvent, type SampleSourceOptions } from './open-sample-source.js';
import type { SourceEvent } from './sample-source.js';

export interface PlainWireOptions extends SampleSourceOptions {
  /** A path: a board that says nothing of itself cannot be found. */
  readonly port: string;
  readonly wire: PlainWire;
  /** Samples a second, as the board was programmed: nothing on the wire tells. */
  readonly sampleRateHz: number;
  /** On a wire that does not say it (`ascii`), the number that stands for 1.0; default 32768. */
  readonly fullScale?: number;
  readonly baudRate?: number;
  /** No clock applies: a simulated board that sends as fast as it goes. Default: told by how the samples begin to come. */
  readonly isUnpaced?: boolean | undefined;
  /** How to open a port: the real one unless a test says otherwise. */
  readonly openPort?: (path: string) => Observable<PortEvent>;
}

export type PlainWireEvent = SampleSourceEvent;

/**
 * A home-made stethoscope that sends nothing but samples over a serial port, as a stream; see {@link openSampleSource}.
 * The end of what the board has to send looks like a loss: nothing on the wire says it.
 *
 * Throws ConfigurationError at the call for wrong options. Errors with PortOpenError where the port cannot be opened at
 * first.
 */
export function openPlainWire(options: PlainWireOptions): Observable<PlainWireEvent> {
  const { port, wire, sampleRateHz, fullScale, baudRate } = options;
  if (port === '' || port === 'auto') {
    throw new ConfigurationError(
      `a board on the wire ${wire} says nothing of itself and cannot be found: name its port, got "${port}"`,
    );
  }
  expectSourceRate(sampleRateHz, 'sampleRateHz');
  const decoder = () => PLAIN_WIRES[wire].decoder(fullScale === undefined ? {} : { fullScale });
  decoder();
  const openPort =
    options.openPort ??
    ((path: string): Observable<PortEvent> =>
      openSerialPort(baudRate === undefined ? { path } : { path, baudRate }));
  const opened = {
    kind: 'open',
    path: port,
    serialNumber: null,
    sampleRateHz,
    simulated: isSimulatedPort(port),
    channels: 1,
    decoder,
    scout: decoder,
  } as const;
  return openSampleSource(
    {
      name: 'the board',
      path: port,
      ...(options.isUnpaced === undefined ? {} : { isUnpaced: options.isUnpaced }),
      open: () => openPort(port).pipe(map((event): SourceEvent => (event.kind === 'open' ? opened : event))),
    },
    options,
  );
}
