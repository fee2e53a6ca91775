import type { SessionPage } from '../session-pages.js';
import type { Connection } from './connection.js';
import type { CorrectionDialog } from './correction-dialog.js';
import { element, make, setText } from './elements.js';
import { rhythmLine } from '../../screen/rhythm-words.js';
import { printing } from './examination-screen.js';
import { SessionCharts } from './session-charts.js';
import { say } from './visit.js';
import { siteName, toClock, toDate, toPercent, toSize, verdictIcon, verdictName } from './words.js';
import { DISCLAIMER } from '../../verdict/disclaimer.js';
import { reasonSentence } from '../../verdict/verdict-words.js';

/** The loudest part of what is played. */
const LOUD = 0.7;

/** One stored session: its result, its trace with the windows' probabilities, its sound, its files. */
export class SessionScreen {
  private charts: SessionCharts | undefined;
  private opened = 0;

  constructor(
    private readonly connection: Connection,
    private readonly correction: CorrectionDialog,
  ) {}

  async show(name: string): Promise<void> {
    this.leave();
    const opened = ++this.opened;
    const state = element('session-state');
    setText(element('session-title'), 'Session');
    setText(state, 'Loading …');
    try {
      const session = await fetchSession(name);
      if (opened !== this.opened) return;
      setText(
        element('session-title'),
        `${toDate(session.startedAt)}${session.subject === null ? '' : `, ${session.subject}`}`,
      );
      setText(state, '');
      element('session-body').replaceChildren(
        result(session),
        this.changes(session),
        make('h3', {}, `Heart sound, ${session.band.lowHz}–${session.band.highHz} Hz, 1 is full scale`),
        make('div', { id: 'session-trace', class: 'plot' }),
        make('h3', {}, 'Spectrogram'),
        make('div', { id: 'session-bands', class: 'plot' }),
        make('h3', {}, 'Abnormal, per window (● usable, ○ not usable)'),
        make('div', { id: 'session-windows', class: 'plot' }),
        this.viewButtons(),
        this.player(session),
        files(session),
        about(session),
      );
      this.charts = new SessionCharts(
        session,
        element('session-trace'),
        element('session-bands'),
        element('session-windows'),
      );
      const peak = await this.charts.load();
      if (opened === this.opened) this.setSound(session, peak);
    } catch (error) {
      if (opened === this.opened)
        setText(state, `This session cannot be opened: ${(error as Error).message}`);
    }
  }

  leave(): void {
    this.opened++;
    this.charts?.destroy();
    this.charts = undefined;
    element('session-body').replaceChildren();
  }

  recolour(): void {
    this.charts?.recolour();
  }

  /** What may be put right afterwards. */
  private changes(session: SessionPage): HTMLElement {
    const { name, site, subject, note, state } = session;
    const correct = make('button', { type: 'button', id: 'correct-session' }, 'Correct site, code or note');
    correct.addEventListener('click', () => this.correction.open({ session: name, site, subject, note }));
    const remove = make('button', { type: 'button', id: 'delete-session' }, 'Delete');
    remove.addEventListener('click', () => this.askToDelete(name));
    correct.disabled = remove.disabled = state === 'recording';
    correct.disabled ||= state === 'unreadable';
    const [section, print] = printing([name]);
    section.prepend(
      make('div', { class: 'buttons large' }, ...(state === 'recording' ? [] : [print]), correct, remove),
    );
    section.append(make('p', { id: 'change-refusal', class: 'refusal', role: 'alert' }));
    return section;
  }

  private askToDelete(name: string): void {
    const dialog = element<HTMLDialogElement>('deletion');
    dialog.returnValue = '';
    dialog.addEventListener(
      'close',
      () => {
        if (dialog.returnValue !== 'delete') return;
        // What it still loads would fail midway.
        this.leave();
        void this.connection.send({ command: 'delete', session: name }).then(async (refusal) => {
          if (refusal === null) {
            location.hash = '#/sessions';
            return;
          }
          await this.show(name);
          say('change-refusal', refusal);
        });
      },
      { once: true },
    );
    dialog.showModal();
  }

  /** What dragging over a chart does, for everybody else. */
  private viewButtons(): HTMLElement {
    const press = (label: string, act: (charts: SessionCharts) => void) => {
      const button = make('button', { type: 'button' }, label);
      button.addEventListener('click', () => this.charts && act(this.charts));
      return button;
    };
    return make(
      'div',
      { class: 'buttons', role: 'group', 'aria-label': 'What the charts show' },
      press('‹ Earlier', (charts) => charts.moveBy(-0.5)),
      press('Later ›', (charts) => charts.moveBy(0.5)),
      press('Closer', (charts) => charts.scaleBy(0.5)),
      press('Wider', (charts) => charts.scaleBy(2)),
      press('All', (charts) => charts.lookAtAll()),
    );
  }

