import type { Naming } from '../../bedside/bedside-status.js';
import { chosenSite, siteQuestion, subjectField } from './choosing.js';
import type { Connection } from './connection.js';
import { element, make } from './elements.js';
import { subjectAdvice } from './subject-advice.js';
import { say } from './visit.js';

export interface Correctable extends Naming {
  /** Folder name. */
  readonly session: string;
  readonly note?: string | null;
}

/** As many as the server takes. */
const MOST_NOTE_CHARACTERS = 300;

/** Asks what is right of a stored recording; only what was changed is sent. */
export class CorrectionDialog {
  private shown: Correctable | undefined;

  /** @param onDone a correction was stored */
  constructor(
    private readonly connection: Connection,
    private readonly onDone: () => void,
  ) {
    element('correction-form').addEventListener('submit', (event) => {
      event.preventDefault();
      void this.store();
    });
    element('correction-cancel').addEventListener('click', () => this.close());
  }

  open(shown: Correctable): void {
    this.shown = shown;
    const note = make('textarea', {
      id: 'correction-note',
      rows: '2',
      maxlength: String(MOST_NOTE_CHARACTERS),
      placeholder: 'No names',
    });
    note.value = shown.note ?? '';
    element('correction-body').replaceChildren(
      siteQuestion('Site', 'correction-site', shown.site),
      subjectField('correction-subject', shown.subject ?? ''),
      make('label', { class: 'subject' }, 'Note', note),
    );
    say('correction-refusal', null);
    element<HTMLDialogElement>('correction').showModal();
  }

  private close(): void {
    element<HTMLDialogElement>('correction').close();
  }

  private async store(): Promise<void> {
    const { shown } = this;
    if (shown === undefined) return;
    const site = chosenSite(element('correction-body')) ?? null;
    const typed = element<HTMLInputElement>('correction-subject').value.trim();
    const advice = typed === '' ? null : subjectAdvice(typed);
    if (advice?.isCode === false) return say('correction-refusal', advice.sentence);
    const subject = typed === '' ? null : typed;
    const written = element<HTMLTextAreaElement>('correction-note').value.trim();
    const note = written === '' ? null : written;
    const change = {
      ...(site === shown.site ? {} : { site }),
      ...(subject === shown.subject ? {} : { subject }),
      // The live page does not know of a note that there is; it only adds one.
      ...(note === (shown.note ?? null) ? {} : { note }),
    };
    if (Object.keys(change).length === 0) return this.close();
    const refusal = await this.connection.send({ command: 'correct', session: shown.session, ...change });
    if (refusal !== null) return say('correction-refusal', refusal);
    this.close();
    this.onDone();
  }
}
