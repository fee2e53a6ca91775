/** Totals since a `SampleAssembler` was made or reset. */
export interface AssemblerCounters {
  /** SAMPLES packets, whatever became of them. */
  readonly packets: number;
  readonly samples: number;
  /** Sum of `lostSamples` over all gaps. */
  readonly lostSamples: number;
  /** The part of `lostSamples` that the device dropped itself. */
  readonly overrunSamples: number;
  readonly gaps: number;
  readonly restarts: number;
  /** Sequence numbers that never came. */
  readonly missingPackets: number;
  readonly duplicatePackets: number;
  /** Packets that came after their samples had been given up; the gap stays. */
  readonly latePackets: number;
  /** Packets that contradicted those around them and were thrown away. */
  readonly oddPackets: number;
  /** Samples beyond the full scale that INFO gave: the device's full scale is wrong. */
  readonly outOfRangeSamples: number;
  /** Samples that the device dropped, by STATUS; a report counts once the next one confirms it. */
  readonly reportedOverrunSamples: number;
  /** Samples that the device, by its last STATUS, clipped since START. */
  readonly clippedSamples: number;
}

export const noAssemblerCounts: AssemblerCounters = {
  packets: 0,
  samples: 0,
  lostSamples: 0,
  overrunSamples: 0,
  gaps: 0,
  restarts: 0,
  missingPackets: 0,
  duplicatePackets: 0,
  latePackets: 0,
  oddPackets: 0,
  outOfRangeSamples: 0,
  reportedOverrunSamples: 0,
  clippedSamples: 0,
};
