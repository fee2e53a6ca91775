import type { ConditionedChunk } from '../condition/conditioned.js';
import { FRAME_RATE_HZ } from '../heart/envelope-bank.js';
import { LOOK_AHEAD_FRAMES } from '../heart/heart-sound-emissions.js';
import { HEART_SOUNDS_STEP_FRAMES, HeartSounds, type HeartSoundsOptions } from '../heart/heart-sounds.js';
import type { HeartSoundMark } from './bedside-status.js';

/**
 * First and second heart sounds of one recording while it is listened to, for the page's trace: on the source's time
 * axis, each when it is settled. Begins anew with every stretch. It finds a cycle in anything; the page shows those that
 * lie in usable windows.
 *
 * Samples are gathered until they complete a step of the detector: it finds nothing earlier, and a call for every read of
 * the line, seventeen a second, costs more than what is computed in it.
 */
export class LiveHeartSounds {
  private readonly detector: HeartSounds;
  private readonly frameSamples: number;
  private stretchStart: number | undefined;
  private gathered: Float64Array;
  private waiting = 0;
  /** Samples of the stretch that the detector has. */
  private heard = 0;

  /** @param sourceRateHz the device's rate */
  constructor(
    options: HeartSoundsOptions,
    private readonly sourceRateHz: number,
  ) {
    this.detector = new HeartSounds(options);
    this.frameSamples = options.modelRateHz / FRAME_RATE_HZ;
    this.gathered = new Float64Array(HEART_SOUNDS_STEP_FRAMES * this.frameSamples);
  }

  push({ stretchStart, samples }: ConditionedChunk): HeartSoundMark[] {
    const marks: HeartSoundMark[] = [];
    if (this.stretchStart !== undefined && stretchStart !== this.stretchStart) {
      marks.push(...this.onTimeAxis(this.hear()), ...this.onTimeAxis(this.detector.finish()));
      this.detector.reset();
      this.heard = 0;
    }
    this.stretchStart = stretchStart;
    for (let at = 0; at < samples.length;) {
      const end = Math.min(samples.length, at + this.untilStep);
      this.gathered.set(samples.subarray(at, end), this.waiting);
      this.waiting += end - at;
      at = end;
      if (this.untilStep === 0) marks.push(...this.onTimeAxis(this.hear()));
    }
    return marks;
  }

  /**
   * Samples that are missing from the next step: of the frames judged, and of those that the first ones wait for. The
   * former are so many behind the newest as they look ahead.
   */
  private get untilStep(): number {
    const { frameSamples } = this;
    const frames = Math.floor(this.heard / frameSamples);
    const inStep = frames % HEART_SOUNDS_STEP_FRAMES;
    const next = inStep < LOOK_AHEAD_FRAMES ? LOOK_AHEAD_FRAMES : HEART_SOUNDS_STEP_FRAMES;
    return (frames - inStep + next) * frameSamples - this.heard - this.waiting;
  }

  private hear(): ReturnType<HeartSounds['execute']> {
    const { gathered, waiting } = this;
    this.heard += waiting;
    this.waiting = 0;
    return this.detector.execute(gathered.subarray(0, waiting));
  }

  private onTimeAxis(sounds: ReturnType<HeartSounds['execute']>): HeartSoundMark[] {
    const origin = this.stretchStart! / this.sourceRateHz;
    return sounds.map(({ sound, startSeconds }) => ({ sound, timeSeconds: origin + startSeconds }));
  }
}
