import type { TraceFrame } from '../page-messages.js';
import type { TraceChunk } from '../../bedside/screening-controller.js';

/** What a page that is opened late gets to see at once. */
const KEPT_SECONDS = 12;
/** Times of two chunks that follow each other agree to less than a sample. */
const TOLERANCE_SAMPLES = 0.5;

/**
 * Gathers the trace into frames: chunks come as the line delivers them, pages get contiguous pieces a few times a
 * second. Keeps the last seconds for pages that are opened later.
 */
export class TraceFeed {
  private chunks: TraceChunk[] = [];
  private recent: TraceFrame[] = [];
  private recentSeconds = 0;
  private newSeconds = 0;

  constructor(private recording = 0) {}

  begin(recording: number): void {
    if (recording === this.recording) return;
    this.recording = recording;
    this.chunks = [];
    this.newSeconds = 0;
    this.recent = [];
    this.recentSeconds = 0;
  }

  push(chunk: TraceChunk): void {
    if (chunk.samples.length === 0) return;
    this.chunks.push(chunk);
    this.newSeconds += secondsOf(chunk);
  }

  /** How much came since it was last taken. */
  get waitingSeconds(): number {
    return this.newSeconds;
  }

  /** What came since the last call, as few frames as continuity allows. */
  take(): TraceFrame[] {
    const frames: TraceFrame[] = [];
    for (let from = 0; from < this.chunks.length;) {
      let end = from + 1;
      while (end < this.chunks.length && follows(this.chunks[end - 1], this.chunks[end])) end++;
      frames.push(this.join(this.chunks.slice(from, end)));
      from = end;
    }
    this.chunks = [];
    this.newSeconds = 0;
    for (const frame of frames) this.recentSeconds += secondsOf(frame);
    this.recent.push(...frames);
    this.forget();
    return frames;
  }

  /** The last seconds, the oldest first. */
  get history(): readonly TraceFrame[] {
    return this.recent;
  }

  private join(chunks: readonly TraceChunk[]): TraceFrame {
    const samples = new Float32Array(chunks.reduce((sum, chunk) => sum + chunk.samples.length, 0));
    let at = 0;
    for (const chunk of chunks) {
      samples.set(chunk.samples, at);
      at += chunk.samples.length;
    }
    const [{ startSeconds, sampleRateHz }] = chunks;
    return { recording: this.recording, startSeconds, sampleRateHz, samples };
  }

  private forget(): void {
    const { recent } = this;
    while (recent.length > 0 && this.recentSeconds - secondsOf(recent[0]) >= KEPT_SECONDS) {
      this.recentSeconds -= secondsOf(recent.shift()!);
    }
  }
}

const secondsOf = ({
  samples,
  sampleRateHz,
}: Pick<TraceFrame, 'sampleRateHz'> & { samples: ArrayLike<number> }): number =>
  samples.length / sampleRateHz;

function follows(before: TraceChunk, after: TraceChunk): boolean {
  const expected = before.startSeconds + before.samples.length / before.sampleRateHz;
  return (
    after.sampleRateHz === before.sampleRateHz &&
    Math.abs(after.startSeconds - expected) * after.sampleRateHz < TOLERANCE_SAMPLES
  );
}
