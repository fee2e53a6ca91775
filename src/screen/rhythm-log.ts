import { RhythmWatch, type RhythmNotice, type RhythmSummary } from '../heart/rhythm-watch.js';
import type { Gap } from '../decode/samples.js';
import type { JudgedWindow } from '../verdict/verdict-log.js';
import type { RhythmEvent } from './result-events.js';
import { rhythmSentence } from './rhythm-words.js';

/**
 * The rhythm notices of one recording, as its windows and gaps go out. They stand beside the verdict, which does not know
 * of them, and are the same from a file, a replay and a stethoscope.
 */
export class RhythmLog {
  private readonly watch = new RhythmWatch();

  /** @param file what the recording is called */
  constructor(private readonly file: string) {}

  /** @returns what this settles, to be told behind it */
  push(value: JudgedWindow | Gap): RhythmEvent[] {
    if (value.kind === 'gap') return this.end();
    const { startSeconds, endSeconds, quality, sounds = [] } = value.window;
    return this.told(
      this.watch.pushWindow({
        startSeconds,
        endSeconds,
        quality: quality.sqi,
        isContact: !quality.reasons.includes('no-contact'),
        sounds,
      }),
    );
  }

  /** @returns what the end of the recording, or of a stretch, settles */
  end(): RhythmEvent[] {
    return this.told(this.watch.endStretch());
  }

  summary(): RhythmSummary {
    return this.watch.summary();
  }

  private told(notices: readonly RhythmNotice[]): RhythmEvent[] {
    return notices.map((notice) => ({
      kind: 'rhythm',
      file: this.file,
      ...notice,
      message: rhythmSentence(notice),
    }));
  }
}
