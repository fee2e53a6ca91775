import type { FitStatus, StethoscopeStatus } from '../../../bedside/fit-status.js';
import { meaningWords, shiftWords, trustWords } from '../../../verdict/stethoscope-profile-words.js';
import { stethoscopeSentence } from '../../../verdict/verdict-words.js';
import type { FalseAlarms } from '../../../verdict/verdict-words.js';
import type { LiveView, TraceFrame } from '../../page-messages.js';
import type { Connection } from '../connection.js';
import { element, make, setText } from '../elements.js';
import { levelIcons, previewAdvice } from '../signal-advice.js';
import { say } from '../visit.js';
import { capital, toDate } from '../words.js';
import { FitTrace } from './fit-trace.js';
import { givingUpWords, peopleLines, stepTitle, stepWords } from './fit-words.js';

/** How far a recording has come is looked at so often. */
const LOOK_MS = 250;

type Part = 'overview' | 'steps' | 'result';

/** The stethoscope, its profile, and how one is fitted, colleague by colleague. All of it is as the server says. */
export class FitScreen {
  private readonly trace = new FitTrace();
  private view: LiveView | undefined;
  private part: Part | undefined;
  private falseAlarms: FalseAlarms | null = null;
  /** The name in the field is the person's own. */
  private isNamed = false;
  private isShown = false;
  /** Why the last step was refused, until the next. */
  private refusal: string | null = null;

  constructor(private readonly connection: Connection) {
    element('fit-form').addEventListener('submit', (event) => {
      event.preventDefault();
      void this.begin();
    });
    element('fit-name').addEventListener('input', () => {
      this.isNamed = true;
      say('fit-refusal', null);
    });
    for (const step of ['record', 'stop', 'next', 'finish', 'leave-out'] as const) {
      element(`fit-${step}`).addEventListener('click', () => void this.step(`fit-${step}`));
    }
    element('fit-done').addEventListener('click', () => void this.step('fit-cancel'));
    element('fit-cancel').addEventListener('click', () => this.askToCancel());
    this.onAnswer('fit-giving-up', 'cancel', () => void this.step('fit-cancel'));
    for (const id of ['fit-remove', 'fit-undo']) {
      element(id).addEventListener('click', () => element<HTMLDialogElement>('fit-removal').showModal());
    }
    this.onAnswer('fit-removal', 'remove', () => void this.remove());
    setInterval(() => this.showProgress(), LOOK_MS);
  }

  takeFacts(falseAlarms: FalseAlarms | null): void {
    this.falseAlarms = falseAlarms;
  }

  takeView(view: LiveView): void {
    this.view = view;
    this.trace.takeView(view);
    const { stethoscope } = view;
    element('go-fit').hidden = stethoscope === null;
    if (stethoscope !== null) this.showPart(stethoscope);
  }

  takeTrace(frame: TraceFrame): void {
    this.trace.takeTrace(frame);
  }

  takeConnection(isConnected: boolean): void {
    if (!isConnected) this.trace.forget();
  }

  recolour(): void {
    this.trace.recolour();
  }

  show(isShown: boolean): void {
    this.isShown = isShown;
    this.trace.show(isShown && this.part === 'steps');
  }

  private showPart(stethoscope: StethoscopeStatus): void {
    const { fit } = stethoscope;
    const part = fit === null ? 'overview' : fit.stage === 'done' ? 'result' : 'steps';
    const before = this.part;
    this.part = part;
    element('fit').dataset.part = part;
    for (const each of ['overview', 'steps', 'result'] as const)
      element(`fit-${each}`).hidden = each !== part;
    if (part === 'overview') this.showOverview(stethoscope);
    else if (part === 'result') this.showResult(stethoscope, fit!);
    else this.showStep(fit!);
    this.trace.show(this.isShown && part === 'steps');
    if (before === undefined || before === part || !this.isShown) return;
    // Whoever cannot see that the page changed hears where it is now.
    const heading = { overview: 'fit-title', steps: 'fit-step-title', result: 'fit-result-title' }[part];
    element(heading).focus({ preventScroll: true });
    scrollTo(0, 0);
  }

  private showOverview({ device, profile, proposedName, mayKeep }: StethoscopeStatus): void {
    setText(element('fit-device'), device ?? 'None answers');
    const unknown = stethoscopeSentence(null, this.falseAlarms);
    const date = profile === null ? '' : toDate(profile.createdAt).slice(0, 10);
    setText(
      element('fit-profile'),
      profile !== null
        ? `Profile ${profile.name}, fitted on ${profile.persons} healthy people on ${date}: ${shiftWords(profile)}.`
        : device === null
          ? 'Plug it in: it is found by itself.'
          : `${capital(unknown)}.`,
    );
    setText(element('fit-meaning'), profile === null ? '' : meaningWords(profile));
    setText(element('fit-trust'), profile === null ? '' : trustWords(profile));
    element('fit-remove').hidden = profile === null;
    element('fit-old').hidden = profile === null;
    setText(
      element('fit-form-title'),
      profile === null ? 'Fit this stethoscope' : 'Fit this stethoscope anew',
    );
    element('fit-keep-choice').hidden = !mayKeep;
    const name = element<HTMLInputElement>('fit-name');
    if (!this.isNamed && name.value !== proposedName) name.value = proposedName;
  }

