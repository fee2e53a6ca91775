/** Where the trace comes from. */
export interface ColumnSource {
  readonly sampleRateHz: number;
  /** See `TraceRing.extremes`. */
  extremes(first: number, samplesPerColumn: number, end: number, extremes: Float32Array): void;
}
