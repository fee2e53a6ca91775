import type { StoredSession } from '../record/stored-session.js';
import { conditionSession } from './conditioned-session.js';
import type { Span } from './spans.js';
import { Spectrogram } from './spectrogram.js';

/** A column of less than a frame's hop would often hold no frame. */
const SECONDS_A_SPECTRUM = 0.02;
const MAX_SPECTRA = 900;

/** The least and the greatest amplitude in equal pieces of a span. */
export interface Trace extends Span {
  /** `[2 * columns]`, least and greatest in turns; NaN where there is no sample. */
  readonly extremes: Float32Array;
}

/** What a recording looks like, at a size that a page can hold. */
export interface SignalPicture {
  readonly lowHz: number;
  readonly highHz: number;
  readonly whole: Trace;
  readonly detail: Trace | null;
  readonly spectrogram: {
    readonly columns: number;
    readonly bands: number;
    /** `[bands][columns]`, the lowest first; see {@link Spectrogram.decibels}. */
    readonly decibels: Float32Array;
  };
}

export interface PictureOptions {
  readonly columns: number;
  /** A span to be drawn larger. */
  readonly detail: Span | null;
}

/**
 * Reads a session's samples once, conditioned as for the model, and draws them together; memory does not grow with the
 * recording.
 *
 * @throws SessionError where the files cannot be read, ConfigurationError for a rate that cannot be conditioned
 */
export async function pictureSignal(session: StoredSession, options: PictureOptions): Promise<SignalPicture> {
  const { durationSeconds, hearing } = session;
  const { sampleRateHz } = hearing;
  const { lowHz, highHz } = hearing.band;
  const columns = Math.max(1, Math.min(MAX_SPECTRA, Math.floor(durationSeconds / SECONDS_A_SPECTRUM)));
  const spectrogram = new Spectrogram({
    sampleRateHz,
    durationSeconds,
    columns,
    lowHz,
    highHz,
  });
  const whole = new TraceColumns(
    { fromSeconds: 0, toSeconds: durationSeconds },
    options.columns,
    sampleRateHz,
  );
  const detail =
    options.detail === null ? null : new TraceColumns(options.detail, options.columns, sampleRateHz);
  const { conditioned$, secondsOf } = conditionSession(session);
  await conditioned$.forEach((value) => {
    if (value.kind === 'gap') return spectrogram.endStretch();
    const startSeconds = secondsOf(value.stretchStart, value.firstSample / sampleRateHz);
    whole.push(startSeconds, value.samples);
    detail?.push(startSeconds, value.samples);
    spectrogram.push(startSeconds, value.samples);
  });
  return {
    lowHz,
    highHz,
    whole,
    detail,
    spectrogram: { columns, bands: spectrogram.bands, decibels: spectrogram.decibels() },
  };
}

class TraceColumns implements Trace {
  readonly fromSeconds: number;
  readonly toSeconds: number;
  readonly extremes: Float32Array;

  constructor(
    span: Span,
    columns: number,
    private readonly sampleRateHz: number,
  ) {
    this.fromSeconds = span.fromSeconds;
    this.toSeconds = span.toSeconds;
    // A column without a sample looks like a gap: each must be wide enough for one.
    const most = Math.floor(((span.toSeconds - span.fromSeconds) * sampleRateHz) / 2);
    this.extremes = new Float32Array(2 * Math.max(1, Math.min(columns, most))).fill(NaN);
  }

  push(startSeconds: number, samples: Float64Array): void {
    const { extremes, fromSeconds, toSeconds } = this;
    const columns = extremes.length / 2;
    const perSample = columns / (toSeconds - fromSeconds) / this.sampleRateHz;
    const first = (startSeconds - fromSeconds) * (columns / (toSeconds - fromSeconds));
    for (let i = 0; i < samples.length; i++) {
      const column = Math.floor(first + i * perSample);
      if (column < 0 || column >= columns) continue;
      // Comparisons with NaN are false: the first sample of a column always counts.
      if (!(extremes[2 * column] <= samples[i])) extremes[2 * column] = samples[i];
      if (!(extremes[2 * column + 1] >= samples[i])) extremes[2 * column + 1] = samples[i];
    }
  }
}
