import type { SampleChunk, SourceFormat } from '../samples.js';

/** What a recording's file says of itself, checked against what it holds. */
export interface RecordingInfo extends SourceFormat {
  /** Channels of the file, of which one is read. */
  readonly channels: number;
  /** Samples of one channel that the file really holds. */
  readonly totalSamples: number;
  /** What a person should know before believing a result: cut short, which channel is read… A sentence each. */
  readonly notices: readonly string[];
  /** The codec that changed the sound before it was stored, in a word; `null` or absent where the samples are as they were. */
  readonly lossyCodec?: string | null;
}

/** An open recording of any kind that lubdub reads. Whoever has it closes it. */
export interface RecordingFile extends RecordingInfo {
  /** The channel that is read, 1 for the first. */
  readonly channel: number;
  /** The channel's samples from the first to the last; every call begins anew. */
  chunks(chunkSamples?: number): AsyncGenerator<SampleChunk, void, undefined>;
  close(): Promise<void>;
}
