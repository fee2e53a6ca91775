import type { QualityReason } from '../../window/window.js';
import type { LiveView } from '../page-messages.js';

export type SignalLevel = 'good' | 'fair' | 'poor' | 'none';

export interface SignalAdvice {
  readonly level: SignalLevel;
  /** A word or two to be read from a distance. */
  readonly word: string;
  /** What to do now. */
  readonly advice: string;
}

/** From here on a usable signal is called good. */
const GOOD_FROM = 0.75;

const byReason: Readonly<Record<QualityReason, readonly [word: string, advice: string]>> = {
  silent: ['Nothing heard', 'Press lightly onto the skin.'],
  flat: ['Flat line', 'Check the sensor and its cable.'],
  clipped: ['Too loud', 'Press less, or lower the gain.'],
  unsteady: ['Hold still', 'Handling, rubbing or speech disturbs.'],
  'no-heartbeat': ['No heartbeat', 'Press lightly, or move to another spot.'],
  'mains-hum': ['Mains hum', 'Unplug the charger; keep away from leads and lamps.'],
  noisy: ['Too noisy', 'Ask for quiet, hold still.'],
};

/** What comes first is the first thing to mend. */
const order: readonly QualityReason[] = [
  'flat',
  'silent',
  'clipped',
  'mains-hum',
  'unsteady',
  'no-heartbeat',
  'noisy',
];

/** How good the signal is now, and what to do about it. */
export function signalAdvice(view: LiveView): SignalAdvice {
  const { status, connection, contact, windows } = view;
  if (status.state === 'idle')
    return { level: 'none', word: 'Not recording', advice: 'Name the site, then start.' };
  if (status.state === 'stopped')
    return { level: 'none', word: 'Stopped', advice: 'Start again for the next site.' };
  if (connection.state === 'lost') {
    return { level: 'poor', word: 'No connection', advice: 'Check the plug; recording goes on by itself.' };
  }
  if (status.state === 'connecting') {
    return { level: 'none', word: 'Connecting', advice: 'Plug the stethoscope in.' };
  }
  if (contact === false) {
    return { level: 'poor', word: 'No contact', advice: 'Place it on the skin and press lightly.' };
  }
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
  const [word, advice] = byReason[reason];
  return { level: 'poor', word, advice };
}
