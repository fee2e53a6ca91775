import { LubdubError } from '../errors.js';
import type { Model } from '../classify/model.js';
import type { Gap } from '../decode/samples.js';
import type { DeviceStatus, LineReport } from '../device/stream-samples.js';
import type * as device from '../device/stethoscope-event.js';
import type { Judged, JudgedWindow, RecordingOutcome, VerdictChange } from '../verdict/aggregate-verdict.js';
import type { RhythmSummary } from '../heart/rhythm-watch.js';
import type { UsedStethoscope } from '../verdict/verdict-words.js';
import type {
  ConnectionEvent,
  DeviceEvent,
  ErrorEvent,
  LineEvent,
  ScreeningEvent,
  SearchEvent,
  StatusEvent,
} from './screening-events.js';
import type { FinalEvent, GapEvent, VerdictEvent, WindowEvent } from './result-events.js';

/** What the stages emit, in the form in which it goes out. */

/** Where a recording came from and how far it reached. */
export interface RecordingSource {
  readonly file: string;
  readonly sampleRateHz: number;
  readonly durationSeconds: number;
  readonly lossyCodec?: string | null | undefined;
}

export function deviceEvent(from: device.DeviceEvent, stethoscope: UsedStethoscope | null): DeviceEvent {
  const { path, firmware, serialNumber, sampleRateHz, occasion } = from;
  return {
    kind: 'device',
    path,
    firmware: firmware === '' ? null : firmware,
    serialNumber,
    sampleRateHz,
    occasion,
    stethoscope,
    simulated: from.simulated === true,
  };
}

export function searchEvent({ chosen, ports }: device.SearchEvent): SearchEvent {
  return { kind: 'search', chosen, ports };
}

export function connectionEvent(from: device.ConnectionEvent): ConnectionEvent {
  const { state, path } = from;
  if (state === 'lost') {
    return { kind: 'connection', state, path, reason: from.reason, message: from.message };
  }
  if (state === 'waiting') return { kind: 'connection', state, path, message: from.message };
  const { attempt } = from;
  const failure = from.message === null ? '' : `: ${from.message}`;
  const message = `trying to reconnect in ${(from.inMs / 1000).toFixed(1)} s (attempt ${attempt})${failure}`;
  return { kind: 'connection', state, path, attempt, message };
}

export function statusEvent(from: DeviceStatus): StatusEvent {
  return from;
}

export function lineEvent(from: LineReport): LineEvent {
  const { counters, corruptPackets, corruptBytes, clockDriftPpm } = from;
  const { leftOutStatuses, joinedGaps, setAsideSamples } = from;
  const { packets, missingPackets, duplicatePackets, latePackets, restarts, overrunSamples, clippedSamples } =
    counters;
  return {
    kind: 'line',
    packets,
    missingPackets,
    corruptPackets,
    corruptBytes,
    duplicatePackets,
    latePackets,
    restarts,
    overrunSamples,
    clippedSamples,
    clockDriftPpm,
    leftOutStatuses,
    joinedGaps,
    setAsideSamples,
  };
}

export function windowEvent({ window, probability }: JudgedWindow): WindowEvent {
  return {
    kind: 'window',
    index: window.index,
    startSeconds: window.startSeconds,
    endSeconds: window.endSeconds,
    probability,
    logit: window.logit,
    quality: window.quality.sqi,
    usable: window.quality.usable,
    heartRateBpm: window.heartRate?.bpm ?? null,
    reasons: window.quality.reasons,
    dropped: window.dropped,
  };
}

export function gapEvent({ atSample, lostSamples, cause }: Gap): GapEvent {
  return { kind: 'gap', atSample, lostSamples, cause };
}

export function verdictEvent({ verdict, probability, reasons, usableSeconds }: VerdictChange): VerdictEvent {
  return { kind: 'verdict', verdict, probability, reasons, usableSeconds };
}

export function finalEvent(
  outcome: RecordingOutcome,
  source: RecordingSource,
  model: Model,
  stethoscope: UsedStethoscope | null,
  rhythm: RhythmSummary,
): FinalEvent {
  const { name, version, sha256 } = model.contract;
  return {
    kind: 'final',
    file: source.file,
    verdict: outcome.verdict,
    probability: outcome.probability,
    reasons: outcome.reasons,
    durationSeconds: source.durationSeconds,
    usableSeconds: outcome.usableSeconds,
    windows: outcome.windows,
    lostSamples: outcome.lostSamples,
    droppedWindows: outcome.droppedWindows,
    quality: outcome.quality,
    heartRateBpm: outcome.heartRateBpm,
    sampleRateHz: source.sampleRateHz,
    model: { name, version, sha256 },
    lossyCodec: source.lossyCodec ?? null,
    stethoscope,
    rhythm,
  };
}

/** What one recording's stages give, as what goes out; the outcome needs its source and comes last. */
export function screeningEvent(judged: Exclude<Judged, RecordingOutcome>): ScreeningEvent {
  switch (judged.kind) {
    case 'window':
      return windowEvent(judged);
    case 'gap':
      return gapEvent(judged);
    case 'verdict':
      return verdictEvent(judged);
  }
}

/**
 * The error as an event. What is no {@link LubdubError} is a fault of lubdub's own, and says so.
 *
 * @param file the file or device that failed
 */
export function errorEvent(error: unknown, file: string | null): ErrorEvent {
  if (error instanceof LubdubError) return { kind: 'error', file, code: error.code, message: error.message };
  const message = error instanceof Error ? error.message : String(error);
  return { kind: 'error', file, code: 'LUBDUB_INTERNAL', message: `a fault of lubdub's own: ${message}` };
}
