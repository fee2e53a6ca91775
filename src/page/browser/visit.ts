import type { ControllerStatus, Naming } from '../../bedside/bedside-status.js';
import type { Examination } from '../../verdict/examination.js';
import { SITES, type Site } from '../../verdict/site.js';
import type { LiveView } from '../page-messages.js';
import { chosenSite, siteQuestion, subjectField } from './choosing.js';
import type { Connection } from './connection.js';
import { element, make, setText } from './elements.js';
import { subjectAdvice } from './subject-advice.js';
import { capital, siteName, verdictIcon } from './words.js';

/** What is chosen goes to the server this late, so that many taps are one message. */
const TELL_MS = 300;

/**
 * Whom the next recording is of, and where. From the first tap on the choice belongs to the person: nothing that the
 * server says changes it until the recording has begun. While one is under way its site stands there instead, large,
 * in the same place.
 */
export class Visit {
  private isMine = false;
  private site: Site | null = null;
  /** Somebody said that there is none. */
  private isWithoutSubject = false;
  private isRunning = false;
  private view: LiveView | undefined;
  private telling: number | undefined;
  private isStarting = false;

  /** @param onNewPatient what was shown of the last one is to go */
  constructor(
    private readonly connection: Connection,
    private readonly onNewPatient: () => void,
  ) {
    element('controls').addEventListener('submit', (event) => {
      event.preventDefault();
      this.start();
    });
    element('sites').addEventListener('change', () => {
      this.site = chosenSite(element('sites')) ?? null;
      this.take();
    });
    const subject = element<HTMLInputElement>('subject');
    subject.addEventListener('input', () => {
      this.isMine = true;
      this.isWithoutSubject = false;
      say('refusal', null);
    });
    subject.addEventListener('change', () => {
      const { isCode, sentence } = this.advice();
      say('refusal', sentence);
      if (isCode) this.take();
    });
    element('new-patient').addEventListener('click', () => this.newPatient());
    element('ask-form').addEventListener('submit', (event) => {
      event.preventDefault();
      this.answer();
    });
    element('ask-cancel').addEventListener('click', () => element<HTMLDialogElement>('ask').close());
  }

  takeView(view: LiveView): void {
    const { status, examination } = view;
    const wasRunning = this.isRunning;
    this.isRunning = isUnderWay(status);
    this.view = view;
    if (!this.isMine && !this.isRunning) this.adopt(status);
    // The next spot is another one, and nobody has chosen it yet.
    if (wasRunning && !this.isRunning && status.state === 'stopped') this.next(status);
    const isTold = this.isRunning;
    element('choosing').hidden = isTold;
    const now = element('now');
    now.hidden = !isTold;
    if (isTold) this.showNow(status);
    this.showSites(examination);
  }

  /** A spot that this subject was not yet listened to at, in their order; `null` where there is none. */
  get nextSite(): Site | null {
    const heard = this.view?.examination?.sites ?? [];
    return SITES.find((site) => !heard.some((result) => result.site === site)) ?? null;
  }

  get subject(): string | null {
    const typed = element<HTMLInputElement>('subject').value.trim();
    return typed === '' ? null : typed;
  }

  private advice(): ReturnType<typeof subjectAdvice> {
    return this.subject === null ? { isCode: true, sentence: null } : subjectAdvice(this.subject);
  }

  private adopt({ site, subject, state }: ControllerStatus): void {
    this.site = state === 'idle' ? site : null;
    const input = element<HTMLInputElement>('subject');
    if (!input.matches(':focus')) input.value = subject ?? '';
    this.check();
  }

  private next({ subject }: ControllerStatus): void {
    this.isMine = true;
    this.site = null;
    element<HTMLInputElement>('subject').value = subject ?? '';
    this.check();
  }

  private newPatient(): void {
    this.site = null;
    this.isWithoutSubject = false;
    element<HTMLInputElement>('subject').value = '';
    this.check();
    say('refusal', null);
    this.take();
    this.onNewPatient();
    element('subject').focus();
  }

  /** The person has the choice from now on. */
  private take(): void {
    this.isMine = true;
    clearTimeout(this.telling);
    this.telling = window.setTimeout(() => this.tell(), TELL_MS);
  }

