import type { WindowEvent } from '../screen/result-events.js';
import type { Site } from '../verdict/site.js';

export interface Naming {
  readonly site: Site | null;
  /** A pseudonymous code. */
  readonly subject: string | null;
}

export interface ControllerStatus extends Naming {
  /**
   * `idle`: nothing was recorded yet. `connecting`: a device is looked for. `stopping`: asked to end, the last windows
   * are on their way. `stopped`: the recording has its final result, or failed.
   */
  readonly state: 'idle' | 'connecting' | 'recording' | 'stopping' | 'stopped';
  /** Folder name of the stored session of this recording, `null` where none is stored. */
  readonly session: string | null;
  /**
   * While nothing is recorded: `listening` where a stethoscope is heard, `searching` where one is looked for. Nothing of
   * what is heard is stored or judged. `null` or absent: it is not listened to.
   */
  readonly preview?: 'searching' | 'listening' | null;
}

/** How good the signal is that a person previews; the heart rate is joined over the last windows. */
export type PreviewWindow = Pick<WindowEvent, 'quality' | 'usable' | 'reasons' | 'heartRateBpm'>;

export interface HeartSoundMark {
  readonly timeSeconds: number;
  readonly sound: 'S1' | 'S2';
}
