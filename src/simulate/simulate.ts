import { Observable } from 'rxjs';
import { simulatedPortPath } from '../acquire/simulated-ports.js';
import type { Wire } from '../decode/wire/wires.js';
import { ConfigurationError } from '../errors.js';
import type { DeviceFault, Fault, FaultPlan, WireFault } from './fault.js';
import { PlainWireBoard } from './plain-wire-board.js';
import { PortLink } from './port-link.js';
import { PseudoTerminal } from './pseudo-terminal.js';
import type { DeviceNote, SimulatedDevice } from './simulated-device.js';
import type { SimulatedRecording } from './simulated-recording.js';
import { SimulatedStethoscope } from './simulated-stethoscope.js';
import { WireFaults, type Sent, type WireFaultCounters } from './wire-faults.js';

export interface SimulateOptions {
  readonly recording: SimulatedRecording;
  /** Lasting name for the pseudo-terminal; a path that is free or an older link. */
  readonly link?: string;
  /** Leave a link where `--port auto` finds it; default true. */
  readonly announce?: boolean;
  /** Multiple of real time, above 0, or `max`: as fast as the host can take it. Default 1. */
  readonly speed?: number | 'max';
  readonly loop?: boolean;
  /** `protocol` (default), or what a home-made board sends. */
  readonly wire?: Wire;
  readonly faults?: FaultPlan;
  /** Seed of the faults, before that of the plan. Default 0. */
  readonly seed?: number;
  readonly serialNumber?: string;
  readonly firmware?: string;
  /** Versions that the device speaks; this program's unless a test says otherwise. */
  readonly protocolCurrent?: number;
  readonly protocolMin?: number;
}

export type SimulatorEvent =
  /** The pseudo-terminal can be opened; once more after each return from a fault `unplug`. */
  | {
      readonly kind: 'device';
      /** What to open: the link where there is one. */
      readonly path: string;
      readonly pseudoTerminal: string;
      readonly firmware: string;
      readonly serialNumber: string | null;
      readonly sampleRateHz: number;
      readonly bitsPerSample: number;
    }
  | { readonly kind: 'host'; readonly state: 'arrived' | 'left' }
  | { readonly kind: 'unplugged' }
  | DeviceNote
  /** What was done to the stream on the wire until now: with every `stopped`. */
  | ({ readonly kind: 'wire' } & WireFaultCounters);

/** Time for the system to hand on what was sent last, before the line hangs up. */
const LINGER_MS = 100;
/** Time for a reader to read it, at most. */
const LONGEST_LINGER_MS = 2000;

/**
 * Is the stethoscope: opens a pseudo-terminal and behaves on it like a device, until it is unsubscribed.
 *
 * It serves one host after the other. Completes only where nothing can come any more: unplugged for good, or the end of a
 * recording on a plain wire. Unsubscribing closes the pseudo-terminal and removes its links.
 *
 * Throws ConfigurationError at the call for wrong options; errors with PortError where no pseudo-terminal can be had.
 */
