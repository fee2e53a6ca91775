import { Backlog } from '../classify/backlog.js';
import {
  classified,
  classifiedAtOnce,
  isLostThread,
  type ClassifiedWindow,
  type WindowScorer,
} from '../classify/classify-windows.js';
import { Classifier } from '../classify/classifier.js';
import { InThreadClassifier } from '../classify/in-thread-classifier.js';
import type { RuntimeChoice } from '../classify/load-runtime.js';
import { openModel, type Model } from '../classify/model.js';
import {
  RecordingExtent,
  screenRecording,
  verdictOptions,
  windowingFor,
  type ScreeningOptions,
} from './screen-recording.js';
import type { Sampled, SourceFormat } from '../decode/samples.js';
import { finalEvent, screeningEvent } from './event-of.js';
import type { ScreeningEvent } from './screening-events.js';
import { VerdictLog, type Judged, type RecordingOutcome } from '../verdict/verdict-log.js';
import { RecordingWindows } from '../window/recording-windows.js';
import type { HeartSoundWindow } from '../window/window.js';
import { readSignalQualityModel, type SignalQualityModel } from '../window/signal-quality-model.js';

/** A classifier that belongs to one model, wherever it runs. */
export interface ModelScorer extends WindowScorer {
  readonly model: Model;
  close(): Promise<void>;
}

/** Share of a hop that a window may cost in the thread that reads the port, draws and stores. */
const MOST_OF_A_HOP = 0.1;

/** Told every event of a recording in order, `final` last. */
export type Emit = (event: ScreeningEvent) => void;

export type StoredScreeningOptions = Pick<ScreeningOptions, 'stethoscope' | 'watchConditioned'>;

/** Everything that screens recordings, opened once: a warm classifier and the signal quality's coefficients. */
export class Screener {
  private kept: { readonly format: SourceFormat; readonly windows: RecordingWindows } | undefined;

  constructor(
    readonly classifier: ModelScorer,
    readonly signalQuality: SignalQualityModel,
  ) {}

  /**
   * The model runs in this thread where lubdub's own kernel can run it and a window costs little of what passes until
   * the next; else in worker threads.
   *
   * @param model the model, or the path of its contract
   * @param threads worker threads for the model, where it needs any
   * @param runtime what executes it
   * @throws ModelError
   */
  static async open(
    model: Model | string,
    threads: number,
    runtime: RuntimeChoice = 'auto',
  ): Promise<Screener> {
    const signalQuality = readSignalQualityModel();
    const opened = typeof model === 'string' ? await openModel(model) : model;
    const inThread = await InThreadClassifier.open(opened, runtime);
    if (inThread !== null) {
      const screener = new Screener(inThread, signalQuality);
      if (inThread.measureWindowMs() < MOST_OF_A_HOP * 1000 * screener.hopSeconds) return screener;
    }
    return new Screener(await Classifier.open({ model: opened, threads, runtime }), signalQuality);
  }

  get model(): Model {
    return this.classifier.model;
  }

  /** From one window to the next. */
  get hopSeconds(): number {
    const { hopSamples, sampleRateHz } = this.model.contract.input;
    return hopSamples / sampleRateHz;
  }

  /** A backlog that keeps every thread busy and no more. */
  newBacklog(): Backlog {
    return new Backlog(8 * this.classifier.threadCount);
  }

  /** The way of one recording; see {@link screenRecording}. */
  screen(
    format: SourceFormat,
    options: Pick<ScreeningOptions, 'backlog' | 'capacity' | 'watchConditioned' | 'stethoscope'> = {},
  ) {
    const { classifier, signalQuality } = this;
    const { contract } = classifier.model;
    return screenRecording({ format, contract, classifier, signalQuality, ...options });
  }

  /**
   * Screens samples and gaps that are stored somewhere, in plain calls: what is stored can wait, so nothing queues, and
   * nothing is dropped for lack of time.
   *
   * @param name what the final result calls the recording
   * @param options the stethoscope's profile, and who looks on
   */
  async screenStored(
    name: string,
    format: SourceFormat,
    stored: AsyncIterable<Sampled>,
    emit: Emit,
    { stethoscope = null, watchConditioned }: StoredScreeningOptions = {},
  ): Promise<void> {
    const { contract } = this.model;
    const { sampleRateHz } = format;
    const windows = this.windowsFor(format);
    const extent = new RecordingExtent(sampleRateHz);
    const log = new VerdictLog(verdictOptions({ contract, stethoscope }));
    const tell = (judged: Exclude<Judged, RecordingOutcome>) => emit(screeningEvent(judged));
    const complete: HeartSoundWindow[] = [];
    const classifyAtOnce = (window: HeartSoundWindow) =>
      log.push(classifiedAtOnce(window, this.classifier), tell);
    for await (const value of stored) {
      extent.push(value);
      if (this.classifier.scoreNow !== undefined) windows.push(value, classifyAtOnce, watchConditioned);
      else {
        windows.push(value, (window) => complete.push(window), watchConditioned);
        for (const window of complete.splice(0)) log.push(await this.classify(window), tell);
      }
      if (value.kind === 'gap') log.push(value, tell);
    }
    const source = { file: name, sampleRateHz, durationSeconds: extent.durationSeconds };
    emit(finalEvent(log.outcome(), source, this.model, stethoscope));
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
    const { contract } = this.model;
    const { signalQuality } = this;
    return new RecordingWindows(windowingFor({ contract, format, signalQuality }));
  }

  private keep({ sampleRateHz, bitsPerSample }: SourceFormat, windows: RecordingWindows): void {
    windows.reset();
    this.kept = { format: { sampleRateHz, bitsPerSample }, windows };
  }

  async close(): Promise<void> {
    await this.classifier.close();
  }
}

const isSameFormat = (a: SourceFormat, b: SourceFormat): boolean =>
  a.sampleRateHz === b.sampleRateHz && a.bitsPerSample === b.bitsPerSample;
