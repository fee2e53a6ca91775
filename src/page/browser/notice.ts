import type { LiveView } from '../page-messages.js';

export interface Notice {
  /** One line for the bedside. */
  readonly short: string;
  /** Paths, commands, all of it: for whoever mends it. `null` where there is no more. */
  readonly details: string | null;
  readonly isPoor: boolean;
}

/** Longer than this is no line to be read beside a patient. */
const MOST_CHARACTERS = 130;

/**
 * The one thing that a person should read now.
 *
 * @param skippedTraceFrames pieces of the trace that this page was too slow for
 * @param stethoscope what the profile means, `null` before a device has answered
 */
export function noticeOf(view: LiveView, skippedTraceFrames: number, stethoscope: string | null): Notice {
  const { error, connection, notices, droppedWindows, status } = view;
  if (error !== null) return { ...shortened(error), isPoor: true };
  if (connection.state === 'lost') {
    const short = 'The stethoscope was unplugged or no longer answers.';
    return { short, details: connection.message, isPoor: true };
  }
  if (connection.state === 'searching' && connection.message !== null && status.state === 'connecting') {
    return { short: 'No stethoscope answers yet.', details: connection.message, isPoor: false };
  }
  const latest = notices.at(-1);
  if (latest !== undefined && latest !== '') return { ...shortened(latest), isPoor: false };
  const sentence =
    droppedWindows > 0
      ? `${droppedWindows} windows were not scored: this machine is too slow.`
      : skippedTraceFrames > 0
        ? `This page was too slow for ${skippedTraceFrames} pieces of the trace; the recording has them.`
        : (stethoscope ?? '');
  return { short: sentence, details: null, isPoor: false };
}

/** Its first sentence, or its beginning. */
function shortened(text: string): Pick<Notice, 'short' | 'details'> {
  if (text.length <= MOST_CHARACTERS && !text.includes('\n')) return { short: text, details: null };
  const [line] = text.split('\n');
  const end = line.search(/[;:,] /);
  const short =
    line.length <= MOST_CHARACTERS
      ? line
      : line.slice(0, end > 20 ? Math.min(end, MOST_CHARACTERS) : MOST_CHARACTERS);
  return { short: `${short.replace(/[.…]$/, '')}…`, details: text };
}
