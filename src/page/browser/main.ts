import { Connection } from './connection.js';
import { element, setText } from './elements.js';
import { LiveCharts } from './live-charts.js';
import { LiveScreen } from './live-screen.js';
import { showSessionList } from './session-list.js';
import { SessionScreen } from './session-screen.js';
import { SourceMarks } from './source-marks.js';
import { ThemeSwitch } from './theme.js';

const charts = new LiveCharts();
const sessionScreen = new SessionScreen();
const marks = new SourceMarks(
  document.querySelector('.chart.trace')!,
  document.querySelector('.chart.bands')!,
);

const connection = new Connection({
  onMessage(message) {
    switch (message.type) {
      case 'facts':
        return screen.takeFacts(message.facts);
      case 'view':
        charts.takeView(message.view);
        marks.takeView(message.view);
        return screen.takeView(message.view);
      case 'marks':
        return charts.takeMarks(message.recording, message.marks);
      case 'skipped':
        return screen.takeSkipped(message.traceFrames);
    }
  },
  onTrace: (frame) => charts.takeTrace(frame),
  onState(isConnected) {
    const banner = element('server-lost');
    banner.hidden = isConnected;
    setText(
      banner,
      isConnected ? '' : '✕ This page has lost lubdub. What is shown is old; it tries again by itself.',
    );
    document.body.dataset.connected = String(isConnected);
    if (!isConnected) charts.forget();
  },
});
const screen = new LiveScreen(connection);

new ThemeSwitch(() => {
  charts.recolour();
  sessionScreen.recolour();
});

type Place = { readonly page: 'live' | 'sessions' } | { readonly page: 'session'; readonly name: string };

function placeOf(hash: string): Place {
  const name = /^#\/sessions\/([\w.-]+)$/.exec(hash)?.[1];
  if (name !== undefined) return { page: 'session', name };
  return { page: hash === '#/sessions' ? 'sessions' : 'live' };
}

const titles = { live: 'Listen', sessions: 'Sessions', session: 'Session' } as const;

function go(isFirst: boolean): void {
  const place = placeOf(location.hash);
  for (const page of ['live', 'sessions', 'session'] as const) element(page).hidden = page !== place.page;
  document.title = `${titles[place.page]} · lubdub`;
  for (const [id, isHere] of [
    ['go-live', place.page === 'live'],
    ['go-sessions', place.page !== 'live'],
  ] as const) {
    if (isHere) element(id).setAttribute('aria-current', 'page');
    else element(id).removeAttribute('aria-current');
  }
  charts.show(place.page === 'live');
  if (place.page === 'session') void sessionScreen.show(place.name);
  else sessionScreen.leave();
  if (place.page === 'sessions') void showSessionList();
  // Whoever cannot see that the page changed hears its heading.
  if (isFirst) return;
  element(place.page === 'live' ? 'main' : `${place.page}-title`).focus({ preventScroll: true });
  scrollTo(0, 0);
}

window.addEventListener('hashchange', () => go(false));
go(true);
