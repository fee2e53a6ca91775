import { Observable, pipe, tap, type OperatorFunction, type UnaryFunction } from 'rxjs';
import type { Backlog } from '../classify/backlog.js';
import { classifyWindows, type WindowScorer } from '../classify/classify-windows.js';
import { conditioningFor, type ModelContract } from '../classify/model-contract.js';
import { ConditioningTables } from '../condition/conditioner.js';
import type { ConditionedChunk } from '../condition/conditioned.js';
import type { Gap, Sampled, SourceFormat } from '../decode/samples.js';
import { aggregateVerdict, type Judged } from '../verdict/aggregate-verdict.js';
import type { RecordingVerdictOptions } from '../verdict/recording-verdict.js';
import { calibrationFor, type StethoscopeProfile } from '../verdict/stethoscope-profile.js';
import { RecordingWindows, type RecordingWindowsOptions } from '../window/recording-windows.js';
import type { SignalQualityModel } from '../window/signal-quality-model.js';
import type { HeartSoundWindow } from '../window/window.js';

export interface ScreeningOptions {
  readonly format: SourceFormat;
  readonly contract: ModelContract;
  readonly classifier: WindowScorer;
  readonly signalQuality: SignalQualityModel;
  /** Of the stethoscope that is listened with; default an unknown one. */
  readonly stethoscope?: StethoscopeProfile | null;
  /** Windows that may wait for the model before the oldest is dropped; default in {@link classifyWindows}. */
  readonly capacity?: number;
  /** Lets a source that can wait see how many windows are under way. */
  readonly backlog?: Backlog;
  /** Looks on at the signal at the model's rate, to draw it. */
  readonly watchConditioned?: (chunk: ConditionedChunk) => void;
}

/**
 * The whole way from samples to a verdict as operators, for one recording that is listened to. Stored ones take the same
 * objects in plain calls, see `screenStored`.
 *
 * @throws ConfigurationError at the call, where the source's rate cannot be conditioned for the model
 */
export function screenRecording(
  options: ScreeningOptions,
): UnaryFunction<Observable<Sampled>, Observable<Judged>> {
  return pipe(
    windowsOf(windowingFor(options), options.watchConditioned),
    classifyWindows(options),
    aggregateVerdict(verdictOptions(options)),
  );
}

/** @throws ConfigurationError where the source's rate cannot be conditioned for the model */
export function windowingFor({
  contract,
  format,
  signalQuality,
}: Pick<ScreeningOptions, 'contract' | 'format' | 'signalQuality'>): RecordingWindowsOptions {
  const conditioning = new ConditioningTables(conditioningFor(contract, format.sampleRateHz));
  return { format, input: contract.input, conditioning, signalQuality };
}

export function verdictOptions({
  contract,
  stethoscope = null,
}: Pick<ScreeningOptions, 'contract' | 'stethoscope'>): RecordingVerdictOptions {
  return { rules: contract.verdict, calibration: calibrationFor(contract, stethoscope) };
}

/** The edge between a live recording and {@link RecordingWindows}. */
function windowsOf(
  options: RecordingWindowsOptions,
  watchConditioned?: (chunk: ConditionedChunk) => void,
): OperatorFunction<Sampled, HeartSoundWindow | Gap> {
  new RecordingWindows(options);
  return (source) =>
    new Observable((subscriber) => {
      const windows = new RecordingWindows(options);
      const emit = (window: HeartSoundWindow) => subscriber.next(window);
      return source.subscribe({
        next(value) {
          windows.push(value, emit, watchConditioned);
          if (value.kind === 'gap') subscriber.next(value);
        },
        error: (error) => subscriber.error(error),
        complete: () => subscriber.complete(),
      });
    });
}

/** How far a recording reaches on its own time axis, lost samples counted. */
export class RecordingExtent {
  private endSample = 0;

  constructor(private readonly sampleRateHz: number) {}

  get durationSeconds(): number {
    return this.endSample / this.sampleRateHz;
  }

  push(value: Sampled): void {
    this.endSample =
      value.kind === 'gap' ? value.atSample + value.lostSamples : value.firstSample + value.samples.length;
  }

  readonly watch = tap<Sampled>((value) => this.push(value));
}
