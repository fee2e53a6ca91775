import type { Observable } from 'rxjs';
import type { PlainWireDecoder } from '../decode/wire/plain-wire.js';

/** A source stands, and what it sends is to be read so. */
export interface SourceOpened {
  readonly kind: 'open';
  /** What events call it. */
  readonly path: string;
  /** Null where it has none. */
  readonly serialNumber: string | null;
  readonly sampleRateHz: number;
  /** Nobody is listened to: it is a simulator of this machine. */
  readonly simulated?: boolean;
  /** In turn, of which one is read. */
  readonly channels: number;
  /** The channel that a person wants, 0 for the first; undefined: the best of them. */
  readonly channel?: number | undefined;
  /** A decoder for one channel. */
  readonly decoder: (channel: number) => PlainWireDecoder;
  /** One for the first channel that compares all of them as well. */
  readonly scout: () => PlainWireDecoder & {
    chooseChannel?(): { readonly index: number; readonly passedOver: readonly string[] };
  };
  /** Hold up and let go what can wait; undefined where nothing can. */
  readonly pause?: () => void;
  readonly resume?: () => void;
}

/** The source stays, but dropped samples before what comes next: how many, the clock tells. */
export interface SourceOverrun {
  readonly kind: 'overrun';
}

/** The source dropped at least so many ms of samples, about now. */
export interface SourceReport {
  readonly kind: 'report';
  readonly lostMs: number;
}

/** What the source says, for people. */
export interface SourceLine {
  readonly kind: 'line';
  readonly text: string;
}

export interface SourceBytes {
  readonly kind: 'bytes';
  readonly bytes: Uint8Array;
}

export type SourceEvent = SourceOpened | SourceBytes | SourceOverrun | SourceReport | SourceLine;

/** Something that sends nothing but samples: a serial port, a sound card's recorder, a program, a pipe. */
export interface SampleSource {
  /** In a sentence, e.g. `the board`. */
  readonly name: string;
  /** What events call it before it has stood. */
  readonly path: string;
  /**
   * One opening: `open` first, then bytes. Completes where the source has come to its end; errors with PortError where it
   * failed and may come back.
   */
  readonly open: () => Observable<SourceEvent>;
  /** How long the first byte may take, ms; default as long as any other. */
  readonly firstByteTimeoutMs?: number;
  /** No clock applies: a stored recording, as fast as it goes. Default: told by its beginning. */
  readonly isUnpaced?: boolean;
}
