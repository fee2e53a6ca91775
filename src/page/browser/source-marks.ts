import type { LiveView } from '../page-messages.js';
import { element, make, setText } from './elements.js';
import { previewAdvice } from './signal-advice.js';

/**
 * What the trace is of, where it is not of a recording, or not of a person. That a simulator plays stands once, in the
 * line that is always in sight.
 */
export class SourceMarks {
  private readonly preview = make('p', { class: 'preview-mark', role: 'status' });

  /** @param trace where the trace is drawn */
  constructor(trace: Element) {
    this.preview.hidden = true;
    element('simulated').title = 'Nobody is listened to: a simulated stethoscope plays a recording.';
    trace.append(this.preview);
  }

  takeView(view: LiveView): void {
    const { preview = null } = view.status;
    this.preview.hidden = preview !== 'listening';
    element('simulated').hidden = !view.simulated;
    if (preview === 'listening') setText(this.preview, `Preview, nothing is stored: ${howGood(view)}`);
  }
}

function howGood(view: LiveView): string {
  if (view.preview === null) return 'listening …';
  const { heartRateBpm } = view.preview;
  const rate = heartRateBpm === null ? '' : `, ${Math.round(heartRateBpm)} a minute`;
  return `${previewAdvice(view).word.toLowerCase()}${rate}`;
}
