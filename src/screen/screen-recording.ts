import { Observable, pipe, type OperatorFunction, type UnaryFunction } from 'rxjs';
import { classifyWindows } from '../classify/classify-windows.js';
import type { Gap, Sampled } from '../decode/samples.js';
import { aggregateVerdict, type Judged } from '../verdict/aggregate-verdict.js';
import { RecordingWindows, type RecordingWindowsOptions } from '../window/recording-windows.js';
import type { HeartSoundWindow } from '../window/window.js';
import { verdictOptions, windowingFor, type ScreeningOptions } from './recording-setup.js';

export type { ScreeningOptions } from './recording-setup.js';

/**
 * The whole way from samples to a verdict as operators, for one recording that is listened to. Stored ones take the same
 * objects in plain calls, see `screenStored`.
 *
 * @throws ConfigurationError at the call, where the source's rate cannot be conditioned for the model
 */
export function screenRecording(
  options: ScreeningOptions,
): UnaryFunction<Observable<Sampled>, Observable<Judged>> {
  return pipe(
    windowsOf(windowingFor(options), options),
    classifyWindows(options),
    aggregateVerdict(verdictOptions(options)),
  );
}

/** The edge between a live recording and {@link RecordingWindows}. */
function windowsOf(
  options: RecordingWindowsOptions,
  { watchConditioned, contact }: Pick<ScreeningOptions, 'watchConditioned' | 'contact'>,
): OperatorFunction<Sampled, HeartSoundWindow | Gap> {
  new RecordingWindows(options);
  return (source) =>
    new Observable((subscriber) => {
      const windows = new RecordingWindows(options);
      const emit = (window: HeartSoundWindow) => subscriber.next(contact?.judge(window) ?? window);
      return source.subscribe({
        next(value) {
          windows.push(value, emit, watchConditioned);
          if (value.kind === 'gap') subscriber.next(value);
        },
        error: (error) => subscriber.error(error),
        complete: () => subscriber.complete(),
      });
    });
}
