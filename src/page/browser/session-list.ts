import { JOINT_RULE } from '../../verdict/examination.js';
import type { SessionList, SessionRow } from '../session-pages.js';
import { element, make, setText } from './elements.js';
import { siteName, toClock, toDate, toPercent, verdictIcon, verdictName } from './words.js';

const COLUMNS = ['When', 'Subject', 'Site', 'Result', 'State', 'Abnormal', 'Heart rate', 'Length'];
/** The columns that a narrow screen has room for. */
const NARROW_COLUMNS = 4;

/** The stored sessions as a table, and the examinations that they make. */
export async function showSessionList(): Promise<void> {
  const state = element('sessions-state');
  setText(state, 'Loading …');
  let list: SessionList;
  try {
    const response = await fetch('/api/sessions');
    if (response.status === 404) {
      element('sessions-table').replaceChildren();
      return setText(state, 'Sessions are not stored in this run: start lubdub with --out FOLDER.');
    }
    if (!response.ok) throw new Error(await response.text());
    list = (await response.json()) as SessionList;
  } catch (error) {
    return setText(state, `The sessions cannot be listed: ${(error as Error).message}`);
  }
  setText(
    state,
    list.sessions.length === 0 ? 'There are none yet.' : `${list.sessions.length} sessions, the newest first`,
  );
  const head = make('tr', {}, ...COLUMNS.map((name, i) => make('th', { scope: 'col', ...wide(i) }, name)));
  const table = make('table', {}, make('thead', {}, head), make('tbody', {}, ...list.sessions.map(row)));
  element('sessions-table').replaceChildren(...(list.sessions.length === 0 ? [] : [table]));
  showExaminations(list);
  search();
}

const wide = (column: number): Record<string, string> => (column < NARROW_COLUMNS ? {} : { class: 'wide' });

/** Shows what has every word that is searched for. */
export function search(): void {
  const words = element<HTMLInputElement>('search').value.toLowerCase().split(/\s+/);
  let shown = 0;
  const entries = document.querySelectorAll<HTMLElement>('#sessions-table tbody tr, #examinations li');
  for (const entry of entries) {
    const text = entry.textContent.toLowerCase();
    entry.hidden = !words.every((word) => text.includes(word));
    if (entry.matches('tr') && !entry.hidden) shown++;
  }
  const all = document.querySelectorAll('#sessions-table tbody tr').length;
  if (all > 0) {
    setText(
      element('sessions-state'),
      shown === all ? `${all} sessions, the newest first` : `${shown} of ${all} sessions`,
    );
  }
}

function row(session: SessionRow): HTMLElement {
  const { name, startedAt, subject, site, final, state } = session;
  const link = make('a', { href: `#/sessions/${name}` }, toDate(startedAt));
  const { verdict = null, probability = null, heartRateBpm = null, durationSeconds = null } = final ?? {};
  const result = verdict === null ? '–' : `${verdictIcon(verdict)} ${verdict}`;
  return make(
    'tr',
    { 'data-verdict': verdict ?? 'none' },
    make('th', { scope: 'row' }, link),
    make('td', {}, subject ?? '–'),
    make(
      'td',
      {},
      site === null ? '–' : siteName(site),
      session.site === session.recorded.site && session.subject === session.recorded.subject
        ? ''
        : ' ✎ corrected',
      session.simulated ? ' (simulated)' : '',
    ),
    make('td', { class: 'verdict' }, result),
    make('td', wide(4), state === 'finished' ? '✓ whole' : `! ${state}`),
    make('td', wide(5), probability === null ? '–' : toPercent(probability)),
    make('td', wide(6), heartRateBpm === null ? '–' : `${Math.round(heartRateBpm)}/min`),
    make('td', wide(7), durationSeconds === null ? '–' : toClock(durationSeconds)),
  );
}

function showExaminations({ examinations }: SessionList): void {
  const joint = examinations.filter(({ recordings }) => recordings > 1);
  const items = joint.map(({ subject, startedAtMs, verdict, probability, usableSeconds, sites, sessions }) =>
    make(
      'li',
      { 'data-verdict': verdict },
      make(
        'a',
        { href: `#/examinations/${sessions[0]}` },
        `${subject}, ${toDate(new Date(startedAtMs).toISOString())}`,
      ),
      ' ',
      make('span', { class: 'verdict' }, `${verdictIcon(verdict)} ${verdictName(verdict)}`),
      `, ${probability === null ? '–' : toPercent(probability)} abnormal in ${usableSeconds.toFixed(0)} s of good signal ` +
        `(${sites.map((result) => `${siteName(result.site)} ${result.verdict}`).join(', ')})`,
    ),
  );
  const parts = [
    make('h3', {}, 'Examinations of several recordings'),
    make('ul', { class: 'examinations' }, ...items),
    make('p', { class: 'small' }, JOINT_RULE),
  ];
  element('examinations').replaceChildren(...(joint.length === 0 ? [] : parts));
}
