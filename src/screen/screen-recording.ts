import { pipe, tap, type UnaryFunction, type Observable } from 'rxjs';
import type { Backlog } from '../classify/backlog.js';
import { classifyWindows, type WindowScorer } from '../classify/classify-windows.js';
import { conditioningFor, type ModelContract } from '../classify/model-contract.js';
import { bandPass } from '../condition/band-pass.js';
import type { ConditionedChunk } from '../condition/conditioned.js';
import { decimate } from '../condition/decimate.js';
import type { Sampled, SourceFormat } from '../decode/samples.js';
import { aggregateVerdict, type Judged } from '../verdict/aggregate-verdict.js';
import { calibrationFor, type StethoscopeProfile } from '../verdict/stethoscope-profile.js';
import { SignalQuality } from '../window/signal-quality.js';
import type { SignalQualityModel } from '../window/signal-quality-model.js';
import { slideWindows } from '../window/slide-windows.js';

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
 * The whole way from samples to a verdict, for one recording: live, replayed and stored recordings all take it.
 *
 * @throws ConfigurationError at the call, where the source's rate cannot be conditioned for the model
 */
export function screenRecording(
  options: ScreeningOptions,
): UnaryFunction<Observable<Sampled>, Observable<Judged>> {
  const { contract, format, watchConditioned } = options;
  const { sampleRateHz: modelRateHz, windowSamples, hopSamples, features } = contract.input;
  const conditioning = conditioningFor(contract, format.sampleRateHz);
  return pipe(
    bandPass(conditioning.bandPass),
    decimate(conditioning.decimate),
    tap((value) => value.kind === 'conditioned' && watchConditioned?.(value)),
    slideWindows({
      sourceRateHz: format.sampleRateHz,
      modelRateHz,
      windowSamples,
      hopSamples,
      features,
      quality: () =>
        new SignalQuality({
          sourceRateHz: format.sampleRateHz,
          modelRateHz,
          windowSamples,
          bitsPerSample: format.bitsPerSample,
          model: options.signalQuality,
        }),
    }),
    classifyWindows(options),
    aggregateVerdict({
      rules: contract.verdict,
      calibration: calibrationFor(contract, options.stethoscope ?? null),
    }),
  );
}

/** How far a recording reaches on its own time axis, lost samples counted. */
export class RecordingExtent {
  private endSample = 0;

  constructor(private readonly sampleRateHz: number) {}

  get durationSeconds(): number {
    return this.endSample / this.sampleRateHz;
  }

  readonly watch = tap<Sampled>((value) => {
    this.endSample =
      value.kind === 'gap' ? value.atSample + value.lostSamples : value.firstSample + value.samples.length;
  });
}
