import { parseLine, readLines } from './stored-lines.js';
import { parsePlacing, type Placing } from './stored-timeline.js';

/** What a session's event stream holds, in short. */
export interface EventSurvey {
  readonly placings: readonly Placing[];
  readonly wholeBytes: number;
  readonly tornBytes: number;
  readonly unreadableLines: number;
  /** Samples that some line says are stored. */
  readonly claimedSamples: number;
  /** Samples up to the last checkpoint: those were safe from a power cut, and are vouched for by a hash. */
  readonly checkedSamples: number;
  readonly lastVerdict: Record<string, unknown> | null;
  /** The last time that the recorder wrote down, ISO 8601. */
  readonly lastAt: string | null;
}

/** @throws SessionError where the disk fails */
export async function surveyEvents(path: string): Promise<EventSurvey> {
  const placings: Placing[] = [];
  let wholeBytes = 0;
  let tornBytes = 0;
  let unreadableLines = 0;
  let claimedSamples = 0;
  let checkedSamples = 0;
  let lastVerdict: Record<string, unknown> | null = null;
  let lastAt: string | null = null;
  for await (const line of readLines(path)) {
    const event = parseLine(line);
    if (event === null) {
      // What cannot be read is torn as long as nothing readable follows: power cuts leave zeros, too.
      tornBytes += line.bytes.length + (line.isWhole ? 1 : 0);
      unreadableLines += line.isWhole ? 1 : 0;
      continue;
    }
    wholeBytes = line.offset + line.bytes.length + 1;
    tornBytes = 0;
    if (event.kind === 'verdict' || event.kind === 'final') lastVerdict = event;
    if (event.kind !== 'recorder') continue;
    if (typeof event.at === 'string') lastAt = event.at;
    const { storedSamples } = event;
    if (typeof storedSamples === 'number') claimedSamples = Math.max(claimedSamples, storedSamples);
    if (event.what === 'checkpoint' && typeof storedSamples === 'number') checkedSamples = storedSamples;
    const placing = parsePlacing(event);
    if (placing !== null) placings.push(placing);
  }
  return {
    placings,
    wholeBytes,
    tornBytes,
    unreadableLines,
    claimedSamples,
    checkedSamples,
    lastVerdict,
    lastAt,
  };
}
