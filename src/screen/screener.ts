import { defer, from } from 'rxjs';
import { Backlog } from '../classify/backlog.js';
import type { WindowScorer } from '../classify/classify-windows.js';
import { Classifier } from '../classify/classifier.js';
import { openModel, type Model } from '../classify/model.js';
import { RecordingExtent, screenRecording, type ScreeningOptions } from './screen-recording.js';
import type { Sampled, SourceFormat } from '../decode/samples.js';
import { finalEvent, screeningEvent } from './event-of.js';
import type { ScreeningEvent } from './screening-events.js';
import { readSignalQualityModel, type SignalQualityModel } from '../window/signal-quality-model.js';

/** A classifier that belongs to one model, wherever it runs. */
export interface ModelScorer extends WindowScorer {
  readonly model: Model;
  close(): Promise<void>;
}

/** Told every event of a recording in order, `final` last. */
export type Emit = (event: ScreeningEvent) => void;

export type StoredScreeningOptions = Pick<ScreeningOptions, 'stethoscope' | 'watchConditioned'>;

/** Everything that screens recordings, opened once: a warm classifier and the signal quality's coefficients. */
export class Screener {
  constructor(
    readonly classifier: ModelScorer,
    readonly signalQuality: SignalQualityModel,
  ) {}

  /**
   * @param model the model, or the path of its contract
   * @param threads worker threads for the model
   * @throws ModelError
   */
  static async open(model: Model | string, threads: number): Promise<Screener> {
    const signalQuality = readSignalQualityModel();
    const opened = typeof model === 'string' ? await openModel(model) : model;
    return new Screener(await Classifier.open({ model: opened, threads }), signalQuality);
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
   * Screens samples and gaps that are stored somewhere. Nothing is dropped: they are read no faster than the model
   * follows.
   *
   * @param name what the final result calls the recording
   * @param options the stethoscope's profile, and who looks on
   */
  async screenStored(
    name: string,
    format: SourceFormat & { readonly lossyCodec?: string | null },
    stored: AsyncIterable<Sampled>,
    emit: Emit,
    options: StoredScreeningOptions = {},
  ): Promise<void> {
    const backlog = this.newBacklog();
    const { sampleRateHz, lossyCodec } = format;
    const extent = new RecordingExtent(sampleRateHz);

    async function* paced(): AsyncGenerator<Sampled> {
      for await (const value of stored) {
        await backlog.untilRoom();
        yield value;
      }
    }

    const judged$ = defer(() => from(paced())).pipe(
      extent.watch,
      this.screen(format, { ...options, backlog, capacity: Infinity }),
    );
    await new Promise<void>((resolve, reject) => {
      judged$.subscribe({
        next: (judged) => {
          if (judged.kind === 'outcome') {
            const source = { file: name, sampleRateHz, durationSeconds: extent.durationSeconds, lossyCodec };
            emit(finalEvent(judged, source, this.model, options.stethoscope ?? null));
          } else emit(screeningEvent(judged));
        },
        error: reject,
        complete: resolve,
      });
    });
  }

  async close(): Promise<void> {
    await this.classifier.close();
  }
}
