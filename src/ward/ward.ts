import { Subject } from 'rxjs';
import type { BrokerAddress } from '../publish/broker-address.js';
import type { ConnectionChange } from '../publish/broker-connection.js';
import { Subscription } from './subscription.js';
import { WardBoard } from './ward-board.js';
import { MAX_PACKET_BYTES, readWardMessage, type ReceivedMessage, type WardResult } from './ward-message.js';
import type { WardStore } from './ward-store.js';

export interface WardOptions {
  readonly address: BrokerAddress;
  /** Of this process: two wards of one name would throw each other out. */
  readonly name: string;
  readonly store: WardStore;
  readonly board?: WardBoard;
}

/** What becomes of the ward itself. */
export interface WardEvent {
  readonly kind: 'ward';
  /** `clock`: that of a bedside is ahead. */
  readonly state: 'connected' | 'lost' | 'store' | 'refused' | 'clock';
  readonly message: string;
}

/**
 * Every ward takes all results, and the store keeps each once. Not by a shared subscription: Mosquitto 2.0 forgets those when it
 * is restarted, until the ward is back, and confirms what comes meanwhile to bedsides for nobody to get.
 */
const RESULTS = 'lubdub/+/';

/** A broker keeps results so long for a ward that is away. */
const KEPT_SECONDS = 7 * 24 * 3600;

/** Two connections, as a broker keeps for the one what it need not keep for the other. */
const HEARS = ['states', 'results'] as const;
type Hears = (typeof HEARS)[number];

const TEND_INTERVAL_MS = 1000;
const STORE_AGAIN_MS = 2000;

/** What is odd about one topic is told once in this time, and of so many topics. */
const TOLD_INTERVAL_MS = 60_000;
const MAX_TOLD = 50;

/** Clocks differ; a result from later than this is from a clock that was never set. */
const CLOCK_AHEAD_MS = 3600_000;

/** Many bedsides, followed over a broker: their present state, and every result in a store once. */
export class Ward {
  readonly board: WardBoard;
  readonly events$ = new Subject<WardEvent>();
  /** Results once they are stored, by whomever; the same again where it arrives again. */
  readonly results$ = new Subject<WardResult>();
  /** The connections that hear the broker now. */
  private readonly hearing = new Set<Hears>();
  /** Messages that made no sense. */
  refused = 0;
  /** Results that were new. */
  stored = 0;
  /** Results that had been stored before. */
  repeated = 0;
  private readonly subscriptions: Subscription[];
  private readonly tending: NodeJS.Timeout;
  private readonly told = new Map<string, number>();
  private isClosed = false;

  constructor(private readonly options: WardOptions) {
    const { address, name } = options;
    this.board = options.board ?? new WardBoard();
    this.subscriptions = [
      new Subscription({
        address,
        clientId: `lubdub-ward-${name}-board`,
        topics: { 'lubdub/+/state': 1, 'lubdub/+/window': 0 },
        maxPacketBytes: MAX_PACKET_BYTES,
        keptSeconds: 0,
        take: (message) => this.show(message),
        onChange: (change) => this.hear('states', change),
      }),
      new Subscription({
        address,
        clientId: `lubdub-ward-${name}`,
        topics: { [`${RESULTS}final`]: 1, [`${RESULTS}examination`]: 1 },
        maxPacketBytes: MAX_PACKET_BYTES,
        keptSeconds: KEPT_SECONDS,
        take: (message) => this.keep(message),
        onChange: (change) => this.hear('results', change),
      }),
    ];
    this.tending = setInterval(() => this.board.tend(Date.now()), TEND_INTERVAL_MS);
  }

  /** Hears both, states and results: who heard the first alone would take a ward that keeps nothing for a good one. */
  get isConnected(): boolean {
    return this.hearing.size === HEARS.length;
  }

  async close(): Promise<void> {
    this.isClosed = true;
    clearInterval(this.tending);
    await Promise.all(this.subscriptions.map((subscription) => subscription.close()));
    this.events$.complete();
    this.results$.complete();
  }

  private show(received: ReceivedMessage): void {
    const message = readWardMessage(received);
    if (typeof message === 'string') return this.refuse(received, message);
    if (message.kind === 'result' || this.board.push(message, Date.now())) return;
    const why = `more than ${this.board.capacity} bedsides are there; dismiss those that vanished, or look who makes up names`;
    // The board has counted it. For all together: there may be thousands.
    this.tell('the board', 'refused', `a bedside is left out: ${why}`);
  }

  /** Does not return before the result is stored, so that the broker keeps it until then. */
  private async keep(received: ReceivedMessage): Promise<void> {
    const message = readWardMessage(received);
    if (typeof message === 'string') return this.refuse(received, message);
    if (message.kind !== 'result') return;
    let isTold = false;
    while (!this.isClosed) {
      try {
        const isNew = await this.options.store.put(message.result, new Date());
        if (isNew) {
          this.stored += 1;
          this.checkClock(message.result);
        } else this.repeated += 1;
        // Another ward may have stored it: it is news here all the same.
        this.results$.next(message.result);
        return;
      } catch (error) {
        if (!isTold) {
          const why = `results cannot be stored and wait at the broker: ${(error as Error).message}`;
          this.events$.next({ kind: 'ward', state: 'store', message: why });
        }
        isTold = true;
        await new Promise((resolve) => setTimeout(resolve, STORE_AGAIN_MS));
      }
    }
    throw new Error('the ward ends; the broker keeps the result');
  }

  /** Garbage is counted, and told of seldom. */
  private refuse({ topic }: ReceivedMessage, why: string): void {
    this.refused += 1;
    const sender = topic.slice(0, 100);
    this.tell(sender, 'refused', `a message of ${sender} is left out: ${why}`);
  }

  /** It is kept all the same: nothing else tells of that recording. */
  private checkClock({ bedside, at }: WardResult): void {
    const aheadMs = at.getTime() - Date.now();
    if (aheadMs < CLOCK_AHEAD_MS) return;
    const hours = Math.round(aheadMs / 3600_000);
    this.tell(`clock ${bedside}`, 'clock', `the clock of ${bedside} is ${hours} h ahead; set it there`);
  }

  /** Whoever sends decides how often and under how many names; so it is told seldom, and of few. */
  private tell(about: string, state: 'refused' | 'clock', message: string): void {
    const now = performance.now();
    for (const [known, toldAt] of this.told) {
      if (now - toldAt >= TOLD_INTERVAL_MS) this.told.delete(known);
    }
    if (this.told.has(about) || this.told.size >= MAX_TOLD) return;
    this.told.set(about, now);
    this.events$.next({ kind: 'ward', state, message });
  }

  /** A broker that is gone ends both connections, and is told of once. */
  private hear(what: Hears, change: ConnectionChange): void {
    const wasConnected = this.isConnected;
    if (change.state === 'connected') {
      this.hearing.add(what);
      if (this.isConnected && !wasConnected)
        this.events$.next({ kind: 'ward', state: 'connected', message: 'connected to the broker' });
      return;
    }
    this.hearing.delete(what);
    const other = HEARS.find((one) => one !== what)!;
    if (what === 'results' && !this.hearing.has(other)) return;
    const message = `no connection to the broker: ${change.message}; next try in ${(change.inMs / 1000).toFixed(1)} s`;
    this.events$.next({ kind: 'ward', state: 'lost', message });
  }
}
