import { Backlog } from '../classify/backlog.js';
import { Classifier } from '../classify/classifier.js';
import { InThreadClassifier } from '../classify/in-thread-classifier.js';
import { openModel, type Model } from '../classify/model.js';
import type { RuntimeChoice } from '../classify/runtime-choice.js';
import type { Sampled, SourceFormat } from '../decode/samples.js';
import { usedStethoscope } from '../verdict/stethoscope-profile.js';
import type { SignalQualityModel } from '../window/signal-quality-model.js';
import { openSignalQuality } from './file-screening-start.js';
import type { ScreeningOptions } from './recording-setup.js';
import { screenRecording } from './screen-recording.js';
import {
  StoredScreening,
  type Emit,
  type ModelScorer,
  type StoredScreeningOptions,
  type StoredFormat,
} from './stored-screening.js';

export type { Emit, ModelScorer, StoredScreeningOptions } from './stored-screening.js';

/** Share of a hop that a window may cost in the thread that reads the port, draws and stores. */
const MOST_OF_A_HOP = 0.1;

/** Everything that screens recordings, opened once: a warm classifier and the signal quality's coefficients. */
export class Screener {
  private readonly stored: StoredScreening;

  constructor(
    readonly classifier: ModelScorer,
    readonly signalQuality: SignalQualityModel,
  ) {
    this.stored = new StoredScreening(classifier, signalQuality);
  }

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
    const signalQuality = await openSignalQuality();
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
    options: Pick<
      ScreeningOptions,
      'backlog' | 'capacity' | 'watchConditioned' | 'stethoscope' | 'contact'
    > = {},
  ) {
    const { classifier, signalQuality } = this;
    const { contract } = classifier.model;
    return screenRecording({ format, contract, classifier, signalQuality, ...options });
  }

  /** Screens samples and gaps that are stored somewhere; see {@link StoredScreening.screenStored}. */
  screenStored(
    name: string,
    format: StoredFormat,
    samples: AsyncIterable<Sampled>,
    emit: Emit,
    options: StoredScreeningOptions = {},
  ): Promise<void> {
    const used = usedStethoscope(options.stethoscope ?? null);
    return this.stored.screenStored(name, format, samples, emit, { used, ...options });
  }

  async close(): Promise<void> {
    await this.classifier.close();
  }
}
