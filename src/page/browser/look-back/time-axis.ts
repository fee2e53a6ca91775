/** Which part of a recording is shown, and how wide. Pixels are CSS pixels. */
export interface TimeAxis {
  /** At the left edge. */
  readonly fromSeconds: number;
  readonly spanSeconds: number;
  readonly width: number;
}

/** Nothing more is to be seen below this. */
export const LEAST_SPAN_SECONDS = 0.5;

export const xOf = ({ fromSeconds, spanSeconds, width }: TimeAxis, seconds: number): number =>
  ((seconds - fromSeconds) / spanSeconds) * width;

export const secondsAt = ({ fromSeconds, spanSeconds, width }: TimeAxis, x: number): number =>
  fromSeconds + (x / width) * spanSeconds;

export const secondsPerPixel = ({ spanSeconds, width }: TimeAxis): number => spanSeconds / width;

/** All of the recording. */
export function whole(axis: TimeAxis, endSeconds: number): TimeAxis {
  return { ...axis, fromSeconds: 0, spanSeconds: Math.max(LEAST_SPAN_SECONDS, endSeconds) };
}

/** The same span from another time on, kept inside the recording; one that is longer than it keeps all of it in view. */
export function movedTo(axis: TimeAxis, fromSeconds: number, endSeconds: number): TimeAxis {
  const last = endSeconds - axis.spanSeconds;
  return { ...axis, fromSeconds: Math.max(Math.min(0, last), Math.min(Math.max(0, last), fromSeconds)) };
}

/** Moved by so many pixels, as a hand moves paper: to the right shows what was before. */
export const dragged = (axis: TimeAxis, pixels: number, endSeconds: number): TimeAxis =>
  movedTo(axis, axis.fromSeconds - pixels * secondsPerPixel(axis), endSeconds);

/**
 * Closer (`factor` below 1) or wider, with the moment at `x` kept where it is as far as the recording reaches.
 */
export function zoomed(axis: TimeAxis, factor: number, x: number, endSeconds: number): TimeAxis {
  const most = Math.max(
    LEAST_SPAN_SECONDS,
    endSeconds,
    Math.min(axis.spanSeconds, axis.spanSeconds * factor),
  );
  const spanSeconds = Math.min(most, Math.max(LEAST_SPAN_SECONDS, axis.spanSeconds * factor));
  const fromSeconds = secondsAt(axis, x) - (x / axis.width) * spanSeconds;
  return movedTo({ ...axis, spanSeconds }, fromSeconds, endSeconds);
}

export interface TimeTick {
  readonly seconds: number;
  /** `null` for a line without a number. */
  readonly label: string | null;
}

const STEPS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21_600];
const LINE_PIXELS = 45;
const LABEL_PIXELS = 64;

/** Lines at round times, with a number where there is room for one. */
export function timeTicks(axis: TimeAxis): TimeTick[] {
  const { fromSeconds, spanSeconds } = axis;
  const toSeconds = fromSeconds + spanSeconds;
  const stepOf = (pixels: number) =>
    STEPS.find((step) => step / secondsPerPixel(axis) >= pixels) ?? STEPS[STEPS.length - 1];
  const step = stepOf(LINE_PIXELS);
  // Every label stands at a line.
  const labelStep = STEPS.find(
    (longer) => longer >= stepOf(LABEL_PIXELS) && Number.isInteger(Math.round((1e6 * longer) / step) / 1e6),
  )!;
  const ticks: TimeTick[] = [];
  for (let i = Math.max(0, Math.ceil(fromSeconds / step - 1e-9)); i * step <= toSeconds; i++) {
    const seconds = i * step;
    const isLabelled = Math.abs(seconds / labelStep - Math.round(seconds / labelStep)) < 1e-6;
    ticks.push({ seconds, label: isLabelled ? timeLabel(seconds, labelStep, toSeconds >= 100) : null });
  }
  return ticks;
}

const decimalsOf = (step: number): number => (step >= 1 ? 0 : step >= 0.1 ? 1 : 2);

function timeLabel(seconds: number, step: number, asClock: boolean): string {
  return asClock ? clock(seconds, decimalsOf(step)) : `${seconds.toFixed(decimalsOf(step))} s`;
}

/** `1:02:03.4`; hours where there are any. */
export function clock(seconds: number, decimals = 0): string {
  const unit = 10 ** decimals;
  const units = Math.round(Math.max(0, seconds) * unit);
  const whole = Math.floor(units / unit);
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  const two = (value: number) => String(value).padStart(2, '0');
  const fraction = decimals === 0 ? '' : `.${String(units % unit).padStart(decimals, '0')}`;
  return `${hours > 0 ? `${hours}:${two(minutes)}` : minutes}:${two(whole % 60)}${fraction}`;
}

/** A time to be read beside an axis on which a pixel lasts so long. */
export const clockAt = (seconds: number, pixelSeconds: number): string =>
  clock(seconds, pixelSeconds < 0.005 ? 3 : pixelSeconds < 0.05 ? 2 : pixelSeconds < 0.5 ? 1 : 0);
