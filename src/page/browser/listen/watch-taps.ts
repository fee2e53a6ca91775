/** A finger that moves farther drags. */
const STILL_PIXELS = 5;

/**
 * Tells of taps on a chart's plot: not of drags, which look closer.
 *
 * @param onTap where it was, from 0 at the plot's left edge to 1 at its right
 */
export function watchTaps(box: HTMLElement, onTap: (share: number) => void): void {
  let downAt: number | undefined;
  box.addEventListener('pointerdown', (event) => (downAt = event.clientX));
  box.addEventListener('click', (event) => {
    const plot = box.querySelector('.u-over')?.getBoundingClientRect();
    const isStill = downAt === undefined || Math.abs(event.clientX - downAt) < STILL_PIXELS;
    downAt = undefined;
    if (plot === undefined || !isStill || event.clientX < plot.left || event.clientX > plot.right) return;
    onTap((event.clientX - plot.left) / plot.width);
  });
}
