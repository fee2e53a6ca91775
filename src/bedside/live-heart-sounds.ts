import type { ConditionedChunk } from '../condition/conditioned.js';
import { HeartSounds, type HeartSoundsOptions } from '../heart/heart-sounds.js';
import type { HeartSoundMark } from './bedside-status.js';

/**
 * First and second heart sounds of one recording while it is listened to, for the page's trace: on the source's time
 * axis, each when it is settled. Begins anew with every stretch. It finds a cycle in anything; the page shows those that
 * lie in usable windows.
 */
export class LiveHeartSounds {
  private readonly detector: HeartSounds;
  private stretchStart: number | undefined;

  /** @param sourceRateHz the device's rate */
  constructor(
    options: HeartSoundsOptions,
    private readonly sourceRateHz: number,
  ) {
    this.detector = new HeartSounds(options);
  }

  push({ stretchStart, samples }: ConditionedChunk): HeartSoundMark[] {
    const marks: HeartSoundMark[] = [];
    if (this.stretchStart !== undefined && stretchStart !== this.stretchStart) {
      marks.push(...this.onTimeAxis(this.detector.finish()));
      this.detector.reset();
    }
    this.stretchStart = stretchStart;
    marks.push(...this.onTimeAxis(this.detector.execute(samples)));
    return marks;
  }

  private onTimeAxis(sounds: ReturnType<HeartSounds['execute']>): HeartSoundMark[] {
    const origin = this.stretchStart! / this.sourceRateHz;
    return sounds.map(({ sound, startSeconds }) => ({ sound, timeSeconds: origin + startSeconds }));
  }
}
