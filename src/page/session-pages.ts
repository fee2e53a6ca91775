import type { FinalEvent, WindowEvent } from '../screen/result-events.js';
import type { JoiningRules } from '../verdict/joint-evidence.js';
import type { Examination } from '../verdict/examination.js';
import type { Naming } from '../bedside/bedside-status.js';
import type { StoredCorrection } from '../record/session-corrections.js';
import type { NoContactView } from './no-contact-times.js';
import type { GapView } from './page-messages.js';
import type { Site } from '../verdict/site.js';

/** What the page's server answers of stored sessions, as JSON. A figure that is not known is `null`. */

/** `GET /api/sessions` */
export interface SessionList {
  /** The newest first. */
  readonly sessions: readonly SessionRow[];
  /** Of the listed sessions, the newest first. */
  readonly examinations: readonly Examination[];
}

export interface SessionRow {
  readonly name: string;
  /** `recording`: this lubdub is writing it now. */
  readonly state: 'finished' | 'stopped' | 'recovered' | 'recording' | 'torn' | 'unreadable';
  readonly startedAt: string | null;
  /** After all corrections. */
  readonly subject: string | null;
  readonly site: Site | null;
  readonly note: string | null;
  /** As they were named when the recording began. */
  readonly recorded: Naming;
  /** Whether it came from lubdub's simulator and from no stethoscope. */
  readonly simulated: boolean;
  /** `null` where there is no result. */
  readonly final: FinalEvent | null;
  /** Of the model that screened it; `null` where the session cannot be read. */
  readonly limits: JoiningRules | null;
}

/** `GET /api/sessions/NAME` */
export interface SessionPage extends SessionRow {
  readonly durationSeconds: number;
  readonly sampleRateHz: number;
  /** What the model heard, and the trace shows. */
  readonly band: { readonly lowHz: number; readonly highHz: number };
  readonly device: Readonly<Record<string, unknown>> | null;
  readonly model: Readonly<Record<string, unknown>>;
  /** The oldest first. */
  readonly corrections: readonly StoredCorrection[];
  /** In order. */
  readonly windows: readonly WindowEvent[];
  readonly gaps: readonly GapView[];
  /** In order. */
  readonly noContact: readonly NoContactView[];
  /** What is not there and should be, a sentence each. */
  readonly missing: readonly string[];
  readonly files: readonly { readonly name: string; readonly bytes: number }[];
  /** Reports that can be had of it. */
  readonly reports: readonly { readonly name: string; readonly note: string }[];
}

/*
 * `GET /api/sessions/NAME/look` and what is below it: trace and spectrogram; see `look-back-messages.ts`.
 * `GET /api/sessions/NAME/audio.wav?gain=N`: the recording on its time axis, gaps as silence, at a rate that browsers
 *   play.
 * `GET /api/sessions/NAME/report/KIND`: a report of it, to keep; KIND is a name among its `reports`.
 * `GET /api/sessions/NAME/files/FILE`: a file of the session, to keep.
 */
