/** What a hand does to a time axis. Places are CSS pixels from the left edge of what it is done on. */
export interface GestureListener {
  /** By so many pixels, as a hand moves paper. */
  drag(pixels: number): void;
  /** Closer below 1, around a place. */
  zoom(factor: number, x: number): void;
  tap(x: number): void;
  /** @returns whether something stands there that can be moved by itself */
  grab(x: number): boolean;
  /** What was grabbed is moved to a place. */
  moveGrabbed(x: number): void;
}

/** A finger that moves less than this stays where it is. */
const TAP_PIXELS = 6;
/** One notch of a wheel is about 100 pixels. */
const ZOOM_PER_PIXEL = 0.0025;
const LINE_PIXELS = 16;

interface Touch {
  x: number;
  readonly beganAt: number;
}

/**
 * Listens to mouse, pen, fingers and wheel. One finger drags, two pinch, a tap is a tap; the wheel drags, with Ctrl (or
 * as a touchpad's pinch) it zooms.
 */
export class Gestures {
  private readonly touches = new Map<number, Touch>();
  private hasMoved = false;
  private hasGrabbed = false;

  /**
   * @param takesWheel whether the plain wheel is for time too; where the page scrolls it is not, and Shift or a sideways
   * wheel is
   */
  constructor(
    private readonly target: HTMLElement,
    private readonly listener: GestureListener,
    takesWheel: boolean,
  ) {
    target.addEventListener('pointerdown', (event) => this.down(event));
    target.addEventListener('pointermove', (event) => this.move(event));
    target.addEventListener('pointerup', (event) => this.up(event));
    target.addEventListener('pointercancel', ({ pointerId }) => this.touches.delete(pointerId));
    target.addEventListener('wheel', (event) => this.wheel(event, takesWheel), { passive: false });
  }

  private x({ clientX }: MouseEvent): number {
    return clientX - this.target.getBoundingClientRect().left;
  }

  private down(event: PointerEvent): void {
    if (event.pointerType === 'mouse' && event.button !== 0) return;
    this.target.setPointerCapture(event.pointerId);
    const x = this.x(event);
    if (this.touches.size === 0) this.hasMoved = this.hasGrabbed = false;
    // Two fingers neither tap nor grab.
    else {
      this.hasMoved = true;
      this.hasGrabbed = false;
    }
    this.touches.set(event.pointerId, { x, beganAt: x });
  }

  private move(event: PointerEvent): void {
    const touch = this.touches.get(event.pointerId);
    if (touch === undefined) return;
    const x = this.x(event);
    const [other] = [...this.touches.values()].filter((candidate) => candidate !== touch);
    if (other === undefined) {
      if (!this.hasMoved && Math.abs(x - touch.beganAt) < TAP_PIXELS) return;
      if (!this.hasMoved) this.hasGrabbed = this.listener.grab(touch.beganAt);
      this.hasMoved = true;
      if (this.hasGrabbed) this.listener.moveGrabbed(x);
      else this.listener.drag(x - touch.x);
    } else {
      const before = Math.abs(touch.x - other.x);
      const after = Math.abs(x - other.x);
      // What lies under the other finger stays there; fingers that lie one over the other say nothing.
      if (before > 10 && after > 10) this.listener.zoom(before / after, other.x);
    }
    touch.x = x;
  }

  private up(event: PointerEvent): void {
    if (!this.touches.delete(event.pointerId)) return;
    if (!this.hasMoved) this.listener.tap(this.x(event));
    this.hasMoved = true;
  }

  private wheel(event: WheelEvent, takesWheel: boolean): void {
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_PIXELS : 1;
    const deltaX = event.deltaX * unit;
    const deltaY = event.deltaY * unit;
    if (event.ctrlKey) {
      this.listener.zoom(Math.exp(deltaY * ZOOM_PER_PIXEL), this.x(event));
    } else if (takesWheel || event.shiftKey || Math.abs(deltaX) > Math.abs(deltaY)) {
      this.listener.drag(-(deltaX + deltaY));
    } else return;
    event.preventDefault();
  }
}
