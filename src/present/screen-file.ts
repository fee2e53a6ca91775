import { defer, finalize, from } from 'rxjs';
import { openRecording } from '../decode/recording-file.js';
import type { SampleChunk } from '../decode/samples.js';
import { RecordingExtent } from '../pipeline.js';
import type { Screener } from './screener.js';
import { finalEvent, screeningEvent, type ScreeningEvent } from './screening-events.js';

/** A file is read in chunks of about a second: large enough to cost nothing, small enough to keep nothing waiting. */
const CHUNK_SECONDS = 1;

/**
 * Screens one stored recording through the same stages as a live one, as fast as the machine allows. Nothing is
 * dropped: the file is read no faster than the model follows.
 *
 * @param emit told every event in order, `final` last
 * @throws RecordingError for a file that cannot be read
 */
export async function screenFile(
  path: string,
  screener: Screener,
  emit: (event: ScreeningEvent) => void,
): Promise<void> {
  const recording = await openRecording(path);
  const backlog = screener.newBacklog();
  const extent = new RecordingExtent(recording.sampleRateHz);

  async function* chunks(): AsyncGenerator<SampleChunk> {
    for await (const chunk of recording.chunks(Math.round(CHUNK_SECONDS * recording.sampleRateHz))) {
      await backlog.untilRoom();
      yield chunk;
    }
  }

  for (const message of recording.notices) emit({ kind: 'notice', file: path, message });
  const judged$ = defer(() => from(chunks())).pipe(
    extent.watch,
    screener.screen(recording, { backlog, capacity: Number.MAX_SAFE_INTEGER }),
    finalize(() => void recording.close()),
  );
  await new Promise<void>((resolve, reject) => {
    judged$.subscribe({
      next(judged) {
        if (judged.kind === 'outcome') {
          const { sampleRateHz } = recording;
          const source = { file: path, sampleRateHz, durationSeconds: extent.durationSeconds };
          emit(finalEvent(judged, source, screener.model));
        } else emit(screeningEvent(judged));
      },
      error: reject,
      complete: resolve,
    });
  });
}
