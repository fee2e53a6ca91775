import { JOINT_RULE, type Examination } from '../../verdict/examination.js';
import { type LiveView, type PageFacts } from '../page-messages.js';
import type { Connection } from './connection.js';
import { element, setText } from './elements.js';
import { showLevel } from './level-pill.js';
import { signalAdvice } from './signal-advice.js';
import { siteName, toPercent, verdictIcon, verdictName } from './words.js';
import { SITES, type Site } from '../../verdict/site.js';
import type { Naming } from '../../bedside/bedside-status.js';
import { reasonSentence, stethoscopeSentence, type UsedStethoscope } from '../../verdict/verdict-words.js';
import type { VerdictEvent } from '../../screen/result-events.js';

const levelIcons = { good: '✓', fair: '≈', poor: '!', none: '·' } as const;

/** Everything on the live page that is words, numbers and buttons. */
export class LiveScreen {
  private facts: PageFacts | undefined;
  private view: LiveView | undefined;
  private skippedTraceFrames = 0;

  constructor(private readonly connection: Connection) {
    const form = element<HTMLFormElement>('controls');
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.ask({ command: 'start', ...this.naming() });
    });
    element('stop').addEventListener('click', () => void this.ask({ command: 'stop' }));
    element('discard').addEventListener('click', () => element<HTMLDialogElement>('confirm').showModal());
    element('confirm').addEventListener('close', () => {
      const dialog = element<HTMLDialogElement>('confirm');
      if (dialog.returnValue === 'discard') void this.ask({ command: 'discard' });
      dialog.returnValue = '';
    });
    element('sites').addEventListener('change', () => void this.ask({ command: 'name', ...this.naming() }));
    element('subject').addEventListener('change', () => {
      if (form.reportValidity()) void this.ask({ command: 'name', ...this.naming() });
    });
    setText(element('joint-rule'), JOINT_RULE);
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

  takeView(view: LiveView): void {
    this.view = view;
    this.showLine(view);
    showLevel(view);
    this.showSignal(view);
    this.showVerdict(view);
    this.showStethoscope(view);
    this.showNotice(view);
    this.showControls(view);
    this.showExamination(view.examination);
    const isKnown = view.heartRateBpm !== null && view.status.state !== 'idle';
    setText(element('rate-value'), isKnown ? String(Math.round(view.heartRateBpm)) : '–');
    element('rate-value').setAttribute('aria-label', isKnown ? '' : 'not known');
    if (isKnown) element('rate-value').removeAttribute('aria-label');
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
    const { level, word, advice } = signalAdvice(view);
    element('signal').dataset.level = level;
    setText(element('signal-icon'), levelIcons[level]);
    setText(element('signal-word'), word);
    setText(element('signal-advice'), advice);
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
    setText(element('verdict-title'), final === null ? 'Verdict so far' : 'Result');
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
    const { error, connection, notices, droppedWindows } = view;
    const skipped = this.skippedTraceFrames;
    const sentences = [
      error,
      connection.message,
      notices.at(-1) ?? null,
      droppedWindows === 0 ? null : `${droppedWindows} windows were not scored: this machine is too slow.`,
      skipped === 0
        ? null
        : `This page was too slow for ${skipped} pieces of the trace; the recording has them.`,
      this.stethoscopeWords(view),
    ];
    setText(element('notice'), sentences.find((sentence) => sentence !== null && sentence !== '') ?? '');
    element('notice').dataset.level = error === null && connection.state !== 'lost' ? 'none' : 'poor';
  }

  private showControls({ status, examination }: LiveView): void {
    const { state, site, subject } = status;
    const isRunning = state === 'recording' || state === 'connecting' || state === 'stopping';
    showInstead(element<HTMLButtonElement>('start'), element<HTMLButtonElement>('stop'), isRunning);
    element<HTMLButtonElement>('stop').disabled = state === 'stopping';
    element<HTMLButtonElement>('discard').disabled =
      state === 'idle' || state === 'connecting' || state === 'stopping';
    for (const input of document.querySelectorAll<HTMLInputElement>('#sites input')) {
      if (input.matches(':focus') === false || isRunning)
        input.checked = input.value === site || input.checked;
      const result = examination?.sites.find((candidate) => candidate.site === input.value);
      const note = input.parentElement!.querySelector('small')!;
      setText(note, result === undefined ? '' : `${verdictIcon(result.verdict)} ${result.verdict}`);
    }
    const input = element<HTMLInputElement>('subject');
    if (subject !== null && !input.matches(':focus') && input.value !== subject) input.value = subject;
  }

  private showExamination(examination: Examination | null): void {
    element('examination').hidden = examination === null;
    const line = element('joint-line');
    line.hidden = examination === null || examination.recordings < 2;
    if (examination === null) return;
    const { subject, verdict, probability, reasons, usableSeconds, recordings, sites } = examination;
    setText(line, `All ${recordings} recordings: ${verdictIcon(verdict)} ${verdict}`);
    element('examination').dataset.verdict = verdict;
    setText(element('examination-title'), `Examination of ${subject}`);
    setText(element('joint-icon'), verdictIcon(verdict));
    setText(element('joint-word'), verdictName(verdict));
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
    setText(element('joint-sites'), `${share}${why}${heard.join(' · ')}${open}`);
  }

  private naming(): Naming {
    const chosen = document.querySelector<HTMLInputElement>('#sites input:checked');
    const subject = element<HTMLInputElement>('subject').value;
    return { site: (chosen?.value as Site | undefined) ?? null, subject: subject === '' ? null : subject };
  }

  private async ask(command: Parameters<Connection['send']>[0]): Promise<void> {
    const refusal = await this.connection.send(command);
    setText(element('refusal'), refusal === null ? '' : `${capital(refusal)}.`.replace('..', '.'));
  }
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

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
