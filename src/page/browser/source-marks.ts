import type { LiveView } from '../page-messages.js';
import { make, setText } from './elements.js';
import { signalAdvice } from './signal-advice.js';

/** What the trace is of, where it is not of a recording, or not of a person: where nobody misses it. */
export class SourceMarks {
  private readonly preview = make('p', { class: 'preview-mark', role: 'status' });
  private readonly simulated = make('p', { class: 'simulated-mark' }, 'SIMULATED');

  /**
   * @param trace where the trace is drawn
   * @param bands where the spectrogram is drawn; there is room in its corner
   */
  constructor(trace: Element, bands: Element) {
    this.preview.hidden = true;
    this.simulated.hidden = true;
    this.simulated.title = 'Nobody is listened to: a simulated stethoscope plays a recording.';
    trace.append(this.preview);
    bands.append(this.simulated);
  }

  takeView(view: LiveView): void {
    const { preview = null } = view.status;
    this.preview.hidden = preview !== 'listening';
    this.simulated.hidden = !view.simulated;
    if (preview === 'listening') setText(this.preview, `Preview, nothing is stored: ${howGood(view)}`);
  }
}

function howGood(view: LiveView): string {
  const { status, contact, preview } = view;
  if (preview === null) return 'listening …';
  // The words of a recording; whether a window is a recording's or a preview's does not matter to them.
  const windows = [{ ...preview, index: 0, startSeconds: 0, endSeconds: 0, dropped: null, logit: null }];
  const { word } = signalAdvice(
    {
      ...view,
      status: { ...status, state: 'recording' },
      contact,
      windows: windows.map((window) => ({ ...window, kind: 'window', probability: null })),
    },
    { heardSeconds: 0, silentMs: 0, isConnected: true },
  );
  const rate = preview.heartRateBpm === null ? '' : `, ${Math.round(preview.heartRateBpm)} a minute`;
  return `${word.toLowerCase()}${rate}`;
}
