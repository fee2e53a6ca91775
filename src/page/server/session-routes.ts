import type { IncomingMessage, ServerResponse } from 'node:http';
import { heartSoundFinder } from '../../report/find-heart-sounds.js';
import { reportFormatOf, type ReportFormat } from '../../report/report-formats.js';
import type { StoredSession } from '../../record/stored-session.js';
import { examinationsOf } from '../../verdict/examination.js';
import {
  found,
  HttpProblem,
  notFound,
  numberIn,
  sendAudio,
  sendBytes,
  sendFile,
  sendJson,
} from './http-answers.js';
import type { LookBackRoutes } from './look-back/look-back-routes.js';
import { sessionsReport } from './session-report.js';
import { SessionAudio } from './session-audio.js';
import type { SessionList } from '../session-pages.js';
import { recordingsOf, type StoredSessions } from './stored-sessions.js';

/** Each reads the disk and filters; more at once would take the processor from the screening. */
const HEAVY_AT_ONCE = 3;
/** A page asks for three things at once, and again for each look. */
const MOST_WAITING = 24;
const MOST_GAIN = 1000;
/** Making a report takes the processor for a while, which a recording under way may need. */
const LONGEST_REPORT_SECONDS = 600;
/** Nobody listens at more sites in one examination. */
const MOST_RECORDINGS = 12;

/** To be shown in a frame of the page, which prints it. Nothing in it may run: no script, not its own, nobody's. */
const SHOWN_REPORT_POLICY =
  "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; " +
  "frame-ancestors 'self'; sandbox allow-same-origin allow-modals";

/** Answers what the page asks of stored sessions, below `/api`. */
export class SessionRoutes {
  private heavy = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(
    private readonly sessions: StoredSessions,
    private readonly lookBack: LookBackRoutes,
    /** Of lubdub, for reports. */
    private readonly version: string,
  ) {}

  /** @param path behind `/api/` */
  async answer(
    request: IncomingMessage,
    response: ServerResponse,
    query: URLSearchParams,
    [list, name, what, file, ...rest]: readonly (string | undefined)[],
  ): Promise<void> {
    if (rest.length > 0) throw notFound();
    if (list === 'examinations' && name === 'report' && what !== undefined && file === undefined) {
      const names = query.getAll('session');
      if (names.length === 0 || names.length > MOST_RECORDINGS) {
        throw new HttpProblem(400, `A joint report is of 1 to ${MOST_RECORDINGS} sessions.`);
      }
      return this.report(response, names, what, query);
    }
    if (list !== 'sessions') throw notFound();
    if (name === undefined) {
      const rows = await this.sessions.list();
      const all: SessionList = { sessions: rows, examinations: examinationsOf(recordingsOf(rows)) };
      return sendJson(response, all);
    }
    if (what === undefined) {
      return this.heavily(response, async () => sendJson(response, found(await this.sessions.page(name))));
    }
    if (file !== undefined) {
      if (what === 'files') return sendFile(response, this.sessions, name, file);
      if (what === 'report') return this.report(response, [name], file, query);
      if (what !== 'look') throw notFound();
    }
    return this.heavily(response, async () => {
      const session = found(await this.sessions.open(name));
      if (what === 'look') return this.lookBack.answerStored(response, query, session, file);
      await this.part(request, response, query, session, what);
    });
  }

  private async part(
    request: IncomingMessage,
    response: ServerResponse,
    query: URLSearchParams,
    session: StoredSession,
    what: string,
  ): Promise<void> {
    switch (what) {
      case 'sounds':
        refuseLong(session.durationSeconds);
        return sendJson(response, await heartSoundFinder()(session));
      case 'audio.wav': {
        const gain = query.has('gain') ? numberIn(query, 'gain', 0, MOST_GAIN) : 1;
        return sendAudio(request, response, new SessionAudio(session, gain));
      }
      default:
        throw notFound();
    }
  }

  /** As a file to keep or, where it is asked to be shown, in a frame of the page. */
  private report(
    response: ServerResponse,
    names: readonly string[],
    kind: string,
    query: URLSearchParams,
  ): Promise<void> {
    const format: ReportFormat = found(reportFormatOf(kind));
    const isShown = query.has('show');
    if (isShown && !format.mediaType.startsWith('text/html')) throw notFound();
    const timeZone = timeZoneOf(query);
    return this.heavily(response, async () => {
      const sessions: StoredSession[] = [];
      for (const name of names) sessions.push(found(await this.sessions.open(name)));
      refuseLong(sessions.reduce((sum, { durationSeconds }) => sum + durationSeconds, 0));
      const directories = sessions.map(({ directory }) => directory);
      const text = await sessionsReport(directories, format, { lubdubVersion: this.version, timeZone });
      if (isShown) {
        response.setHeader('Content-Security-Policy', SHOWN_REPORT_POLICY);
        response.setHeader('X-Frame-Options', 'SAMEORIGIN');
      } else {
        const name = names.length === 1 ? names[0] : `${names[0]}_and_${names.length - 1}_more`;
        response.setHeader('Content-Disposition', `attachment; filename="${name}_${kind}"`);
      }
      sendBytes(response, format.mediaType, Buffer.from(text));
    });
  }

  /** Does it when it is its turn. Who is no longer waited for is passed over. */
  private async heavily(response: ServerResponse, work: () => Promise<void>): Promise<void> {
    if (this.heavy < HEAVY_AT_ONCE) this.heavy++;
    else if (this.waiting.length < MOST_WAITING)
      await new Promise<void>((resume) => this.waiting.push(resume));
    else throw new HttpProblem(503, 'Too many requests at once; try again.');
    try {
      if (!response.destroyed) await work();
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.heavy--;
      else next();
    }
  }
}

function refuseLong(seconds: number): void {
  if (seconds <= LONGEST_REPORT_SECONDS) return;
  throw new HttpProblem(413, 'This is long: make its report with `lubdub report`.');
}

/** Whose clocks a report is told by: those of who asks for it. */
function timeZoneOf(query: URLSearchParams): string | undefined {
  const timeZone = query.get('timeZone') ?? undefined;
  if (timeZone === undefined) return undefined;
  try {
    return new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone;
  } catch {
    throw new HttpProblem(400, 'timeZone must be a name of the IANA data base.');
  }
}
