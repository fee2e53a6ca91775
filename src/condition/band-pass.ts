import { Observable, type OperatorFunction } from 'rxjs';
import type { Sampled } from '../decode/samples.js';
import { butterworthBandPass, type BandPassDesign } from './butterworth.js';
import type { Filtered } from './conditioned.js';
import { SosFilter } from './second-order-sections.js';

/**
 * Band-passes chunks of one source, causally and incrementally: any chunking gives the same output.
 *
 * The filter is primed with the first sample of every stretch, so that an offset does not ring, and starts anew
 * after a gap. Delay: that of the filter, no samples are held back.
 *
 * @throws ConfigurationError at the call, where the band cannot be realised at this rate
 */
export function bandPass(design: BandPassDesign): OperatorFunction<Sampled, Filtered> {
  const sos = butterworthBandPass(design);
  return (source) =>
    new Observable((subscriber) => {
      const filter = new SosFilter(sos);
      let primed = false;
      return source.subscribe({
        next(value) {
          if (value.kind === 'gap') {
            primed = false;
            subscriber.next(value);
            return;
          }
          if (value.samples.length === 0) return;
          if (!primed) filter.prime(value.samples[0]);
          primed = true;
          const samples = new Float64Array(value.samples.length);
          filter.execute(value.samples, samples);
          subscriber.next({ kind: 'filtered', firstSample: value.firstSample, samples, raw: value });
        },
        error: (error) => subscriber.error(error),
        complete: () => subscriber.complete(),
      });
    });
}
