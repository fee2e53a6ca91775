import type { Examination } from '../../verdict/examination.js';
import { type LiveView, type PageFacts } from '../page-messages.js';
import type { Connection } from './connection.js';
import { namingWords } from './choosing.js';
import type { CorrectionDialog } from './correction-dialog.js';
import { element, setText } from './elements.js';
import { showLevel } from './level-pill.js';
import { noticeOf, type Notice } from './notice.js';
import { levelIcons, signalAdvice, type Present } from './signal-advice.js';
import { isUnderWay, say, Visit } from './visit.js';
import { capital, siteName, toPercent, verdictIcon, verdictName } from './words.js';
import { SITES } from '../../verdict/site.js';
import { reasonSentence, stethoscopeSentence, type UsedStethoscope } from '../../verdict/verdict-words.js';
import type { VerdictEvent } from '../../screen/result-events.js';

/** What no message tells, such as that nothing comes any more, is looked at so often. */
const LOOK_MS = 400;

export interface LiveScreenOptions {
  readonly connection: Connection;
  readonly correction: CorrectionDialog;
  readonly present: () => Present;
  /** What is drawn of the last recording is to go. */
  readonly onNewPatient: () => void;
}

/** Everything on the live page that is words, numbers and buttons. */
export class LiveScreen {
  private facts: PageFacts | undefined;
  /** As it is shown: of the last patient nothing is left once there is a new one. */
  private view: LiveView | undefined;
  private latest: LiveView | undefined;
  private skippedTraceFrames = 0;
  /** The recording that is not to be seen any more, since there is a new patient. */
  private cleared = -1;
  private notice: Notice | undefined;
  private readonly visit: Visit;

  constructor(private readonly options: LiveScreenOptions) {
    const { connection, correction } = options;
    this.visit = new Visit(connection, () => this.clear());
    element('stop').addEventListener('click', () => void this.ask({ command: 'stop' }));
    element('discard').addEventListener('click', () => element<HTMLDialogElement>('confirm').showModal());
    element('confirm').addEventListener('close', () => {
      const dialog = element<HTMLDialogElement>('confirm');
      if (dialog.returnValue === 'discard') void this.ask({ command: 'discard' });
      dialog.returnValue = '';
    });
    element('more').addEventListener('click', () => {
      setText(element('details-text'), this.notice?.details ?? '');
      element<HTMLDialogElement>('details').showModal();
    });
    element('correct').addEventListener('click', () => {
      const recorded = this.view?.recorded ?? null;
      const session = recorded?.session ?? null;
      if (recorded !== null && session !== null) correction.open({ ...recorded, session });
    });
    setInterval(() => this.view !== undefined && this.showSignal(this.view), LOOK_MS);
  }

  takeFacts(facts: PageFacts): void {
    this.facts = facts;
    const { from, to } = facts.rules.uncertain;
    element('band-normal').style.width = `${100 * from}%`;
    element('band-uncertain').style.width = `${100 * (to - from)}%`;
    element('band-abnormal').style.width = `${100 * (1 - to)}%`;
  }

  takeSkipped(traceFrames: number): void {
    this.skippedTraceFrames = traceFrames;
    if (this.view !== undefined) this.showNotice(this.view);
  }

  /** Shows what is known, and whether the line to the server stands. */
  refresh(): void {
    if (this.view !== undefined) this.showSignal(this.view);
  }

  takeView(latest: LiveView): void {
    this.latest = latest;
    if (isUnderWay(latest.status) || latest.recording !== this.cleared) this.cleared = -1;
    const view = latest.recording === this.cleared ? withoutRecording(latest) : latest;
    this.view = view;
    this.showLine(view);
    showLevel(view);
    this.showVerdict(view);
    this.showStethoscope(view);
    this.showNotice(view);
    this.visit.takeView(latest);
    this.showControls(view);
    this.showExamination(view.examination);
    this.showSignal(view);
    const isKnown = view.heartRateBpm !== null && view.status.state !== 'idle';
    setText(element('rate-value'), isKnown ? String(Math.round(view.heartRateBpm)) : '–');
    if (isKnown) element('rate-value').removeAttribute('aria-label');
    else element('rate-value').setAttribute('aria-label', 'not known');
    this.showSite(view);
  }

  private clear(): void {
    if (this.latest === undefined) return;
    this.cleared = this.latest.recording;
    this.options.onNewPatient();
    this.takeView(this.latest);
  }

