import type { WindowView } from '../../look-back-messages.js';
import type { Palette } from '../theme.js';
import type { SizedCanvas } from '../sized-canvas.js';
import { xOf, type TimeAxis } from './time-axis.js';

const RADIUS = 3.5;
const MARGIN = RADIUS + 2;
const LABELLED_HEIGHT = 36;

/** Draws the probability of *abnormal* of each window at the window's middle: filled where it counts, hollow where not. */
export class WindowLane {
  constructor(private readonly sized: SizedCanvas) {}

  draw(axis: TimeAxis, windows: readonly WindowView[], palette: Palette): void {
    const { context, width, height } = this.sized;
    const y = (probability: number) => MARGIN + (1 - probability) * (height - 2 * MARGIN);
    context.fillStyle = palette.background;
    context.fillRect(0, 0, width, height);
    context.strokeStyle = palette.grid;
    context.lineWidth = 1;
    context.beginPath();
    for (const share of [0, 0.5, 1]) {
      context.moveTo(0, y(share));
      context.lineTo(width, y(share));
    }
    context.stroke();
    const points = windows.flatMap(({ startSeconds, endSeconds, usable, probability }) => {
      const at = xOf(axis, (startSeconds + endSeconds) / 2);
      const isNear = at > -width && at < 2 * width;
      return probability === null || !isNear ? [] : [{ at, y: y(probability), usable }];
    });
    context.strokeStyle = palette.abnormal;
    context.lineWidth = 1.5;
    context.beginPath();
    let isDown = false;
    for (const point of points) {
      if (!point.usable) isDown = false;
      else if (isDown) context.lineTo(point.at, point.y);
      else {
        context.moveTo(point.at, point.y);
        isDown = true;
      }
    }
    context.stroke();
    const room = points.length < 2 ? width : (points[points.length - 1].at - points[0].at) / points.length;
    const radius = Math.max(1, Math.min(RADIUS, room / 2));
    for (const point of points) {
      context.beginPath();
      context.arc(point.at, point.y, radius, 0, 2 * Math.PI);
      context.fillStyle = point.usable ? palette.abnormal : palette.background;
      context.strokeStyle = point.usable ? palette.abnormal : palette.text;
      context.fill();
      context.stroke();
    }
    context.fillStyle = palette.text;
    context.font = '12px system-ui, sans-serif';
    context.textAlign = 'left';
    context.textBaseline = 'middle';
    const labels = [
      [1, '100 %'],
      [0, '0 %'],
    ] as const;
    for (const [share, label] of height < LABELLED_HEIGHT ? labels.slice(0, 1) : labels) {
      const at = Math.max(7, Math.min(height - 7, y(share)));
      const words = context.measureText(label).width;
      context.fillStyle = palette.background;
      context.fillRect(0, at - 7, words + 4, 14);
      context.fillStyle = palette.text;
      context.fillText(label, 2, at);
    }
  }
}
