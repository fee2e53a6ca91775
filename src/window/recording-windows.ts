import { Conditioner, type ConditioningTables } from '../condition/conditioner.js';
import type { ConditionedChunk } from '../condition/conditioned.js';
import type { SampleChunk, Sampled, SourceFormat } from '../decode/samples.js';
import type { LogFilterBankParameters } from './log-filter-bank.js';
import { SignalQuality } from './signal-quality.js';
import type { SignalQualityModel } from './signal-quality-model.js';
import { WindowAssembler } from './window-assembler.js';
import type { HeartSoundWindow } from './window.js';

export interface RecordingWindowsOptions {
  readonly format: SourceFormat;
  /** What the model contract says of its input. */
  readonly input: {
    readonly sampleRateHz: number;
    readonly windowSamples: number;
    readonly hopSamples: number;
    readonly features: LogFilterBankParameters;
  };
  /** For the format's rate and this input. */
  readonly conditioning: ConditioningTables;
  readonly signalQuality: SignalQualityModel;
  /** See `WindowAssemblerOptions`. */
  readonly lendsFeatures?: boolean;
}

/**
 * The way of one recording from samples to windows in plain calls: conditioning, heart rate, windowing, features,
 * quality. Files and live recordings both take it; the operators `bandPass`, `decimate` and `slideWindows`, one after
 * the other, give the same windows to the last bit.
 *
 * State is that of its parts; `reset()` makes it as new, so that one object serves many recordings of a format. Any
 * chunking gives the same windows.
 */
export class RecordingWindows {
  private readonly conditioner: Conditioner;
  private readonly assembler: WindowAssembler;
  /** Index, on the source's time axis, of the present stretch's first sample; undefined between stretches. */
  private stretchStart: number | undefined;
  private conditionedSamples = 0;

  /** @throws ConfigurationError for lengths and rates that do not fit together */
  constructor(options: RecordingWindowsOptions) {
    const { format, input, conditioning, signalQuality, lendsFeatures = false } = options;
    const { sampleRateHz: modelRateHz, windowSamples, hopSamples, features } = input;
    const { sampleRateHz: sourceRateHz, bitsPerSample } = format;
    this.conditioner = new Conditioner(conditioning);
    this.assembler = new WindowAssembler({
      sourceRateHz,
      modelRateHz,
      windowSamples,
      hopSamples,
      features,
      lendsFeatures,
      quality: new SignalQuality({
        sourceRateHz,
        modelRateHz,
        windowSamples,
        bitsPerSample,
        model: signalQuality,
      }),
    });
  }

  /**
   * @param value the next samples of the recording, or a gap, which ends the stretch
   * @param onWindow told every window that these samples complete; its features belong to the receiver, or are lent
   * @param onConditioned told the samples at the model's rate, in a copy, before the windows that they complete
   */
  push(
    value: Sampled,
    onWindow: (window: HeartSoundWindow) => void,
    onConditioned?: (chunk: ConditionedChunk) => void,
  ): void {
    if (value.kind === 'gap') return this.endStretch();
    if (value.samples.length === 0) return;
    if (this.stretchStart === undefined) {
      this.stretchStart = value.firstSample;
      this.assembler.beginStretch(value.firstSample);
    }
    const conditioned = this.conditioner.execute(value.samples);
    if (onConditioned !== undefined) onConditioned(this.copyOf(conditioned, value));
    this.conditionedSamples += conditioned.length;
    this.assembler.execute(value.samples, conditioned, onWindow);
  }

  reset(): void {
    this.endStretch();
    this.assembler.reset();
  }

  private endStretch(): void {
    this.conditioner.reset();
    this.assembler.endStretch();
    this.stretchStart = undefined;
    this.conditionedSamples = 0;
  }

  private copyOf(conditioned: Float64Array, raw: SampleChunk): ConditionedChunk {
    const { stretchStart, conditionedSamples } = this;
    return {
      kind: 'conditioned',
      stretchStart: stretchStart!,
      firstSample: conditionedSamples,
      samples: conditioned.slice(),
      raw,
    };
  }
}
