import type { ClassifiedWindow } from '../../src/classify/classify-windows.js';

/** A window of 3 s that begins at `index` seconds: clear and usable, unless told otherwise. */
export function classifiedWindow(
  index: number,
  logit: number | null,
  change: Partial<ClassifiedWindow> = {},
): ClassifiedWindow {
  return {
    kind: 'window',
    index,
    startSeconds: index,
    endSeconds: index + 3,
    quality: { sqi: 0.9, usable: true, reasons: [] },
    heartRate: null,
    logit,
    dropped: null,
    ...change,
  };
}
