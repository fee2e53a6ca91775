import { DISCLAIMER } from '../../verdict/disclaimer.js';
import { JOINT_RULE, type Examination } from '../../verdict/examination.js';
import { SITES } from '../../verdict/site.js';
import { reasonSentence } from '../../verdict/verdict-words.js';
import type { SessionList, SessionRow } from '../session-pages.js';
import { element, make, setText } from './elements.js';
import { siteName, toDate, toPercent, verdictIcon, verdictName } from './words.js';

/** One person's recordings together: what they say, and the report of it to print and to keep. */
export class ExaminationScreen {
  private opened = 0;

  /** @param name a session's folder; the examination that it belongs to is shown */
  async show(name: string): Promise<void> {
    this.leave();
    const opened = ++this.opened;
    const state = element('joint-state');
    setText(element('joint-title'), 'Examination');
    setText(state, 'Loading …');
    try {
      const response = await fetch('/api/sessions');
      if (!response.ok) throw new Error(await response.text());
      const { examinations, sessions } = (await response.json()) as SessionList;
      const examination = examinations.find((candidate) => candidate.sessions.includes(name));
      if (examination === undefined)
        throw new Error('there is none with this session; it may have been deleted');
      if (opened !== this.opened) return;
      const startedAt = new Date(examination.startedAtMs).toISOString();
      setText(element('joint-title'), `Examination of ${examination.subject}, ${toDate(startedAt)}`);
      setText(state, '');
      const rows = sessions.filter((row) => examination.sessions.includes(row.name)).reverse();
      element('joint-body').replaceChildren(summary(examination), reports(examination), table(rows));
    } catch (error) {
      if (opened === this.opened) setText(state, `This cannot be shown: ${(error as Error).message}`);
    }
  }

  leave(): void {
    this.opened++;
    element('joint-body').replaceChildren();
  }
}

function summary({
  verdict,
  probability,
  reasons,
  usableSeconds,
  recordings,
  sites,
}: Examination): HTMLElement {
  const heard = sites.map((result) => {
    const again = result.recordings > 1 ? ` (${result.recordings} recordings)` : '';
    return `${siteName(result.site)}: ${result.verdict}${again}`;
  });
  const missing = SITES.filter((site) => !sites.some((result) => result.site === site));
  const open = missing.length === 0 ? '' : ` · Not recorded: ${missing.join(', ')}`;
  const share =
    probability === null
      ? ''
      : `Abnormal ${toPercent(probability)}, ${usableSeconds.toFixed(0)} s of good signal. `;
  const why = reasons.map((reason) => `${reasonSentence(reason)}. `).join('');
  return make(
    'section',
    { class: 'card', 'data-verdict': verdict },
    make(
      'p',
      { class: 'big' },
      make('span', { class: 'icon', 'aria-hidden': 'true' }, verdictIcon(verdict)),
      verdictName(verdict),
    ),
    make('p', { id: 'joint-sites' }, `${share}${why}${heard.join(' · ')}${open}`),
    make('p', { class: 'small' }, recordings > 1 ? JOINT_RULE : ''),
    make('p', { class: 'disclaimer' }, DISCLAIMER),
  );
}

/** @returns the address of a report in that form, told by this browser's clocks */
export function reportAddress(sessions: readonly string[], file: string, show = false): string {
  const query = new URLSearchParams(sessions.map((session) => ['session', session]));
  query.set('timeZone', new Intl.DateTimeFormat().resolvedOptions().timeZone);
  if (show) query.set('show', '1');
  return `/api/examinations/report/${encodeURIComponent(file)}?${query.toString()}`;
}

function reports({ sessions }: Examination): HTMLElement {
  const save = (file: string, words: string) =>
    make('a', { class: 'button', href: reportAddress(sessions, file), download: '' }, words);
  const [section, print] = printing(sessions);
  section.prepend(
    make('h3', {}, 'Report'),
    make(
      'div',
      { class: 'buttons large' },
      print,
      save('report.html', 'Save report'),
      save('fhir.json', 'Export FHIR'),
      save('windows.csv', 'Export CSV'),
    ),
  );
  return section;
}

/** A button that prints the report of these sessions, and where it is shown meanwhile. */
export function printing(sessions: readonly string[]): [HTMLElement, HTMLButtonElement] {
  const print = make('button', { type: 'button', class: 'primary' }, 'Print report');
  const state = make('p', { class: 'print-state', role: 'status' });
  const place = make('div');
  print.addEventListener('click', () => {
    print.disabled = true;
    setText(state, 'Making the report …');
    const frame = make('iframe', {
      title: 'The report',
      class: 'report',
      src: reportAddress(sessions, 'report.html', true),
    });
    frame.addEventListener('load', () => {
      print.disabled = false;
      // What a server refuses is shown as it says it, and not printed.
      const isReport = (frame.contentDocument?.querySelector('article') ?? null) !== null;
      setText(state, isReport ? '' : 'The report cannot be made.');
      if (isReport) frame.contentWindow!.print();
      else
        void refusalOf(frame.src).then((refusal) => setText(state, `The report cannot be made: ${refusal}`));
    });
    place.replaceChildren(frame);
  });
  return [make('section', { class: 'card' }, state, place), print];
}

async function refusalOf(address: string): Promise<string> {
  try {
    return (await (await fetch(address)).text()).trim();
  } catch (error) {
    return (error as Error).message;
  }
}

function table(rows: readonly SessionRow[]): HTMLElement {
  const head = ['Site', 'Result', 'Abnormal', 'When'].map((name) => make('th', { scope: 'col' }, name));
  const body = rows.map(({ name, site, final, startedAt, recorded }) =>
    make(
      'tr',
      { 'data-verdict': final?.verdict ?? 'none' },
      make(
        'th',
        { scope: 'row' },
        make('a', { href: `#/sessions/${name}` }, siteName(site)),
        site === recorded.site ? '' : ' (corrected)',
      ),
      make(
        'td',
        { class: 'verdict' },
        final === null ? '–' : `${verdictIcon(final.verdict)} ${final.verdict}`,
      ),
      make('td', {}, typeof final?.probability === 'number' ? toPercent(final.probability) : '–'),
      make('td', {}, toDate(startedAt)),
    ),
  );
  return make(
    'div',
    { class: 'table', role: 'region', 'aria-label': 'Recordings', tabindex: '0' },
    make('table', {}, make('thead', {}, make('tr', {}, ...head)), make('tbody', {}, ...body)),
  );
}
