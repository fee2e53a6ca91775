import {
  classified,
  classifiedAtOnce,
  isLostThread,
  type ClassifiedWindow,
  type WindowScorer,
} from '../classify/classified-window.js';
import type { Model } from '../classify/model.js';
import type { Sampled, SourceFormat } from '../decode/samples.js';
import type { UsedStethoscope } from '../verdict/verdict-words.js';
import { VerdictLog, type Judged, type RecordingOutcome } from '../verdict/verdict-log.js';
import { RecordingWindows } from '../window/recording-windows.js';
import type { SignalQualityModel } from '../window/signal-quality-model.js';
import type { HeartSoundWindow } from '../window/window.js';
import { finalEvent, screeningEvent } from './event-of.js';
import { RhythmLog } from './rhythm-log.js';
import { RecordingExtent, verdictOptions, windowingFor, type ScreeningOptions } from './recording-setup.js';
import type { ScreeningEvent } from './screening-events.js';

/** A classifier that belongs to one model, wherever it runs. */
export interface ModelScorer extends WindowScorer {
  readonly model: Model;
  close(): Promise<void>;
}

/** Told every event of a recording in order, `final` last. */
export type Emit = (event: ScreeningEvent) => void;

/** What is stored, and the lossy codec that it went through. */
export interface StoredFormat extends SourceFormat {
  readonly lossyCodec?: string | null;
}

export interface StoredScreeningOptions extends Pick<
  ScreeningOptions,
  'stethoscope' | 'watchConditioned' | 'contact'
> {
  /** What the result says of the stethoscope's profile; default nothing. */
  readonly used?: UsedStethoscope | null;
}

/** Screens what is stored, one recording after the other: no operators, and the same stages from one to the next. */
export class StoredScreening {
  private kept: { readonly format: SourceFormat; readonly windows: RecordingWindows } | undefined;

  constructor(
    private readonly classifier: ModelScorer,
    private readonly signalQuality: SignalQualityModel,
  ) {}

  /**
   * Screens samples and gaps that are stored somewhere, in plain calls: what is stored can wait, so nothing queues, and
   * nothing is dropped for lack of time.
   *
   * @param name what the final result calls the recording
   * @param options the stethoscope's profile, and who looks on
   */
  async screenStored(
    name: string,
    format: StoredFormat,
    stored: AsyncIterable<Sampled>,
    emit: Emit,
    { stethoscope = null, used = null, watchConditioned, contact }: StoredScreeningOptions = {},
  ): Promise<void> {
    const { contract } = this.classifier.model;
    const { sampleRateHz, lossyCodec } = format;
    const windows = this.windowsFor(format);
    const extent = new RecordingExtent(sampleRateHz);
    const log = new VerdictLog(verdictOptions({ contract, stethoscope }));
    const rhythm = new RhythmLog(name);
    const tell = (judged: Exclude<Judged, RecordingOutcome>) => {
      emit(screeningEvent(judged));
      if (judged.kind !== 'verdict') rhythm.push(judged).forEach(emit);
    };
    const complete: HeartSoundWindow[] = [];
    const judged = (window: HeartSoundWindow) => contact?.judge(window) ?? window;
    const classifyAtOnce = (window: HeartSoundWindow) =>
      log.push(classifiedAtOnce(judged(window), this.classifier), tell);
    for await (const value of stored) {
      extent.push(value);
      if (this.classifier.scoreNow !== undefined) windows.push(value, classifyAtOnce, watchConditioned);
      else {
        windows.push(value, (window) => complete.push(judged(window)), watchConditioned);
        for (const window of complete.splice(0)) log.push(await this.classify(window), tell);
      }
      if (value.kind === 'gap') log.push(value, tell);
    }
    const source = { file: name, sampleRateHz, durationSeconds: extent.durationSeconds, lossyCodec };
    rhythm.end().forEach(emit);
    emit(finalEvent(log.outcome(), source, this.classifier.model, used, rhythm.summary()));
    this.keep(format, windows);
  }

  private async classify(window: HeartSoundWindow): Promise<ClassifiedWindow> {
    if (window.features === undefined) return classified(window, null, null);
    try {
      return classified(window, await this.classifier.score(window.features), null);
    } catch (error) {
      if (!isLostThread(error)) throw error;
      return classified(window, null, 'inference');
    }
  }

  /** A recording's stages, as new; those of the last one where its format was the same. */
  private windowsFor(format: SourceFormat): RecordingWindows {
    const { kept } = this;
    this.kept = undefined;
    if (kept !== undefined && isSameFormat(kept.format, format)) return kept.windows;
    const { contract } = this.classifier.model;
    const { signalQuality } = this;
    // A classifier that answers at once does not keep them.
    const lendsFeatures = this.classifier.scoreNow !== undefined;
    return new RecordingWindows({ ...windowingFor({ contract, format, signalQuality }), lendsFeatures });
  }

  private keep({ sampleRateHz, bitsPerSample }: SourceFormat, windows: RecordingWindows): void {
    windows.reset();
    this.kept = { format: { sampleRateHz, bitsPerSample }, windows };
  }
}

const isSameFormat = (a: SourceFormat, b: SourceFormat): boolean =>
  a.sampleRateHz === b.sampleRateHz && a.bitsPerSample === b.bitsPerSample;