  private showLine({ connection, lostSamples, batteryPercent, device, status }: LiveView): void {
    const words = {
      none: ['○', 'No stethoscope'],
      searching: ['…', 'Looking for it'],
      connected: ['●', 'Connected'],
      lost: ['✕', 'Connection lost'],
    } as const;
    const state =
      connection.state === 'none' && status.state === 'connecting' ? 'searching' : connection.state;
    const pill = element('connection');
    setText(pill, words[state].join(' '));
    pill.dataset.level = state === 'lost' ? 'poor' : state === 'connected' ? 'good' : 'none';
    pill.title = device === null ? '' : `${device.path}, ${device.sampleRateHz} Hz`;
    const lost = element('lost');
    setText(lost, lostSamples === 0 ? '✓ 0 lost' : `! ${lostSamples.toLocaleString('en')} lost`);
    lost.title = `${lostSamples.toLocaleString('en')} samples were lost on the way from the stethoscope`;
    lost.dataset.level = lostSamples === 0 ? 'good' : 'poor';
    const battery = element('battery');
    setText(
      battery,
      batteryPercent === null ? '' : `${batteryPercent < 20 ? '! ' : ''}Battery ${batteryPercent} %`,
    );
    battery.hidden = batteryPercent === null;
    battery.dataset.level = batteryPercent !== null && batteryPercent < 20 ? 'poor' : 'none';
  }

  private showSignal(view: LiveView): void {
    const { level, word, advice, isOld = false } = signalAdvice(view, this.options.present());
    element('signal').dataset.level = level;
    setText(element('signal-icon'), levelIcons[level]);
    setText(element('signal-word'), word);
    setText(element('signal-title'), word === 'Preview' ? 'Signal: nothing is recorded' : 'Signal');
    setText(element('signal-advice'), this.guidance(view) ?? advice);
    // What is shown beside it was true before, and is not green now.
    for (const id of ['verdict', 'rate']) element(id).dataset.old = String(isOld);
    setText(element('rate-unit'), isOld ? 'before' : '/min');
    setText(element('verdict-title'), this.verdictTitle(view, isOld));
  }

  private verdictTitle({ final, recorded }: LiveView, isOld: boolean): string {
    if (final === null) return isOld ? 'Verdict before the loss' : 'Verdict so far';
    const naming = recorded === null ? '' : namingWords(recorded);
    return naming === '' ? 'Result' : `Result: ${naming}`;
  }

  /** From one site to the next; `null` while a recording has the word. */
  private guidance({ status, examination, final }: LiveView): string | null {
    if (isUnderWay(status)) return null;
    const { nextSite, subject } = this.visit;
    if (subject === null) return 'Code, then site, then Start.';
    if (examination === null) return final === null ? 'Tap a site, then Start.' : null;
    if (nextSite === null) return 'All four done: see the report.';
    return `Next: ${siteName(nextSite).toLowerCase()}, then Start.`;
  }

  /** Nobody who begins a recording can miss where it says that the stethoscope stands. */
  private showSite({ status, windows }: LiveView): void {
    const large = element('site-large');
    large.hidden = !isUnderWay(status) || windows.length > 0;
    setText(large, status.site === null ? 'Without a site' : siteName(status.site));
  }

  /** The profile moves the place from which evidence counts as abnormal; without one that place may be far off. */
  private showStethoscope(view: LiveView): void {
    const used = usedBy(view);
    const pill = element('stethoscope');
    pill.hidden = used === undefined;
    if (used === undefined) return;
    setText(pill, used === null ? '? No profile' : `Profile ${used.name}`);
    pill.dataset.level = used === null ? 'fair' : 'good';
    pill.title = this.stethoscopeWords(view) ?? '';
  }

  private stethoscopeWords(view: LiveView): string | null {
    const used = usedBy(view);
    if (used === undefined) return null;
    return `${capital(stethoscopeSentence(used, this.facts?.falseAlarms ?? null))}.`;
  }

