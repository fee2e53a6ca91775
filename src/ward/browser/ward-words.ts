import { reasonSentence } from '../../verdict/verdict-words.js';
import type { Alarm, WardRow } from '../ward-board.js';

/** What the ward's page says. */

export const alarmWords: Readonly<Record<Alarm, string>> = {
  vanished: 'vanished: its connection broke and did not come back',
  silent: 'silent: it records, and nothing comes',
  'stethoscope-lost': 'has lost its stethoscope',
};

export function activity({ online, absence, state, connection }: WardRow): string {
  if (!online) return absence === 'vanished' ? 'vanished' : 'switched off';
  if (state === 'recording') return connection === 'lost' ? 'stethoscope lost' : 'recording';
  if (state === 'connecting') return 'looking for a stethoscope';
  if (state === 'stopping') return 'ending';
  return state === 'stopped' ? 'done' : 'waiting';
}

/** The signal of a recording under way, and whether it is something to look after. */
export function signal(row: WardRow): { readonly words: string; readonly isPoor: boolean } {
  if (row.state !== 'recording' || !row.online) return { words: '', isPoor: false };
  if (row.contact === false) return { words: 'no contact', isPoor: true };
  if (row.usable === null) return { words: 'no window yet', isPoor: false };
  const lost = row.lostSamples === 0 ? '' : `, ${row.lostSamples} samples lost`;
  return row.usable
    ? { words: `good signal${lost}`, isPoor: false }
    : { words: `poor signal${lost}`, isPoor: true };
}

export const reasonWords = (reasons: readonly string[]): string => reasons.map(reasonSentence).join('; ');
