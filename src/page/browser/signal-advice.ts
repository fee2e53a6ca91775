import type { QualityReason } from '../../window/window.js';
import type { LiveView } from '../page-messages.js';

export type SignalLevel = 'good' | 'fair' | 'poor' | 'none';

/** A mark goes with every word: colour is never the only sign. */
export const levelIcons = { good: '✓', fair: '≈', poor: '!', none: '·' } as const;

export interface SignalAdvice {
  readonly level: SignalLevel;
  /** A word or two to be read from a distance. */
  readonly word: string;
  /** What to do now. */
  readonly advice: string;
  /** Nothing counts at the moment: the figures beside it are of before. */
  readonly isOld?: boolean;
}

/** How far the trace has come. */
export interface Present {
  /** Behind the newest sample, on the recording's time axis. */
  readonly heardSeconds: number;
  /** Since the page last got a piece of trace. */
  readonly silentMs: number;
  /** Whether this page hears lubdub. */
  readonly isConnected: boolean;
}

/** From here on a usable signal is called good. */
const GOOD_FROM = 0.75;
/** A window of three seconds comes every second. So much later than the last one ended, something is in its way. */
const LATE_SECONDS = 2;
/** The first window takes three seconds, and a moment to be scored. */
const FIRST_SECONDS = 4;
/** Pieces come twenty times a second. */
const SILENT_MS = 2500;

const byReason: Readonly<Record<QualityReason, readonly [word: string, advice: string]>> = {
  silent: ['Nothing heard', 'Press lightly onto the skin.'],
  flat: ['Flat line', 'Check the sensor and its cable.'],
  clipped: ['Too loud', 'Press less, or lower the gain.'],
  unsteady: ['Hold still', 'No rubbing, no talking.'],
  'no-heartbeat': ['No heartbeat', 'Press lightly; try another spot.'],
  'no-contact': ['No contact', 'Press it lightly onto the skin.'],
  'mains-hum': ['Mains hum', 'Unplug the charger; keep off leads.'],
  noisy: ['Too noisy', 'Ask for quiet, hold still.'],
};

/** What comes first is the first thing to mend. */
const order: readonly QualityReason[] = [
  'no-contact',
  'flat',
  'silent',
  'clipped',
  'mains-hum',
  'unsteady',
  'no-heartbeat',
  'noisy',
];

/** How good the signal is now, by what counts now, and what to do about it. */
export function signalAdvice(view: LiveView, present: Present): SignalAdvice {
  const { status, connection, contact, windows } = view;
  const lost = (word: string, advice: string): SignalAdvice => ({ level: 'poor', word, advice, isOld: true });
  if (!present.isConnected) return lost('No connection', 'This page has lost lubdub.');
  if (status.state === 'idle' && status.preview === 'listening') {
    const { level, word } = previewAdvice(view);
    return { level, word: 'Preview', advice: `${word}; name the site, then start.` };
  }
  if (status.state === 'idle') {
    const word = connection.state === 'connected' ? 'Ready' : 'Not recording';
    return { level: 'none', word, advice: 'Name the site, then start.' };
  }
  if (status.state === 'stopped') {
    if (view.final === null) return { level: 'none', word: 'Stopped', advice: 'There is no result.' };
    return { level: 'none', word: 'Finished', advice: 'Wrong site or code? Correct it.' };
  }
  if (connection.state === 'lost') return lost('No connection', 'Plug it in; recording goes on.');
  if (status.state === 'connecting') {
    return { level: 'none', word: 'Connecting', advice: 'Plug the stethoscope in.' };
  }
  if (contact === false) return lost('No contact', 'Press it lightly onto the skin.');
  if (present.silentMs > SILENT_MS && status.state === 'recording') {
    return lost('No data', 'Nothing arrives: check the plug.');
  }
  if (isLosing(view, present.heardSeconds)) return lost('Losing data', 'Nothing counts: check the plug.');
  const last = windows.at(-1);
  if (last === undefined) return { level: 'none', word: 'Listening', advice: 'Hold still.' };
  if (last.usable && last.reasons.includes('mains-hum')) {
    const [word, advice] = byReason['mains-hum'];
    return { level: 'fair', word, advice };
  }
  if (last.usable) {
    return last.quality >= GOOD_FROM
      ? { level: 'good', word: 'Good signal', advice: 'Hold still.' }
      : { level: 'fair', word: 'Fair signal', advice: 'Hold still; press lightly.' };
  }
  const reason = order.find((candidate) => last.reasons.includes(candidate)) ?? last.reasons[0] ?? 'noisy';
  const [word, advice] = byReason[reason] ?? byReason.noisy;
  return { level: 'poor', word, advice };
}

/** No window spans a gap: where gaps follow each other closely there is none at all, and nothing counts. */
function isLosing({ windows, gaps }: LiveView, heardSeconds: number): boolean {
  const gap = gaps.at(-1);
  if (gap === undefined) return false;
  const lastEnd = windows.at(-1)?.endSeconds ?? 0;
  const patience = windows.length === 0 ? FIRST_SECONDS : LATE_SECONDS;
  return gap.toSeconds >= lastEnd && Math.max(heardSeconds, gap.toSeconds) - lastEnd > patience;
}

/** The same of what is previewed: its words are those of a recording. */
export function previewAdvice(view: LiveView): SignalAdvice {
  const { preview } = view;
  if (preview === null) return { level: 'none', word: 'Listening', advice: 'Nothing is recorded.' };
  // Whether a window is a recording's or a preview's does not matter to them.
  const window = { ...preview, index: 0, startSeconds: 0, endSeconds: 0, dropped: null, logit: null };
  return signalAdvice(
    {
      ...view,
      status: { ...view.status, state: 'recording' },
      windows: [{ ...window, kind: 'window', probability: null }],
    },
    { heardSeconds: 0, silentMs: 0, isConnected: true },
  );
}
