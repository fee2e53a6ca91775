import type { GapView } from '../page-messages.js';

/** Pixels that stay free between two labels. */
const LABEL_GAP = 6;

/**
 * What gaps are called where: gaps whose labels would touch have one between them, with the sum of what was lost.
 *
 * @param widthOf how wide words are, in pixels
 */
export function gapLabels(
  gaps: readonly GapView[],
  x: (seconds: number) => number,
  width: number,
  widthOf: (text: string) => number,
): { readonly at: number; readonly text: string }[] {
  const labels: { at: number; text: string; lost: number }[] = [];
  for (const { fromSeconds, toSeconds, lostSamples } of gaps) {
    if (x(toSeconds) < 0 || x(fromSeconds) > width) continue;
    const at = Math.max(2, x(fromSeconds) + 4);
    const before = labels.at(-1);
    // The next one's digits may make the label before it wider: there is room for two more.
    if (before !== undefined && at < before.at + widthOf(`${before.text}00`) + LABEL_GAP) {
      before.lost += lostSamples;
      before.text = `lost ${before.lost}`;
    } else labels.push({ at, text: `lost ${lostSamples}`, lost: lostSamples });
  }
  return labels;
}
