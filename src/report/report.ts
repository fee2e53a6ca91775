import { ConfigurationError } from '../errors.js';
import { limitsOf } from '../record/session-layout.js';
import {
  EXAMINATION_PAUSE_MS,
  examinationsOf,
  JOINT_RULE,
  type Examination,
} from '../verdict/examination.js';
import type { JointResult } from '../verdict/joint-evidence.js';
import { SITES } from '../verdict/site.js';
import type { ReportedRecording } from './reported-recording.js';

/** What several recordings of one examination say together. */
export interface ReportedJoint extends JointResult {
  readonly sites: Examination['sites'];
  /** How it follows from the recordings, in a sentence. */
  readonly rule: string;
}

/** What a report tells, whatever its form. */
export interface Report {
  /** At least one, the oldest first, all of one subject. */
  readonly recordings: readonly ReportedRecording[];
  readonly joint: ReportedJoint | null;
  /** Why several recordings have no joint result. */
  readonly noJoint: string | null;
  /** The version that makes the report; each recording has its own. */
  readonly lubdubVersion: string;
  readonly createdAt: Date;
  /** Whose clocks it is told by, `undefined` for this machine's. */
  readonly timeZone: string | undefined;
}

export interface ReportOptions {
  readonly lubdubVersion: string;
  /** Default now. */
  readonly createdAt?: Date;
  /** A name of the IANA data base; default this machine's. */
  readonly timeZone?: string | undefined;
}

/**
 * Puts recordings together.
 *
 * @throws ConfigurationError for no recording, one that is named twice, or recordings of several subjects
 */
export function makeReport(recordings: readonly ReportedRecording[], options: ReportOptions): Report {
  const { lubdubVersion, createdAt = new Date(), timeZone } = options;
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
        : joinSites(recordings);
  return {
    recordings: [...recordings].sort((a, b) => Date.parse(a.startedAt) - Date.parse(b.startedAt)),
    joint: typeof joined === 'string' ? null : joined,
    noJoint: typeof joined === 'string' ? joined : null,
    lubdubVersion,
    createdAt,
    timeZone,
  };
}

/** The same joint result as on the page. */
function joinSites(recordings: readonly ReportedRecording[]): ReportedJoint | string {
  const examinations = examinationsOf(
    recordings.map(({ session, name, subject, site, final, startedAt }) => ({
      subject: subject!,
      site: SITES.find((known) => known === site) ?? null,
      result: final,
      rules: limitsOf(session.description),
      startedAtMs: Date.parse(startedAt),
      session: name,
    })),
  );
  if (examinations.length > 1) {
    const minutes = EXAMINATION_PAUSE_MS / 60_000;
    return `more than ${minutes} minutes lie between some of the recordings, so that they are ${examinations.length} examinations`;
  }
  return { ...examinations[0], rule: JOINT_RULE };
}
