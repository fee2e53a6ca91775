import type { Site } from '../../verdict/site.js';
import { element, make, setText } from '../../page/browser/elements.js';
import { ThemeSwitch } from '../../page/browser/theme.js';
import { siteName, toDate, toPercent, verdictIcon } from '../../page/browser/words.js';
import { RecentResults } from '../recent-results.js';
import type { ShownResult, WardPageCommand, WardServerMessage } from '../ward-page-messages.js';
import { BedsideCards } from './bedside-cards.js';
import { reasonWords } from './ward-words.js';

const RETRY_MS = 2000;
/** The table of a day; all are in the export. */
const MAX_ROWS = 500;
/** What has become older than a day goes, though nothing comes. */
const TIDY_MS = 60_000;

let socket: WebSocket | undefined;
const results = new RecentResults();

const cards = new BedsideCards((bedside) => {
  socket?.send(JSON.stringify({ type: 'dismiss', bedside } satisfies WardPageCommand));
});
new ThemeSwitch(() => undefined);
open();
window.setInterval(showResults, TIDY_MS);

function open(): void {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  const opened = new WebSocket(`${scheme}://${location.host}/ward`);
  socket = opened;
  const lost = element('server-lost');
  opened.addEventListener('open', () => (lost.hidden = true));
  opened.addEventListener('message', ({ data }) => take(JSON.parse(String(data)) as WardServerMessage));
  opened.addEventListener('close', () => {
    setText(lost, 'The ward program cannot be reached: what stands here is not up to date.');
    lost.hidden = false;
    window.setTimeout(open, RETRY_MS);
  });
}

function take(message: WardServerMessage): void {
  switch (message.type) {
    case 'all':
      cards.setAll(message.rows);
      results.add(...message.results);
      setText(element('version'), `lubdub ${message.version}`);
      return showResults();
    case 'changes':
      return cards.change(message.rows, message.gone);
    case 'result':
      results.add(message.result);
      return showResults();
    case 'ward': {
      const pill = element('broker');
      pill.dataset.level = message.isConnected ? 'good' : 'poor';
      pill.title = message.message;
      setText(pill, message.isConnected ? '✓ broker' : '▲ no broker');
    }
  }
}

function showResults(): void {
  const newest = results.newest();
  setText(
    element('results-none'),
    newest.length === 0
      ? 'There are none yet.'
      : `${newest.length} results, the newest first${newest.length > MAX_ROWS ? `; ${MAX_ROWS} are shown` : ''}`,
  );
  element('results').replaceChildren(...newest.slice(0, MAX_ROWS).map(rowOf));
}

function rowOf({ at, bedside, subject, site, result }: ShownResult): HTMLElement {
  const { verdict, probability, usableSeconds, reasons } = result;
  const where =
    result.kind === 'examination'
      ? `all ${result.recordings} recordings`
      : site === null
        ? '–'
        : siteName(site as Site);
  const rate = result.kind === 'final' ? result.heartRateBpm : null;
  return make(
    'tr',
    { 'data-verdict': verdict, 'data-kind': result.kind },
    make('th', { scope: 'row' }, toDate(at)),
    make('td', {}, bedside),
    make('td', {}, subject ?? '–'),
    make('td', {}, where),
    make('td', { class: 'verdict', title: reasonWords(reasons) }, `${verdictIcon(verdict)} ${verdict}`),
    make('td', {}, probability === null ? '–' : toPercent(probability)),
    make('td', {}, `${usableSeconds.toFixed(0)} s`),
    make('td', {}, rate === null ? '–' : `${Math.round(rate)}/min`),
  );
}