  private tell(): void {
    clearTimeout(this.telling);
    this.telling = undefined;
    // The server may know better by now, which is no fault of the person's.
    if (!this.isRunning && this.advice().isCode)
      void this.connection.send({ command: 'name', ...this.naming() });
  }

  private naming(): Naming {
    return { site: this.site, subject: this.subject };
  }

  private check(): void {
    for (const input of document.querySelectorAll<HTMLInputElement>('#sites input')) {
      input.checked = input.value === this.site;
    }
  }

  private start(): void {
    const { isCode, sentence } = this.advice();
    if (!isCode) {
      say('refusal', sentence);
      element('subject').focus();
      return;
    }
    const needsSubject = this.subject === null && !this.isWithoutSubject;
    if (this.site !== null && !needsSubject) return this.begin(this.naming());
    const site = siteQuestion('Where does the stethoscope stand?', 'ask-site', undefined, this.nextSite);
    element('ask-sites').replaceChildren(...(this.site === null ? [site] : []));
    const box = make('input', { type: 'checkbox', id: 'ask-without' });
    const without = make('label', { class: 'check' }, box, 'Without a code: it then joins no examination');
    element('ask-subject').replaceChildren(...(needsSubject ? [subjectField('ask-code', ''), without] : []));
    say('ask-refusal', null);
    element<HTMLDialogElement>('ask').showModal();
  }

  /** What was asked for before the start. */
  private answer(): void {
    const asksSite = element('ask-sites').childElementCount > 0;
    const site = asksSite ? chosenSite(element('ask-sites')) : this.site;
    if (site === undefined) return say('ask-refusal', 'Choose a site, or “Without a site”.');
    let { subject } = this;
    if (element('ask-subject').childElementCount > 0) {
      const typed = element<HTMLInputElement>('ask-code').value.trim();
      const isWithout = element<HTMLInputElement>('ask-without').checked;
      if (typed === '' && !isWithout) return say('ask-refusal', 'Enter a code, or choose “Without a code”.');
      const advice = typed === '' ? null : subjectAdvice(typed);
      if (advice?.isCode === false) return say('ask-refusal', advice.sentence);
      this.isWithoutSubject = typed === '';
      subject = typed === '' ? null : typed;
      element<HTMLInputElement>('subject').value = typed;
    }
    this.isMine = true;
    this.site = site;
    this.check();
    element<HTMLDialogElement>('ask').close();
    this.begin({ site, subject });
  }

  private begin(naming: Naming): void {
    // A finger that taps twice starts once.
    if (this.isStarting) return;
    this.isStarting = true;
    clearTimeout(this.telling);
    void this.connection.send({ command: 'start', ...naming }).then((refusal) => {
      this.isStarting = false;
      say('refusal', refusal);
    });
  }

  private showNow({ site, subject, state }: ControllerStatus): void {
    setText(element('now-site'), site === null ? 'Without a site' : siteName(site));
    const what = { connecting: 'Looking for the stethoscope', stopping: 'Ending' } as Partial<
      Record<string, string>
    >;
    setText(element('now-subject'), `${what[state] ?? 'Recording'} · ${subject ?? 'without a code'}`);
  }

  private showSites(examination: Examination | null): void {
    const next = examination === null ? null : this.nextSite;
    for (const input of document.querySelectorAll<HTMLInputElement>('#sites input')) {
      const result = examination?.sites.find((candidate) => candidate.site === input.value);
      const isNext = input.value === next;
      input.parentElement!.dataset.next = String(isNext && !input.checked);
      const word =
        result === undefined
          ? isNext
            ? 'next'
            : '–'
          : `${verdictIcon(result.verdict)} ${shortVerdict(result.verdict)}`;
      setText(input.parentElement!.querySelector('small')!, word);
    }
  }
}

/** As wide as a button is. */
const shortVerdict = (verdict: string): string => (verdict === 'inconclusive' ? 'unclear' : verdict);

export function isUnderWay({ state }: ControllerStatus): boolean {
  return state === 'recording' || state === 'connecting' || state === 'stopping';
}

/** A sentence of why something cannot be, or nothing. */
export function say(id: string, sentence: string | null): void {
  setText(element(id), sentence === null ? '' : `${capital(sentence)}.`.replace(/([.?!”])\.$/, '$1'));
}
