import type { SessionPage } from '../session-pages.js';
import type { Connection } from './connection.js';
import type { CorrectionDialog } from './correction-dialog.js';
import { element, make, setText } from './elements.js';
import { rhythmLine } from '../../screen/rhythm-words.js';
import { printing } from './examination-screen.js';
import { SessionPlayer } from './listen/session-player.js';
import type { SoundSettings } from './listen/sound-settings.js';
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
  private player: SessionPlayer | undefined;
  private opened = 0;

  constructor(
    private readonly connection: Connection,
    private readonly correction: CorrectionDialog,
    private readonly soundSettings: SoundSettings,
    /** A session begins to sound. */
    private readonly onPlay: () => void,
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
        make('div', { id: 'session-look' }),
        make(
          'p',
          { class: 'small' },
          'Drag to move, pinch or Ctrl and wheel to zoom, tap to play from there, tap twice to measure. ' +
            'Below: spectrogram; abnormal, per window (● usable, ○ not usable).',
        ),
        this.makePlayer(session),
        files(session),
        about(session),
      );
      this.charts = new SessionCharts(session, element('session-look'), (seconds) =>
        this.player?.playFrom(seconds),
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
    this.player?.destroy();
    this.player = undefined;
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

  private makePlayer({ durationSeconds }: SessionPage): HTMLElement {
    this.player?.destroy();
    this.player = new SessionPlayer({
      settings: this.soundSettings,
      durationSeconds: durationSeconds ?? 0,
      onPosition: (seconds, isPlaying) => this.charts?.follow(seconds, isPlaying),
      onPlay: this.onPlay,
    });
    return this.player.element;
  }

  private setSound({ name }: SessionPage, peak: number): void {
    const gain = peak > 0 ? Math.min(100, Math.max(1, Math.round(LOUD / peak))) : 1;
    this.player?.setSound(name, gain);
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
