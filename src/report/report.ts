import { ConfigurationError } from '../errors.js';
import type { ReportedRecording, ReportedVerdict } from './reported-recording.js';

/** What several recordings of one examination say together. */
export interface JointResult {
  readonly verdict: ReportedVerdict;
  readonly sites: readonly {
    /** `null` for recordings that name no site. */
    readonly site: string | null;
    readonly verdict: ReportedVerdict;
    readonly recordings: number;
  }[];
  /** How it follows from the sites, in a sentence. */
  readonly rule: string;
}

/** What a report tells, whatever its form. */
export interface Report {
  /** At least one, the oldest first, all of one subject. */
  readonly recordings: readonly ReportedRecording[];
  readonly joint: JointResult | null;
  /** Why several recordings have no joint result. */
  readonly noJoint: string | null;
  /** The version that makes the report; each recording has its own. */
  readonly lubdubVersion: string;
  readonly createdAt: Date;
}

export interface ReportOptions {
  readonly lubdubVersion: string;
  /** Default now. */
  readonly createdAt?: Date;
  /**
   * The joint result of the recordings, which are several and of one named subject; a sentence where they do not make
   * one examination.
   */
  readonly join: (recordings: readonly ReportedRecording[]) => JointResult | string;
}

/**
 * Puts recordings together.
 *
 * @throws ConfigurationError for no recording, one that is named twice, or recordings of several subjects
 */
export function makeReport(recordings: readonly ReportedRecording[], options: ReportOptions): Report {
  const { lubdubVersion, createdAt = new Date(), join } = options;
  if (recordings.length === 0)
    throw new ConfigurationError('a report must have at least one recording, got none');
  const twice = recordings.find(
    ({ session }, i) => recordings.findIndex((other) => other.session.directory === session.directory) !== i,
  );
  if (twice !== undefined)
    throw new ConfigurationError(`${twice.session.directory} is named twice; name it once`);
  const subjects = [...new Set(recordings.map(({ subject }) => subject))];
  if (subjects.length > 1) {
    const names = subjects.map((subject) => subject ?? 'no subject').join(', ');
    throw new ConfigurationError(
      `a report must be of one subject, got recordings of ${names}; make one report for each`,
    );
  }
  const joined =
    recordings.length === 1
      ? null
      : subjects[0] === null
        ? 'the recordings name no subject, so that nothing says that they are of one person'
        : join(recordings);
  return {
    recordings: [...recordings].sort((a, b) => Date.parse(a.startedAt) - Date.parse(b.startedAt)),
    joint: typeof joined === 'string' ? null : joined,
    noJoint: typeof joined === 'string' ? joined : null,
    lubdubVersion,
    createdAt,
  };
}
