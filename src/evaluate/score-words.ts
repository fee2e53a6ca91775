import type { Interval } from './bootstrap.js';
import type { Scope } from './metrics.js';

/** How a scope is called wherever one is named. */
export function scopeName({ kind, databases }: Scope): string {
  switch (kind) {
    case 'pooled':
      return 'pooled';
    case 'database':
      return `inside ${databases!.join()}`;
    case 'mean-over-databases':
      return `mean of ${databases!.join(', ')}`;
  }
}

/** Three decimals, a dash where nothing is known. */
export function figureText(value: number | null): string {
  return value === null ? '–' : value.toFixed(3);
}

/** Short, to stand below a figure: .91–.96. */
export function intervalText(interval: Interval | null): string {
  if (interval === null) return '';
  const short = (value: number) => value.toFixed(2).replace(/^0/, '');
  return `${short(interval.low)}–${short(interval.high)}`;
}
