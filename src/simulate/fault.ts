/** Which packets a fault of the wire strikes: by chance, or those that hold a given moment. Exactly one of the two. */
export interface Strikes {
  /** Share of the packets, 0..1. */
  readonly probability?: number;
  /** Seconds of the stream: the packet that holds the sample of that moment. */
  readonly atSeconds?: readonly number[];
  /** Where `probability` holds, 0 to the end by default. */
  readonly fromSeconds?: number;
  readonly toSeconds?: number;
  /** `samples` (default): SAMPLES alone; `all`: every packet that the device sends, INFO too. */
  readonly of?: 'samples' | 'all';
}

/** Something that happens to packets on the wire. */
export type WireFault =
  | ({ readonly kind: 'drop' } & Strikes)
  | ({ readonly kind: 'duplicate' } & Strikes)
  /** So many bytes of the packet are changed, 1 by default. */
  | ({ readonly kind: 'corrupt'; readonly bytes?: number } & Strikes)
  /** The packet arrives after so many later ones, 1 by default. */
  | ({ readonly kind: 'delay'; readonly packets?: number } & Strikes)
  /** Nothing arrives for a while, then all of it. */
  | { readonly kind: 'hold'; readonly atSeconds: number; readonly forSeconds: number }
  /** Random bytes between two packets. */
  | { readonly kind: 'garbage'; readonly atSeconds: number; readonly bytes: number };

/** Something that happens to the device. */
export type DeviceFault =
  /** It was too slow: samples are dropped, and it says so. */
  | { readonly kind: 'overrun'; readonly atSeconds: number; readonly samples: number }
  /** It neither sends nor answers, and the port stays open. */
  | { readonly kind: 'stall'; readonly atSeconds: number; readonly forSeconds: number }
  /** The port goes away; for good where `forSeconds` is left out. It starts anew, unless `keepsCounting`. */
  | {
      readonly kind: 'unplug';
      readonly atSeconds: number;
      readonly forSeconds?: number;
      readonly keepsCounting?: boolean;
    }
  /** It starts anew while the port stays open: INFO unasked, the index begins at 0 after the next START. */
  | { readonly kind: 'restart'; readonly atSeconds: number }
  /** It stops by itself. */
  | { readonly kind: 'stop'; readonly atSeconds: number; readonly reason: 'battery' | 'fault' }
  | { readonly kind: 'contact'; readonly atSeconds: number; readonly value: boolean }
  | { readonly kind: 'battery'; readonly atSeconds: number; readonly percent: number }
  /**
   * A clock that is fast (positive) or slow, parts per million: `device` (default), all of the device against the
   * host; `samples`, the sample clock against the device's own microseconds.
   */
  | { readonly kind: 'drift'; readonly ppm: number; readonly of?: 'device' | 'samples' };

export type Fault = WireFault | DeviceFault;

/** What is to go wrong, and the seed that chance is drawn from. */
export interface FaultPlan {
  readonly seed?: number;
  readonly faults: readonly Fault[];
}
