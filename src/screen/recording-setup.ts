import type { Backlog } from '../classify/backlog.js';
import type { WindowScorer } from '../classify/classified-window.js';
import { conditioningFor } from '../classify/conditioning.js';
import type { ModelContract } from '../classify/model-contract.js';
import { ConditioningTables } from '../condition/conditioner.js';
import type { ConditionedChunk } from '../condition/conditioned.js';
import type { Sampled, SourceFormat } from '../decode/samples.js';
import type { RecordingVerdictOptions } from '../verdict/recording-verdict.js';
import { calibrationFor } from '../verdict/stethoscope-calibration.js';
import type { StethoscopeProfile } from '../verdict/stethoscope-profile.js';
import type { RecordingWindowsOptions } from '../window/recording-windows.js';
import type { SkinContact } from '../window/skin-contact.js';
import type { SignalQualityModel } from '../window/signal-quality-model.js';

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
  /** When the stethoscope touched no skin, as far as it says. */
  readonly contact?: SkinContact;
  /** Looks on at the signal at the model's rate, to draw it. */
  readonly watchConditioned?: (chunk: ConditionedChunk) => void;
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

/** How far a recording reaches on its own time axis, lost samples counted. */
export class RecordingExtent {
  private endSample = 0;

  constructor(private readonly sampleRateHz: number) {}

  get durationSeconds(): number {
    return this.endSample / this.sampleRateHz;
  }

  /** Behind the last sample. */
  get samples(): number {
    return this.endSample;
  }

  push(value: Sampled): void {
    this.endSample =
      value.kind === 'gap' ? value.atSample + value.lostSamples : value.firstSample + value.samples.length;
  }
}
