import type { Observable } from 'rxjs';
import type { ConditionedChunk } from '../condition/conditioned.js';
import type { SoundPiece } from '../listen/sound-piece.js';
import type { StethoscopeStatus } from './fit-status.js';
import type { ScreeningEvent } from '../screen/screening-events.js';
import type { ControllerStatus, HeartSoundMark, Naming, PreviewWindow } from './bedside-status.js';

/** Samples to draw, contiguous, at the model's rate. */
export interface TraceChunk {
  /** On the source's time axis, which counts lost samples. */
  readonly startSeconds: number;
  readonly sampleRateHz: number;
  /** Amplitudes; full scale is [-1, 1). Only read. */
  readonly samples: Float64Array;
}

/**
 * What the live page needs of a screening: one recording after the other on one device. Its observables are hot, and
 * what they emit is in the order in which it happened. A page that is slow or gone never holds them up: everything
 * that is done on their values returns at once.
 */
export interface ScreeningController {
  /** Emits the present status on subscription, then every change. */
  readonly status$: Observable<ControllerStatus>;
  /** All events of all recordings. A recording begins with its `recording` status. */
  readonly events$: Observable<ScreeningEvent>;
  readonly trace$: Observable<TraceChunk>;
  /** What is recorded or previewed, as it came from the device: what is listened to. */
  readonly sound$?: Observable<SoundPiece>;
  /** First and second heart sounds as they are found, later than the trace that they are in. */
  readonly marks$?: Observable<readonly HeartSoundMark[]>;
  /** What is previewed, window by window, while nothing is recorded; its trace comes with the others. */
  readonly preview$?: Observable<PreviewWindow>;

  /** Fits the profile of the stethoscope, where that can be. */
  readonly fitting?: FittingController;

  /** Begins a recording. Rejects with a sentence for people where that cannot be now. */
  start(naming: Naming): Promise<void>;
  /** Ends the recording; its `final` event and the status `stopped` follow. */
  stop(): Promise<void>;
  /** Takes the recording under way, or else the last one, off the disk and out of the examination; then `idle`. */
  discard(): Promise<void>;
  /** Names the spot and the subject of the next recording, or of the one under way where that is still possible. */
  name(naming: Naming): Promise<void>;
}

/**
 * Fits the profile of the stethoscope that answers, step by step. Everything rejects with a sentence for people where it
 * cannot be now.
 */
export interface FittingController {
  /** Emits the present status on subscription, then every change. */
  readonly status$: Observable<StethoscopeStatus>;
  /** @param isKept its recordings are kept as sessions */
  begin(name: string, isKept: boolean): Promise<void>;
  /** Begins a recording of the one whose turn it is; it ends by itself. */
  record(): Promise<void>;
  /** Breaks it off; nothing of it is left. */
  stop(): Promise<void>;
  /** It is the next one's turn. */
  next(): Promise<void>;
  /** Leaves out the one whose turn it is, with all recordings. */
  leaveOut(): Promise<void>;
  /** Makes the profile and uses it. */
  finish(): Promise<void>;
  /** Ends a fit that is not done, or puts away its result. */
  cancel(): Promise<void>;
  /** Removes the profile of the stethoscope that answers. */
  remove(name: string): Promise<void>;
}

/**
 * The decimation's delay is taken out, so that what is drawn stands where the source counted it, as gaps do. What stands
 * before its stretch then is the filter's silence, and is left out.
 *
 * @param sourceRateHz the device's rate
 * @param sampleRateHz the model's rate
 * @param delaySeconds of the decimation
 */
export function traceChunk(
  chunk: ConditionedChunk,
  sourceRateHz: number,
  sampleRateHz: number,
  delaySeconds: number,
): TraceChunk {
  const delaySamples = delaySeconds * sampleRateHz;
  const early = Math.min(
    chunk.samples.length,
    Math.max(0, Math.ceil(delaySamples - chunk.firstSample - 0.5)),
  );
  return {
    startSeconds:
      chunk.stretchStart / sourceRateHz + (chunk.firstSample + early - delaySamples) / sampleRateHz,
    sampleRateHz,
    samples: early === 0 ? chunk.samples : chunk.samples.subarray(early),
  };
}
