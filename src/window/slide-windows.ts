import { Observable, type OperatorFunction } from 'rxjs';
import type { Gap } from '../decode/samples.js';
import type { Conditioned } from '../condition/conditioned.js';
import { WindowAssembler, type QualityJudge, type WindowAssemblerOptions } from './window-assembler.js';
import type { HeartSoundWindow } from './window.js';

export interface SlideWindowsOptions extends Omit<WindowAssemblerOptions, 'quality'> {
  /** Makes the judge of one recording's signal; called once a subscription. */
  readonly quality: () => QualityJudge;
}

/**
 * Cuts conditioned chunks into overlapping windows. No window spans a gap; completion and gaps drop the partial
 * window. See {@link WindowAssembler}.
 *
 * @throws ConfigurationError at the call, for lengths that do not fit together
 */
export function slideWindows(
  options: SlideWindowsOptions,
): OperatorFunction<Conditioned, HeartSoundWindow | Gap> {
  new WindowAssembler({ ...options, quality: options.quality() });
  return (source) =>
    new Observable((subscriber) => {
      const assembler = new WindowAssembler({ ...options, quality: options.quality() });
      return source.subscribe({
        next(value) {
          if (value.kind === 'gap') {
            assembler.endStretch();
            subscriber.next(value);
            return;
          }
          for (const window of assembler.push(value)) subscriber.next(window);
        },
        error: (error) => subscriber.error(error),
        complete: () => subscriber.complete(),
      });
    });
}
