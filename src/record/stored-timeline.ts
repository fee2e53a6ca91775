import type { Gap, GapCause } from '../decode/samples.js';
import { lazySchemas, type ReadBy } from '../schemas.js';

const causes = ['lost', 'overrun', 'reconnect', 'restart'] as const satisfies readonly GapCause[];

const placingSchema = lazySchemas((z) => {
  const count = z.number().int().nonnegative();

  return z.discriminatedUnion('what', [
    z.object({
      what: z.literal('gap'),
      storedSamples: count,
      atSample: z.number().int(),
      lostSamples: count,
      cause: z.enum(causes),
    }),
    z.object({ what: z.literal('position'), storedSamples: count, firstSample: z.number().int() }),
    z.object({
      what: z.literal('not-stored'),
      storedSamples: count,
      atSample: z.number().int(),
      lostSamples: count,
      samples: count,
      gaps: count,
      events: count,
    }),
  ]);
});

/** A line of the event stream that says where in time the samples stand that are stored after it. */
export type Placing = ReadBy<typeof placingSchema>;

/** @returns `null` for any other line */
export function parsePlacing(line: Record<string, unknown>): Placing | null {
  if (line.kind !== 'recorder') return null;
  const parsed = placingSchema().safeParse(line);
  return parsed.success ? parsed.data : null;
}

/** Samples that stand next to each other in the files and in time. */
export interface Stretch {
  readonly kind: 'stretch';
  /** Index in the files. */
  readonly storedFrom: number;
  readonly samples: number;
  /** Index on the time axis. */
  readonly firstSample: number;
}

/** A hole that the disk made, not the source. */
export interface NotStored extends Gap {
  /** Samples that arrived and were not kept; the source itself lost the others. */
  readonly arrivedSamples: number;
  readonly events: number;
}

/**
 * Where in time the stored samples stand.
 *
 * @param placings in the order of the event stream
 * @param storedSamples samples that are there; what the placings say of later ones is of no use
 */
export class StoredTimeline {
  readonly pieces: readonly (Stretch | Gap)[];
  readonly gaps: readonly Gap[];
  readonly notStored: readonly NotStored[];
  /** Index after the last sample or lost sample. */
  readonly endSample: number;

  constructor(placings: readonly Placing[], storedSamples: number) {
    const pieces: (Stretch | Gap)[] = [];
    const notStored: NotStored[] = [];
    let stored = 0;
    let position = 0;
    const takeUntil = (end: number) => {
      if (end <= stored) return;
      pieces.push({
        kind: 'stretch',
        storedFrom: stored,
        samples: end - stored,
        firstSample: position,
      });
      position += end - stored;
      stored = end;
    };
    for (const placing of placings) {
      if (placing.storedSamples > storedSamples) break;
      takeUntil(placing.storedSamples);
      if (placing.what === 'position') {
        position = placing.firstSample;
        continue;
      }
      const { atSample, lostSamples } = placing;
      position = atSample + lostSamples;
      if (placing.what === 'gap') {
        pieces.push({ kind: 'gap', atSample, lostSamples, cause: placing.cause });
        continue;
      }
      const hole: Gap = { kind: 'gap', atSample, lostSamples, cause: 'lost' };
      // Where events alone were not kept, the samples go on.
      if (lostSamples + placing.samples + placing.gaps > 0) pieces.push(hole);
      notStored.push({ ...hole, arrivedSamples: placing.samples, events: placing.events });
    }
    takeUntil(storedSamples);
    this.pieces = pieces;
    this.gaps = pieces.filter((piece) => piece.kind === 'gap');
    this.notStored = notStored;
    this.endSample = position;
  }
}
