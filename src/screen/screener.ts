import { Backlog } from '../classify/backlog.js';
import type { WindowScorer } from '../classify/classify-windows.js';
import { Classifier } from '../classify/classifier.js';
import { openModel, type Model } from '../classify/model.js';
import { screenRecording, type ScreeningOptions } from './screen-recording.js';
import type { SourceFormat } from '../decode/samples.js';
import { readSignalQualityModel, type SignalQualityModel } from '../window/signal-quality-model.js';

/** A classifier that belongs to one model, wherever it runs. */
export interface ModelScorer extends WindowScorer {
  readonly model: Model;
  close(): Promise<void>;
}

/** Everything that screens recordings, opened once: a warm classifier and the signal quality's coefficients. */
export class Screener {
  constructor(
    readonly classifier: ModelScorer,
    readonly signalQuality: SignalQualityModel,
  ) {}

  /**
   * @param modelPath the model contract
   * @param threads worker threads for the model
   * @throws ModelError
   */
  static async open(modelPath: string, threads: number): Promise<Screener> {
    const signalQuality = readSignalQualityModel();
    return new Screener(await Classifier.open({ model: await openModel(modelPath), threads }), signalQuality);
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
    options: Pick<ScreeningOptions, 'backlog' | 'capacity' | 'watchConditioned'> = {},
  ) {
    const { classifier, signalQuality } = this;
    const { contract } = classifier.model;
    return screenRecording({ format, contract, classifier, signalQuality, ...options });
  }

  async close(): Promise<void> {
    await this.classifier.close();
  }
}
