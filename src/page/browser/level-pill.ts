import type { LiveView } from '../page-messages.js';
import { element, setText } from './elements.js';

const WORDS = {
  good: ['', 'none'],
  quiet: [' · too quiet, more gain', 'poor'],
  clipping: [' · clipping, less gain', 'poor'],
} as const;

/** How loud a sound card or a pipe is, and what to do about its gain; nothing for a stethoscope that has none to set. */
export function showLevel({ level, status }: LiveView): void {
  const pill = element('level');
  pill.hidden = level === null || status.state === 'idle';
  if (level === null) return;
  const [advice, state] = WORDS[level.advice];
  const figure = level.peakDbfs === null ? 'silent' : `${Math.round(level.peakDbfs)} dB`;
  setText(pill, `Level ${figure}${advice}`);
  pill.dataset.level = state;
}
