import { Connection } from './connection.js';
import { CorrectionDialog } from './correction-dialog.js';
import { element, setText } from './elements.js';
import { ExaminationScreen } from './examination-screen.js';
import { FitScreen } from './fit/fit-screen.js';
import { LiveSoundPanel } from './listen/live-sound-panel.js';
import { SoundSettings } from './listen/sound-settings.js';
import { LiveCharts } from './live-charts.js';
import { Freeze } from './look-back/freeze.js';
import { LiveScreen } from './live-screen.js';
import { search, showSessionList } from './session-list.js';
import { SessionScreen } from './session-screen.js';
import { SourceMarks } from './source-marks.js';
import { ThemeSwitch } from './theme.js';

const charts = new LiveCharts();
const freeze = new Freeze(charts, document.querySelector<HTMLElement>('#live .charts')!);
const marks = new SourceMarks(document.querySelector('.chart.trace')!);

const connection = new Connection({
  onMessage(message) {
    switch (message.type) {
      case 'facts':
        fit.takeFacts(message.facts.falseAlarms);
        return screen.takeFacts(message.facts);
      case 'view':
        charts.takeView(message.view);
        freeze.takeView(message.view);
        marks.takeView(message.view);
        fit.takeView(message.view);
        return screen.takeView(message.view);
      case 'marks':
        return charts.takeMarks(message.recording, message.marks);
      case 'skipped':
        return screen.takeSkipped(message.traceFrames);
    }
  },
  onTrace(frame) {
    charts.takeTrace(frame);
    fit.takeTrace(frame);
  },
  onSound: (frame) => sound.takeSound(frame),
  onState(isConnected) {
    const banner = element('server-lost');
    banner.hidden = isConnected;
    setText(
      banner,
      isConnected ? '' : '✕ This page has lost lubdub. What is shown is old; it tries again by itself.',
    );
    document.body.dataset.connected = String(isConnected);
    if (!isConnected) charts.forget();
    fit.takeConnection(isConnected);
    sound.takeConnection(isConnected);
    screen.refresh();
  },
});
const correction = new CorrectionDialog(connection, () => go(true));
const screen = new LiveScreen({
  connection,
  correction,
  present: () => ({ ...charts.present, isConnected: document.body.dataset.connected === 'true' }),
  onNewPatient: () => {
    freeze.toLive();
    charts.forget();
  },
});
const fit = new FitScreen(connection);
const soundSettings = new SoundSettings();
const sound = new LiveSoundPanel(connection, soundSettings);
const sessionScreen = new SessionScreen(connection, correction, soundSettings, () => sound.stop());
const examinationScreen = new ExaminationScreen();

new ThemeSwitch(() => {
  charts.recolour();
  freeze.recolour();
  sessionScreen.recolour();
  fit.recolour();
});

type Place =
  | { readonly page: 'live' | 'sessions' | 'fit' }
  | { readonly page: 'session' | 'joint'; readonly name: string };

function placeOf(hash: string): Place {
  const name = /^#\/sessions\/([\w.-]+)$/.exec(hash)?.[1];
  if (name !== undefined) return { page: 'session', name };
  const first = /^#\/examinations\/([\w.-]+)$/.exec(hash)?.[1];
  if (first !== undefined) return { page: 'joint', name: first };
  return { page: hash === '#/sessions' ? 'sessions' : hash === '#/stethoscope' ? 'fit' : 'live' };
}

const titles = {
  live: 'Listen',
  sessions: 'Sessions',
  session: 'Session',
  joint: 'Examination',
  fit: 'Stethoscope',
} as const;
/** Which of the links above leads there. */
const links = {
  live: 'go-live',
  sessions: 'go-sessions',
  session: 'go-sessions',
  joint: 'go-sessions',
  fit: 'go-fit',
} as const;

function go(isFirst: boolean): void {
  const place = placeOf(location.hash);
  for (const page of Object.keys(titles)) {
    element(page).hidden = page !== place.page;
  }
  document.body.dataset.page = place.page;
  document.title = `${titles[place.page]} · lubdub`;
  for (const id of new Set(Object.values(links))) {
    if (id === links[place.page]) element(id).setAttribute('aria-current', 'page');
    else element(id).removeAttribute('aria-current');
  }
  charts.show(place.page === 'live');
  fit.show(place.page === 'fit');
  if (place.page === 'session') void sessionScreen.show(place.name);
  else sessionScreen.leave();
  if (place.page === 'joint') void examinationScreen.show(place.name);
  else examinationScreen.leave();
  if (place.page === 'sessions') void showSessionList();
  // Whoever cannot see that the page changed hears its heading.
  if (isFirst) return;
  element(place.page === 'live' ? 'main' : `${place.page}-title`).focus({ preventScroll: true });
  scrollTo(0, 0);
}

element('search').addEventListener('input', search);
window.addEventListener('hashchange', () => go(false));
go(true);
