import type { StopReason } from '../decode/wire/packet.js';
import type { TimedFault } from './fault-timeline.js';
import type { Sent } from './wire-faults.js';

/** Something that happened to the device, for whoever watches the simulator. */
export type DeviceNote =
  | { readonly kind: 'started'; readonly atSample: number }
  | { readonly kind: 'stopped'; readonly reason: StopReason; readonly atSample: number }
  | { readonly kind: 'fault'; readonly fault: TimedFault; readonly atSample: number };

/** What the device is; a board without the protocol tells nobody. */
export interface DeviceIdentity {
  readonly firmware: string;
  readonly serialNumber: string | null;
  readonly sampleRateHz: number;
  readonly bitsPerSample: number;
}

/** A device that can be put at the end of a wire. Knows no clock; every call is told the host's monotonic time. */
export interface SimulatedDevice {
  readonly identity: DeviceIdentity;
  /** False while it is unplugged. `next` brings it back when its time has come. */
  readonly isPlugged: boolean;
  /** Nothing will ever come any more. */
  readonly isOver: boolean;
  /** Somebody opened the port. */
  hostArrived(nowMs: number): void;
  receive(bytes: Uint8Array, nowMs: number): void;
  /** The next piece that is due, undefined when there is none now. */
  next(nowMs: number): Sent | undefined;
  /** When `next` should be asked again, at the latest; Infinity: not before something is received. */
  dueMs(nowMs: number): number;
  /** What happened since the last call. */
  takeNotes(): DeviceNote[];
}
