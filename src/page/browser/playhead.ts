/** So far behind the newest sample a picture moves evenly, though the trace arrives in pieces. */
const LAG_SECONDS = 0.2;
/** How fast the picture makes up for being early or late. */
const CATCH_UP_SECONDS = 0.6;
/** Farther away than this it jumps. */
const JUMP_SECONDS = 3;

/**
 * The moment of the recording that stands at the picture's right edge. It moves evenly at the pace at which the trace
 * comes (real time, or a replay's), never beyond the newest sample, and waits where nothing comes.
 */
export class Playhead {
  private position = 0;
  private speed = 1;
  private pacedFrom: { readonly nowMs: number; readonly endSeconds: number } | undefined;
  private lastMs: number | undefined;

  get seconds(): number {
    return this.position;
  }

  reset(): void {
    this.position = 0;
    this.speed = 1;
    this.pacedFrom = undefined;
    this.lastMs = undefined;
  }

  /** @param endSeconds behind the newest sample that has arrived */
  advance(nowMs: number, endSeconds: number): number {
    const passed = this.lastMs === undefined ? 0 : Math.min(0.25, Math.max(0, (nowMs - this.lastMs) / 1000));
    this.lastMs = nowMs;
    this.measureSpeed(nowMs, endSeconds);
    const target = Math.max(0, endSeconds - LAG_SECONDS * Math.max(1, this.speed));
    if (Math.abs(target - this.position) > JUMP_SECONDS * Math.max(1, this.speed)) {
      this.position = target;
      return target;
    }
    const ahead = this.position + this.speed * passed;
    const corrected = ahead + (target - ahead) * (1 - Math.exp(-passed / CATCH_UP_SECONDS));
    // It never runs backwards, and never over the edge.
    this.position = Math.max(this.position, Math.min(corrected, endSeconds));
    return this.position;
  }

  private measureSpeed(nowMs: number, endSeconds: number): void {
    this.pacedFrom ??= { nowMs, endSeconds };
    const passed = (nowMs - this.pacedFrom.nowMs) / 1000;
    if (passed < 0.5) return;
    const measured = Math.max(0, (endSeconds - this.pacedFrom.endSeconds) / passed);
    this.speed += (measured - this.speed) * 0.5;
    this.pacedFrom = { nowMs, endSeconds };
  }
}
