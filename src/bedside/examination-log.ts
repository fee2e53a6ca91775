import type { JoinedRecording, JoiningRules } from '../verdict/joint-evidence.js';
import {
  EXAMINATION_PAUSE_MS,
  examinationsOf,
  type Examination,
  type SiteRecording,
} from '../verdict/examination.js';
import type { ControllerStatus } from './bedside-status.js';

/** Results that may become part of an examination: of stored sessions, and of this run, stored or not. */
export class ExaminationLog {
  private results: SiteRecording[] = [];
  private startedAtMs = 0;
  private last: SiteRecording | undefined;

  /** @param rules of the model that screens this run */
  constructor(private readonly rules: JoiningRules) {}

  /** @param stored results that were there before this run */
  addStored(stored: readonly SiteRecording[]): void {
    const known = new Set(this.results.map(({ session }) => session));
    this.results.unshift(...stored.filter(({ session }) => !known.has(session)));
  }

  /** A recording begins. */
  begin(nowMs: number): void {
    this.startedAtMs = nowMs;
    this.last = undefined;
  }

  /** A recording has its result. Without a subject it belongs to nobody's examination. */
  finish({ subject, site, session }: ControllerStatus, result: JoinedRecording): void {
    if (subject === null) return;
    this.last = { subject, site, result, rules: this.rules, session, startedAtMs: this.startedAtMs };
    this.results.push(this.last);
  }

  /** The last recording is discarded. */
  forget(): void {
    this.results = this.results.filter((result) => result !== this.last);
    this.last = undefined;
  }

  /**
   * A stored recording was corrected, or deleted.
   *
   * @param recording `null` where it is gone; without a subject it belongs to nobody's examination any more
   */
  amend(session: string, recording: SiteRecording | null): void {
    this.results = this.results.filter((result) => result.session !== session);
    if (recording !== null) this.results.push(recording);
    if (this.last?.session === session) this.last = recording ?? undefined;
  }

  /** The subject's examination that another recording now would belong to. */
  current(subject: string | null, nowMs: number): Examination | null {
    if (subject === null) return null;
    const [examination] = examinationsOf(this.results.filter((result) => result.subject === subject));
    if (examination === undefined || nowMs - examination.lastStartedAtMs > EXAMINATION_PAUSE_MS) return null;
    return examination;
  }
}
