import type { LiveView } from '../page-messages.js';
import { element, setText } from './elements.js';

/** Short: on a small screen the pills share a line. */
const ADVICE = { quiet: 'Quiet: more gain', clipping: 'Clips: less gain' } as const;

/** How loud a sound card or a pipe is, and what to do about its gain; nothing for a stethoscope that has none to set. */
export function showLevel({ level, status }: LiveView): void {
  const pill = element('level');
  pill.hidden = level === null || status.state === 'idle';
  if (level === null) return;
  const figure = level.peakDbfs === null ? 'Level: silent' : `Level ${Math.round(level.peakDbfs)} dB`;
  setText(pill, level.advice === 'good' ? figure : `! ${ADVICE[level.advice]}`);
  pill.title = figure;
  pill.dataset.level = level.advice === 'good' ? 'none' : 'poor';
}