  private player(session: SessionPage): HTMLElement {
    const audio = make('audio', {
      id: 'sound',
      controls: '',
      preload: 'none',
      'aria-label': 'The recording as sound',
    });
    audio.addEventListener('timeupdate', () => this.charts?.follow(audio.currentTime));
    const buttons = make('div', { class: 'buttons' });
    const jump = (seconds: number, label: string) => {
      const button = make('button', { type: 'button' }, label);
      button.addEventListener('click', () => {
        audio.currentTime = Math.max(0, Math.min(session.durationSeconds, audio.currentTime + seconds));
        this.charts?.follow(audio.currentTime);
      });
      return button;
    };
    buttons.append(jump(-5, '‹ 5 s back'), jump(5, '5 s on ›'));
    return make(
      'section',
      { class: 'card' },
      make('h3', {}, 'Listen'),
      audio,
      buttons,
      make('p', { id: 'sound-note', class: 'small' }),
    );
  }

  private setSound({ name }: SessionPage, peak: number): void {
    const gain = peak > 0 ? Math.min(100, Math.max(1, Math.round(LOUD / peak))) : 1;
    element<HTMLAudioElement>('sound').src =
      `/api/sessions/${encodeURIComponent(name)}/audio.wav?gain=${gain}`;
    const louder = gain === 1 ? 'As recorded' : `Made ${gain} times louder`;
    setText(
      element('sound-note'),
      `${louder}; lost samples are silence. Heart sounds are low: use headphones.`,
    );
  }
}

async function fetchSession(name: string): Promise<SessionPage> {
  const response = await fetch(`/api/sessions/${encodeURIComponent(name)}`);
  if (response.status === 404) throw new Error('there is none of that name');
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as SessionPage;
}

function result(session: SessionPage): HTMLElement {
  const { durationSeconds, site, final, missing } = session;
  const { verdict = null, probability = null, reasons = [], heartRateBpm = null } = final ?? {};
  const facts: [string, string][] = [
    ['Site', siteName(site)],
    ['Length', toClock(durationSeconds)],
    ['Abnormal', probability === null ? '–' : toPercent(probability)],
    ['Good signal', final === null ? '–' : `${final.usableSeconds.toFixed(0)} s`],
    ['Heart rate', heartRateBpm === null ? '–' : `${Math.round(heartRateBpm)} beats/min`],
    ['Rhythm', rhythmLine(final?.rhythm ?? null)],
    ['Lost samples', final === null ? '–' : final.lostSamples.toLocaleString('en')],
  ];
  return make(
    'section',
    { class: 'card', 'data-verdict': verdict ?? 'none' },
    make(
      'p',
      { class: 'big' },
      make('span', { class: 'icon', 'aria-hidden': 'true' }, verdictIcon(verdict ?? 'none')),
      verdictName(verdict),
    ),
    ...reasons.map((reason) => make('p', { class: 'advice' }, reasonSentence(reason))),
    make(
      'dl',
      { class: 'facts' },
      ...facts.map(([term, value]) => make('div', {}, make('dt', {}, term), make('dd', {}, value))),
    ),
    make('p', { class: 'disclaimer' }, DISCLAIMER),
    ...afterwards(session).map((sentence) => make('p', { class: 'notice corrected' }, sentence)),
    ...missing.map((sentence) =>
      make('p', { class: 'notice', 'data-level': 'poor' }, `! Missing: ${sentence}`),
    ),
  );
}

/** What a person said after the recording. */
function afterwards({ site, subject, note, recorded, corrections, simulated }: SessionPage): string[] {
  const at = toDate(corrections.at(-1)?.at ?? null);
  return [
    ...(simulated ? ['SIMULATED: this came from a program and from no stethoscope.'] : []),
    ...(site === recorded.site ? [] : [`Site corrected on ${at}; recorded as: ${siteName(recorded.site)}.`]),
    ...(subject === recorded.subject
      ? []
      : [`Code corrected on ${at}; recorded as: ${recorded.subject ?? 'none'}. The folder keeps its name.`]),
    ...(note === null ? [] : [`Note: ${note}`]),
  ];
}

function files({ name, state, files: stored, reports: formats }: SessionPage): HTMLElement {
  const item = (part: string, file: string, words: string) => {
    const address = `/api/sessions/${encodeURIComponent(name)}/${part}/${encodeURIComponent(file)}`;
    return make('li', {}, make('a', { href: address, download: `${name}_${file}` }, file), ` ${words}`);
  };
  const reports = formats.map((report) => item('report', report.name, `(${report.note})`));
  const originals = stored.map((file) => item('files', file.name, `(${toSize(file.bytes)})`));
  return make(
    'section',
    { class: 'card' },
    make('h3', {}, 'Report'),
    make('ul', { class: 'files' }, ...(state === 'recording' ? [] : reports)),
    make('h3', {}, 'Everything that was stored'),
    make('ul', { class: 'files' }, ...originals),
  );
}

function about({ device, model, sampleRateHz, final }: SessionPage): HTMLElement {
  const text = (value: unknown) =>
    typeof value === 'string' || typeof value === 'number' ? String(value) : '–';
  const used = final?.stethoscope ?? null;
  const stethoscope =
    used === null
      ? 'Unknown stethoscope: judged without a profile'
      : `Stethoscope profile ${used.name}, fitted on ${used.persons} healthy people`;
  return make(
    'p',
    { class: 'small' },
    `Device ${text(device?.path)}, firmware ${text(device?.firmware)}, ${sampleRateHz} Hz. ` +
      `Model ${text(model.name)} ${text(model.version)}. ${stethoscope}.`,
  );
}
