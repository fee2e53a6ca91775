import { InThreadClassifier } from '../classify/in-thread-classifier.js';
import type { FileScreeningStart } from './file-screening-start.js';
import { screenFile } from './screen-file.js';
import type { ScreenHere } from './shared-file-screening.js';
import { StoredScreening } from './stored-screening.js';

/**
 * Opens what screens files in the caller's thread.
 *
 * @returns `null` where LiteRT runs the model, which needs a thread of its own
 * @throws ModelError where the model or the runtime is unusable
 */
export async function openScreenHere({
  model,
  signalQuality,
  stethoscope,
  used,
  runtime,
}: FileScreeningStart): Promise<ScreenHere | null> {
  const classifier = await InThreadClassifier.open(model, runtime);
  if (classifier === null) return null;
  const screening = new StoredScreening(classifier, signalQuality);
  return (path, options, emit) => screenFile(path, screening, emit, { ...options, stethoscope, used });
}
