import { Observable, type OperatorFunction } from 'rxjs';
import type { Conditioned, Filtered } from './conditioned.js';
import { PolyphaseTable, type ResamplerOptions } from './polyphase-table.js';
import { RationalResampler } from './rational-resampler.js';

/**
 * Brings band-passed chunks to the model's rate; see {@link RationalResampler} for the arithmetic and its delay.
 * Starts anew after a gap.
 *
 * @throws ConfigurationError at the call, for rates that it cannot convert
 */
export function decimate(options: ResamplerOptions): OperatorFunction<Filtered, Conditioned> {
  // Once for all subscribers: at odd rates it takes a moment and some MiB.
  const table = new PolyphaseTable(options);
  return (source) =>
    new Observable((subscriber) => {
      const resampler = new RationalResampler(table);
      let stretchStart: number | undefined;
      let firstSample = 0;
      return source.subscribe({
        next(value) {
          if (value.kind === 'gap') {
            resampler.reset();
            stretchStart = undefined;
            subscriber.next(value);
            return;
          }
          if (stretchStart === undefined) {
            stretchStart = value.firstSample;
            firstSample = 0;
          }
          const samples = resampler.execute(value.samples);
          subscriber.next({ kind: 'conditioned', stretchStart, firstSample, samples, raw: value.raw });
          firstSample += samples.length;
        },
        error: (error) => subscriber.error(error),
        complete: () => subscriber.complete(),
      });
    });
}