  private showStep(fit: FitStatus): void {
    const { stage, person, persons, leastPersons, problem } = fit;
    const own = fit.recordings.filter((recording) => recording.person === person);
    const hasUsable = own.some(({ isUsable }) => isUsable);
    const isRecording = stage === 'searching' || stage === 'recording';
    const isReady = stage === 'ready';
    setText(element('fit-step-title'), stepTitle(fit));
    setText(element('fit-step'), stepWords(fit));
    say('fit-problem', this.refusal ?? problem);
    setText(element('fit-people-title'), `For the profile ${fit.name}`);
    const lines = peopleLines(fit);
    const list = element('fit-people');
    if (list.textContent !== lines.join(''))
      list.replaceChildren(...lines.map((line) => make('li', {}, line)));
    setText(
      element('fit-record'),
      own.length === 0 ? 'Record' : hasUsable ? 'Record another spot' : 'Record again',
    );
    element('fit-record').classList.toggle('primary', !hasUsable);
    element('fit-finish').classList.toggle('primary', hasUsable && persons >= leastPersons);
    this.showButtons({
      'fit-stop': isRecording,
      'fit-record': isReady,
      'fit-next': isReady && hasUsable,
      'fit-finish': isReady && persons >= leastPersons,
      'fit-leave-out': isReady && own.length > 0,
      'fit-cancel': stage !== 'fitting',
    });
    this.showSignal();
    this.showProgress();
  }

  /** Where a button goes that the keyboard stands on, the first that is left takes its place. */
  private showButtons(shown: Readonly<Record<string, boolean>>): void {
    const hasFocus = Object.keys(shown).some((id) => element(id).matches(':focus'));
    for (const [id, isShown] of Object.entries(shown)) element(id).hidden = !isShown;
    if (!hasFocus || Object.keys(shown).some((id) => element(id).matches(':focus'))) return;
    const order = ['fit-stop', 'fit-next', 'fit-record', 'fit-finish'];
    const next = order.find((id) => shown[id] === true);
    if (next !== undefined) element(next).focus();
  }

  private showSignal(): void {
    if (this.view === undefined) return;
    const { status, connection } = this.view;
    const isHeard = status.preview === 'listening';
    const isRecording = this.view.stethoscope?.fit?.stage === 'recording';
    const { level, word, advice } = isHeard
      ? isRecording && this.view.preview === null
        ? { level: 'none' as const, word: 'Listening', advice: 'Hold still.' }
        : previewAdvice(this.view)
      : {
          level: 'none' as const,
          word: connection.state === 'lost' ? 'No connection' : 'Not heard yet',
          advice: 'Plug the stethoscope in.',
        };
    element('fit-signal').dataset.level = level;
    setText(element('fit-signal-icon'), levelIcons[level]);
    setText(element('fit-signal-word'), word);
    setText(element('fit-signal-advice'), advice);
  }

  private showProgress(): void {
    const fit = this.view?.stethoscope?.fit;
    if (fit === undefined || fit === null || this.part !== 'steps') return;
    const isRecording = fit.stage === 'recording';
    element('fit-progress').hidden = !isRecording;
    if (!isRecording) return;
    const heard = Math.min(fit.seconds, Math.floor(this.trace.heardSeconds));
    const bar = element<HTMLProgressElement>('fit-bar');
    bar.max = fit.seconds;
    bar.value = heard;
    setText(element('fit-seconds'), `${heard} of ${fit.seconds} s`);
  }

  private showResult({ isKnownAgain }: StethoscopeStatus, { result, name }: FitStatus): void {
    if (result === null) return;
    const { persons, usableSeconds, leftOut } = result;
    setText(element('fit-result-title'), `Profile ${name}`);
    setText(element('fit-result-meaning'), meaningWords(result));
    setText(element('fit-result-shift'), `${capital(shiftWords(result))}.`);
    setText(element('fit-result-trust'), trustWords(result));
    const unused =
      leftOut === 0 ? '' : `; ${leftOut} ${leftOut === 1 ? 'recording was' : 'recordings were'} not usable`;
    setText(
      element('fit-result-people'),
      `It rests on ${persons} colleagues and ${usableSeconds.toFixed(0)} s of good signal${unused}. It is used from the ` +
        'next recording on; every result says so.',
    );
    const again = element('fit-result-again');
    again.hidden = isKnownAgain;
    setText(
      again,
      `This stethoscope does not tell who it is: when lubdub begins anew, name its profile with --stethoscope ${name}.`,
    );
  }

  private async begin(): Promise<void> {
    const name = element<HTMLInputElement>('fit-name').value.trim();
    const keep = element<HTMLInputElement>('fit-keep').checked;
    const refusal = await this.connection.send({ command: 'fit', name, keep });
    say('fit-refusal', refusal);
    if (refusal === null) this.isNamed = false;
    else element('fit-name').focus();
  }

  private async step(
    command: 'fit-record' | 'fit-stop' | 'fit-next' | 'fit-leave-out' | 'fit-finish' | 'fit-cancel',
  ): Promise<void> {
    this.refusal = null;
    this.refusal = await this.connection.send({ command });
    say(this.part === 'result' ? 'fit-result-refusal' : 'fit-problem', this.refusal);
  }

  private async remove(): Promise<void> {
    const name = this.view?.stethoscope?.profile?.name;
    if (name === undefined) return;
    const refusal = await this.connection.send({ command: 'remove-profile', name });
    say(this.part === 'result' ? 'fit-result-refusal' : 'fit-refusal', refusal);
  }

  private askToCancel(): void {
    const fit = this.view?.stethoscope?.fit ?? null;
    if (fit === null) return;
    setText(element('fit-giving-up-text'), givingUpWords(fit));
    element<HTMLDialogElement>('fit-giving-up').showModal();
  }

  private onAnswer(id: string, answer: string, act: () => void): void {
    const dialog = element<HTMLDialogElement>(id);
    dialog.addEventListener('close', () => {
      if (dialog.returnValue === answer) act();
      dialog.returnValue = '';
    });
  }
}
