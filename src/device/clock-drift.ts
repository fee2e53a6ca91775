import type { DeviceTime } from '../decode/wire/device-clock.js';

/** One second's least delayed packet. */
interface Anchor {
  readonly deviceSeconds: number;
  /** Host's clock minus device's, seconds. */
  readonly offset: number;
}

const BUCKET_SECONDS = 1;
const MIN_SPAN_SECONDS = 30;
/** Enough for a day at an anchor a minute: older anchors are thinned to every other one. */
const MAX_ANCHORS = 2048;

/**
 * Estimates how much faster a device's clock runs than the host's.
 *
 * A packet can only be late, never early, so of each second only the packet with the least delay counts; a line of
 * least squares through those gives the drift (the lower-envelope method that NTP's clock filter uses, RFC 5905,
 * section 10). A device that restarts its clock begins anew.
 */
export class ClockDrift {
  private anchors: Anchor[] = [];
  private run: number | undefined;
  private best: Anchor | undefined;
  private bucketEnd = 0;
  private bucketSeconds = BUCKET_SECONDS;

  /**
   * @param device a reading of the device's clock
   * @param receivedAtMs the host's monotonic clock when the packet that holds it arrived
   */
  push(device: DeviceTime, receivedAtMs: number): void {
    if (device.run !== this.run) {
      this.anchors = [];
      this.best = undefined;
      this.run = device.run;
      this.bucketSeconds = BUCKET_SECONDS;
      this.bucketEnd = 0;
    }
    const deviceSeconds = device.deviceMicros / 1e6;
    const anchor = { deviceSeconds, offset: receivedAtMs / 1000 - deviceSeconds };
    if (deviceSeconds >= this.bucketEnd) {
      this.closeBucket();
      this.bucketEnd = deviceSeconds + this.bucketSeconds;
    }
    if (this.best === undefined || anchor.offset < this.best.offset) this.best = anchor;
  }

  /** Parts per million, positive where the device is fast; `null` before half a minute. */
  get ppm(): number | null {
    const anchors = this.anchors;
    if (anchors.length < 3) return null;
    const span = anchors[anchors.length - 1].deviceSeconds - anchors[0].deviceSeconds;
    if (span < MIN_SPAN_SECONDS) return null;
    const meanX = anchors.reduce((sum, a) => sum + a.deviceSeconds, 0) / anchors.length;
    const meanY = anchors.reduce((sum, a) => sum + a.offset, 0) / anchors.length;
    let covariance = 0;
    let variance = 0;
    for (const { deviceSeconds, offset } of anchors) {
      covariance += (deviceSeconds - meanX) * (offset - meanY);
      variance += (deviceSeconds - meanX) ** 2;
    }
    // A fast device needs less host time for its seconds: the offset falls.
    return (-covariance / variance) * 1e6;
  }

  private closeBucket(): void {
    if (this.best === undefined) return;
    this.anchors.push(this.best);
    this.best = undefined;
    if (this.anchors.length >= MAX_ANCHORS) {
      this.anchors = this.anchors.filter((_, i) => i % 2 === 0);
      this.bucketSeconds *= 2;
    }
  }
}