export function simulate(options: SimulateOptions): Observable<SimulatorEvent> {
  const { recording, speed = 1, seed = options.faults?.seed ?? 0, announce = true } = options;
  if (speed !== 'max' && !(Number.isFinite(speed) && speed > 0)) {
    throw new ConfigurationError(`speed must be a number above 0 or "max", got ${speed}`);
  }
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32) {
    throw new ConfigurationError(`seed must be a whole number in 0..4294967295, got ${seed}`);
  }
  // Made here once, so that what they refuse is refused at the call.
  makeDevice(options);
  const links = options.link === undefined ? [] : [options.link];

  return new Observable((subscriber) => {
    const device = makeDevice(options);
    const wire = new WireFaults(
      options.faults?.faults.filter(isWireFault) ?? [],
      seed,
      recording.sampleRateHz,
    );
    const announced = announce ? simulatedPortPath() : undefined;
    const portLinks = [...links, ...(announced === undefined ? [] : [announced])].map(
      (path) => new PortLink(path),
    );
    let terminal: PseudoTerminal | undefined;
    let timer: NodeJS.Timeout | undefined;

    const plugIn = (): void => {
      terminal = new PseudoTerminal({
        onOpen: () => {
          device.hostArrived(performance.now());
          subscriber.next({ kind: 'host', state: 'arrived' });
          pump();
        },
        onBytes: (bytes) => {
          device.receive(bytes, performance.now());
          pump();
        },
        onRoom: () => pump(),
        onClose: () => subscriber.next({ kind: 'host', state: 'left' }),
      });
      for (const link of portLinks) link.point(terminal.path);
      subscriber.next({
        kind: 'device',
        path: options.link ?? terminal.path,
        pseudoTerminal: terminal.path,
        ...device.identity,
      });
    };

    const pullOut = (): void => {
      for (const link of portLinks) link.remove();
      terminal?.close();
      terminal = undefined;
      wire.cut();
    };

    const tellNotes = (): void => {
      for (const note of device.takeNotes()) {
        subscriber.next(note);
        if (note.kind === 'stopped') subscriber.next({ kind: 'wire', ...wire.counters });
      }
    };

    /** Sends what is due, as far as there is room, and sees to it that it is asked again in time. */
    const pump = (): void => {
      clearTimeout(timer);
      // While it is unplugged, asking for the next piece is what brings it back; then it needs a port before it goes on.
      const mayAsk = (): boolean =>
        !subscriber.closed && (terminal === undefined ? !device.isPlugged : terminal.hasRoom);
      let sent: Sent | undefined;
      while (mayAsk() && (sent = device.next(performance.now())) !== undefined) {
        for (const bytes of wire.carry(sent)) terminal?.write(bytes);
        tellNotes();
      }
      tellNotes();
      if (subscriber.closed) return;
      if (terminal === undefined && device.isOver) return subscriber.complete();
      if (terminal === undefined && device.isPlugged) plugIn();
      else if (terminal !== undefined && (!device.isPlugged || device.isOver)) return pullOutSoon();
      const inMs = device.dueMs(performance.now()) - performance.now();
      if (mayAsk() && inMs !== Infinity) timer = setTimeout(pump, Math.max(1, Math.ceil(inMs)));
    };

    /** A line that hangs up takes with it what its reader has not read: the reader gets a moment. */
    const pullOutSoon = (sinceMs = performance.now()): void => {
      const lingeredMs = performance.now() - sinceMs;
      const reading = terminal?.hasUnread === true && lingeredMs < LONGEST_LINGER_MS;
      if (reading || lingeredMs < LINGER_MS) {
        timer = setTimeout(pullOutSoon, 5, sinceMs);
        return;
      }
      pullOut();
      subscriber.next({ kind: 'unplugged' });
      pump();
    };

    try {
      plugIn();
      pump();
    } catch (error) {
      subscriber.error(error);
    }
    return () => {
      clearTimeout(timer);
      pullOut();
    };
  });
}

function makeDevice(options: SimulateOptions): SimulatedDevice {
  const { wire = 'protocol', faults = { faults: [] }, recording, loop, speed } = options;
  const common = {
    recording,
    faults: faults.faults.filter(isDeviceFault),
    ...(loop !== undefined && { loop }),
    ...(speed !== undefined && { speed }),
  };
  if (wire !== 'protocol') return new PlainWireBoard({ ...common, wire });
  const { serialNumber, firmware, protocolCurrent, protocolMin } = options;
  return new SimulatedStethoscope({
    ...common,
    ...(serialNumber !== undefined && { serialNumber }),
    ...(firmware !== undefined && { firmware }),
    ...(protocolCurrent !== undefined && { protocolCurrent }),
    ...(protocolMin !== undefined && { protocolMin }),
  });
}

const wireFaultKinds: readonly Fault['kind'][] = ['drop', 'duplicate', 'corrupt', 'delay', 'hold', 'garbage'];

function isWireFault(fault: Fault): fault is WireFault {
  return wireFaultKinds.includes(fault.kind);
}

function isDeviceFault(fault: Fault): fault is DeviceFault {
  return !isWireFault(fault);
}
