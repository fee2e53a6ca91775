import { defer, from } from 'rxjs';
import { openRecording, type OpenRecordingOptions } from '../decode/recording-file.js';
import type { Sampled, SourceFormat } from '../decode/samples.js';
import { RecordingExtent } from './screen-recording.js';
import type { Screener } from './screener.js';
import { finalEvent, screeningEvent } from './event-of.js';
import type { ScreeningEvent } from './screening-events.js';

/** A file is read in chunks of about a second: large enough to cost nothing, small enough to keep nothing waiting. */
const CHUNK_SECONDS = 1;

/** Told every event of a recording in order, `final` last. */
export type Emit = (event: ScreeningEvent) => void;

/**
 * Screens one stored recording through the same stages as a live one, as fast as the machine allows.
 *
 * @throws RecordingError for a file that cannot be read
 */
export async function screenFile(
  path: string,
  screener: Screener,
  emit: Emit,
  options: OpenRecordingOptions = {},
): Promise<void> {
  const recording = await openRecording(path, options);
  try {
    for (const message of recording.notices) emit({ kind: 'notice', file: path, message });
    const chunkSamples = Math.round(CHUNK_SECONDS * recording.sampleRateHz);
    await screenStored(path, recording, recording.chunks(chunkSamples), screener, emit);
  } finally {
    await recording.close();
  }
}

/**
 * Screens samples and gaps that are stored somewhere. Nothing is dropped: they are read no faster than the model
 * follows.
 *
 * @param name what the final result calls the recording
 */
export async function screenStored(
  name: string,
  format: SourceFormat,
  stored: AsyncIterable<Sampled>,
  screener: Screener,
  emit: Emit,
): Promise<void> {
  const backlog = screener.newBacklog();
  const extent = new RecordingExtent(format.sampleRateHz);

  async function* paced(): AsyncGenerator<Sampled> {
    for await (const value of stored) {
      await backlog.untilRoom();
      yield value;
    }
  }

  const judged$ = defer(() => from(paced())).pipe(
    extent.watch,
    screener.screen(format, { backlog, capacity: Infinity }),
  );
  await new Promise<void>((resolve, reject) => {
    judged$.subscribe({
      next(judged) {
        if (judged.kind === 'outcome') {
          const { sampleRateHz } = format;
          const source = { file: name, sampleRateHz, durationSeconds: extent.durationSeconds };
          emit(finalEvent(judged, source, screener.model));
        } else emit(screeningEvent(judged));
      },
      error: reject,
      complete: resolve,
    });
  });
}