  private showVerdict({ verdict, final, status, windows }: LiveView): void {
    const shown = final ?? verdict;
    const word = shown?.verdict ?? (status.state === 'idle' ? 'none' : 'listening');
    const card = element('verdict');
    card.dataset.verdict = word;
    setText(element('verdict-icon'), verdictIcon(word));
    setText(element('verdict-word'), verdictName(word));
    // What was heard in noise alone says nothing of the heart.
    const probability = (shown?.usableSeconds ?? 0) > 0 ? shown!.probability : null;
    const mark = element('band-mark');
    mark.hidden = probability === null;
    if (probability !== null) mark.style.left = `${100 * probability}%`;
    const { rules } = this.facts ?? {};
    const band =
      rules === undefined
        ? ''
        : ` (unsure ${Math.round(100 * rules.uncertain.from)}–${toPercent(rules.uncertain.to)})`;
    setText(
      element('verdict-figures'),
      probability === null ? 'No probability yet' : `Abnormal: ${toPercent(probability)}${band}`,
    );
    setText(element('verdict-needs'), this.needs(shown, final !== null, windows.length));
  }

  /** What is still missing, or why there is no class. */
  private needs(
    shown: Pick<VerdictEvent, 'usableSeconds' | 'reasons'> | null,
    isFinal: boolean,
    windows: number,
  ): string {
    const least = this.facts?.rules.minimumUsableSeconds ?? 0;
    const usable = shown?.usableSeconds ?? 0;
    const missing = Math.ceil(least - usable);
    if (!isFinal && missing > 0) return `${missing} s of good signal to go`;
    const reasons = (shown?.reasons ?? []).map(reasonSentence);
    if (reasons.length > 0) return `${capital(reasons.join('; '))}.`;
    return windows === 0 && !isFinal ? '' : `From ${usable.toFixed(0)} s of good signal`;
  }

  private showNotice(view: LiveView): void {
    this.notice = noticeOf(view, this.skippedTraceFrames, this.stethoscopeWords(view));
    const { short, details, isPoor } = this.notice;
    setText(element('notice'), short);
    element('notice').dataset.level = isPoor ? 'poor' : 'none';
    element('more').hidden = details === null;
    // The sentence of the unknown stethoscope has the remedy beside it.
    const isUnknown = usedBy(view) === null && short === this.stethoscopeWords(view);
    element('fit-link').hidden = !isUnknown || view.stethoscope === null || isUnderWay(view.status);
    element('correct').hidden =
      view.final === null || isUnderWay(view.status) || (view.recorded?.session ?? null) === null;
  }

  private showControls({ status: { state }, final }: LiveView): void {
    const isRunning = state === 'recording' || state === 'connecting' || state === 'stopping';
    showInstead(element<HTMLButtonElement>('start'), element<HTMLButtonElement>('stop'), isRunning);
    element<HTMLButtonElement>('stop').disabled = state === 'stopping';
    element<HTMLButtonElement>('discard').disabled =
      state !== 'recording' && (state !== 'stopped' || final === null);
  }

  private showExamination(examination: Examination | null): void {
    const report = element<HTMLAnchorElement>('joint-report');
    const { verdict = 'none', sites = [], sessions = [], subject = '' } = examination ?? {};
    element('examination').dataset.verdict = verdict;
    const heard = SITES.filter((site) => sites.some((result) => result.site === site)).length;
    setText(
      element('examination-title'),
      examination === null ? 'Examination' : `${subject}: ${heard} of ${SITES.length} sites`,
    );
    setText(element('joint-icon'), examination === null ? '' : verdictIcon(verdict));
    setText(element('joint-word'), examination === null ? 'None yet' : verdictName(verdict));
    report.hidden = sessions.length === 0;
    if (sessions.length > 0) report.setAttribute('href', `#/examinations/${sessions[0]}`);
  }

  private async ask(command: Parameters<Connection['send']>[0]): Promise<void> {
    say('refusal', await this.options.connection.send(command));
  }
}

/** The device and the line stay; of the recording before nothing is left. */
function withoutRecording(view: LiveView): LiveView {
  return {
    ...view,
    status: { ...view.status, state: 'idle', session: null },
    recorded: null,
    heartRateBpm: null,
    lostSamples: 0,
    droppedWindows: 0,
    windows: [],
    gaps: [],
    noContact: [],
    verdict: null,
    final: null,
    notices: [],
    error: null,
  };
}

/** Shows one of two buttons; the keyboard's place goes with it. */
function showInstead(first: HTMLButtonElement, second: HTMLButtonElement, showSecond: boolean): void {
  const [shown, hidden] = showSecond ? [second, first] : [first, second];
  const hadFocus = hidden.matches(':focus');
  shown.hidden = false;
  hidden.hidden = true;
  if (hadFocus) shown.focus();
}

/** `undefined` before a device has answered. */
function usedBy({ device, final }: LiveView): UsedStethoscope | null | undefined {
  return final === null ? device?.stethoscope : final.stethoscope;
}
