/** A canvas in the size in which it is shown, without a look at the layout while drawing. */
export class SizedCanvas {
  readonly context: CanvasRenderingContext2D;
  /** In CSS pixels. */
  width = 0;
  height = 0;
  isChanged = true;

  constructor(
    readonly canvas: HTMLCanvasElement,
    onChange: () => void = () => {},
  ) {
    this.context = canvas.getContext('2d', { alpha: false })!;
    new ResizeObserver(([entry]) => {
      const { width, height } = entry.contentRect;
      // More than two pixels a pixel nobody sees from arm's length.
      const scale = Math.min(2, window.devicePixelRatio);
      this.width = Math.round(width);
      this.height = Math.round(height);
      canvas.width = Math.max(1, Math.round(this.width * scale));
      canvas.height = Math.max(1, Math.round(this.height * scale));
      this.context.setTransform(scale, 0, 0, scale, 0, 0);
      this.isChanged = true;
      onChange();
    }).observe(canvas);
  }
}
