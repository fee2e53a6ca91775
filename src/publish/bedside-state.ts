import { lazySchemas, type ReadBy } from '../schemas.js';
import { SITES } from '../verdict/site.js';
import { VERDICT_WORDS } from '../verdict/verdict-reason.js';
import type { ControllerStatus } from '../bedside/bedside-status.js';
import type { PublishedEvent } from './published-message.js';

/** Why a bedside is not there. */
const ABSENCES = ['ended', 'vanished'] as const;

/**
 * The retained message `lubdub/<bedside>/state`: what somebody who comes late must know of a bedside. A figure that is not
 * known is `null`.
 */
export const bedsideStateSchema = lazySchemas((z) => {
  const text = z.string().max(256);
  /** Several stand in one state. */
  const word = z.string().max(64);
  const count = z.number().int().nonnegative();

  return z.object({
    kind: z.literal('state'),
    bedside: text,
    online: z.boolean(),
    /** Of one that is not online. */
    absence: z.enum(ABSENCES).nullable(),
    /** As the live page has it. */
    state: z.enum(['idle', 'connecting', 'recording', 'stopping', 'stopped']),
    subject: text.nullable(),
    site: z.enum(SITES).nullable(),
    /** UUID of the recording under way or of the last one. */
    recording: text.nullable(),
    /** ISO 8601. */
    startedAt: text.nullable(),
    /** When this was said, ISO 8601. */
    at: text,
    device: z
      .object({ serialNumber: text.nullable(), firmware: text.nullable(), sampleRateHz: z.number() })
      .nullable(),
    /** Of the stethoscope. */
    connection: z.enum(['none', 'searching', 'connected', 'lost']),
    batteryPercent: z.number().nullable(),
    contact: z.boolean().nullable(),
    /** Of the last window, in [0, 1]. */
    quality: z.number().nullable(),
    usable: z.boolean().nullable(),
    heartRateBpm: z.number().nullable(),
    verdict: z.enum(VERDICT_WORDS).nullable(),
    /** Of *abnormal*. */
    probability: z.number().min(0).max(1).nullable(),
    reasons: z.array(word).max(16),
    usableSeconds: z.number().nullable(),
    lostSamples: count,
    droppedWindows: count,
    lubdub: text,
    model: z.object({ name: text, version: text, sha256: text }),
  });
});

export type BedsideState = Readonly<ReadBy<typeof bedsideStateSchema>>;

export type BedsideIdentity = Pick<BedsideState, 'bedside' | 'lubdub' | 'model'>;

/** Gathers {@link BedsideState} from what happens at a bedside. Its memory does not grow. */
export class BedsideStateTracker {
  private state: BedsideState;

  constructor(identity: BedsideIdentity) {
    this.state = { ...NOTHING_YET, ...NO_RESULT, ...identity };
  }

  /** @param at when it is said */
  view(at: Date): BedsideState {
    return { ...this.state, at: at.toISOString() };
  }

  /** What stands for the bedside when it is gone. */
  absent(absence: (typeof ABSENCES)[number], at: Date): BedsideState {
    return {
      ...this.view(at),
      online: false,
      absence,
      connection: 'none',
      batteryPercent: null,
      contact: null,
    };
  }

  /** A recording begins. */
  begin(recording: string, at: Date): void {
    this.change({ ...NO_RESULT, recording, startedAt: at.toISOString() });
  }

  setStatus({ state, subject, site }: ControllerStatus): void {
    this.change({ state, subject, site });
    if (state === 'connecting' && this.state.connection === 'none') this.change({ connection: 'searching' });
  }

  push(event: PublishedEvent): void {
    switch (event.kind) {
      case 'device': {
        const { serialNumber, firmware, sampleRateHz } = event;
        return this.change({ device: { serialNumber, firmware, sampleRateHz }, connection: 'connected' });
      }
      case 'connection':
        return this.change({ connection: 'lost', contact: null });
      case 'search':
        return event.chosen === null ? this.change({ connection: 'searching' }) : undefined;
      case 'status':
        return this.change({ batteryPercent: event.batteryPercent, contact: event.contact });
      case 'window': {
        const { quality, usable, heartRateBpm } = event;
        const droppedWindows = this.state.droppedWindows + (event.dropped === null ? 0 : 1);
        return this.change({ quality, usable, heartRateBpm, droppedWindows });
      }
      case 'gap':
        return this.change({ lostSamples: this.state.lostSamples + event.lostSamples });
      case 'verdict':
      case 'final': {
        const { verdict, probability, usableSeconds } = event;
        this.change({ verdict, probability, usableSeconds, reasons: [...event.reasons] });
        if (event.kind === 'verdict') return;
        const { lostSamples, droppedWindows, heartRateBpm, quality } = event;
        return this.change({ lostSamples, droppedWindows, heartRateBpm, quality });
      }
      // Told one by one; they are no state.
      case 'level':
      case 'examination':
      case 'rhythm':
      case 'notice':
      case 'recording':
      case 'error':
      case 'line':
        return;
    }
  }

  private change(change: Partial<BedsideState>): void {
    this.state = { ...this.state, ...change };
  }
}

const NO_RESULT = {
  quality: null,
  usable: null,
  heartRateBpm: null,
  verdict: null,
  probability: null,
  reasons: [],
  usableSeconds: null,
  lostSamples: 0,
  droppedWindows: 0,
};

const NOTHING_YET = {
  kind: 'state',
  online: true,
  absence: null,
  state: 'idle',
  subject: null,
  site: null,
  recording: null,
  startedAt: null,
  at: '',
  device: null,
  connection: 'none',
  batteryPercent: null,
  contact: null,
} as const;
