import { JOINT_RULE } from '../../verdict/examination.js';
import type { SessionList, SessionRow } from '../session-pages.js';
import { element, make, setText } from './elements.js';
import { siteName, toClock, toDate, toPercent, verdictIcon, verdictName } from './words.js';

const COLUMNS = ['When', 'Subject', 'Site', 'Result', 'State', 'Abnormal', 'Heart rate', 'Length'];

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
  const head = make('tr', {}, ...COLUMNS.map((name) => make('th', { scope: 'col' }, name)));
  const table = make('table', {}, make('thead', {}, head), make('tbody', {}, ...list.sessions.map(row)));
  element('sessions-table').replaceChildren(...(list.sessions.length === 0 ? [] : [table]));
  showExaminations(list);
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
    make('td', {}, site === null ? '–' : siteName(site)),
    make('td', { class: 'verdict' }, result),
    make('td', {}, state === 'finished' ? '✓ whole' : `! ${state}`),
    make('td', {}, probability === null ? '–' : toPercent(probability)),
    make('td', {}, heartRateBpm === null ? '–' : `${Math.round(heartRateBpm)}/min`),
    make('td', {}, durationSeconds === null ? '–' : toClock(durationSeconds)),
  );
}

function showExaminations({ examinations }: SessionList): void {
  const joint = examinations.filter(({ recordings }) => recordings > 1);
  const items = joint.map(({ subject, startedAtMs, verdict, probability, usableSeconds, sites }) =>
    make(
      'li',
      { 'data-verdict': verdict },
      make('strong', {}, `${subject}, ${toDate(new Date(startedAtMs).toISOString())}: `),
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
