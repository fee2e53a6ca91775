import type { Gap, SampleChunk } from '../decode/samples.js';

/** Band-passed samples at the source's rate, with the samples that they were made from. */
export interface FilteredChunk {
  readonly kind: 'filtered';
  /** Index on the source's time axis, as in {@link SampleChunk}. */
  readonly firstSample: number;
  /** Same length as `raw.samples`. */
  readonly samples: Float64Array;
  /** What signal quality is judged by: a filter hides clipping. */
  readonly raw: SampleChunk;
}

/** Samples at the model's rate. A stretch is what lies between two gaps. */
export interface ConditionedChunk {
  readonly kind: 'conditioned';
  /** Index, on the source's time axis, of the first sample of this stretch. */
  readonly stretchStart: number;
  /** Index at the model's rate, 0 at the stretch's start. */
  readonly firstSample: number;
  readonly samples: Float64Array;
  readonly raw: SampleChunk;
}

export type Filtered = FilteredChunk | Gap;
export type Conditioned = ConditionedChunk | Gap;
