/** Contiguous samples as they left the device or the file, not filtered. */
export interface SampleChunk {
  readonly kind: 'samples';
  /**
   * Index of the first sample since the recording began, at the source's own rate. It counts lost samples,
   * so that it is a time axis: `firstSample / sampleRateHz` seconds.
   */
  readonly firstSample: number;
  /** Amplitudes, full scale is [-1, 1). The receiver owns the array. */
  readonly samples: Float64Array;
}

/** A hole in the samples. What comes after it shares no filter state and no window with what came before. */
export interface Gap {
  readonly kind: 'gap';
  /** Index that the first lost sample would have had. */
  readonly atSample: number;
  /** How many samples are missing, 0 where only continuity broke (the stream was restarted). */
  readonly lostSamples: number;
  /** Why, in a word that is stable: see {@link GapCause}. */
  readonly cause: GapCause;
}

/**
 * `lost`: packets are missing; `overrun`: the device said that it dropped samples; `reconnect`: the device was
 * away; `restart`: the device began to count anew.
 */
export type GapCause = 'lost' | 'overrun' | 'reconnect' | 'restart';

export type Sampled = SampleChunk | Gap;

/** What a source says of itself before its first sample. */
export interface SourceFormat {
  readonly sampleRateHz: number;
  /** Significant bits of one sample as the source delivers it. */
  readonly bitsPerSample: number;
}
