import { EnvelopeBank, FRAME_LENGTH, FRAME_RATE_HZ } from './envelope-bank.js';
import { HeartRate, type HeartRateModel } from './heart-rate.js';
import { HeartSoundDecoder, LONGEST_FRAMES } from './heart-sound-decoder.js';
import {
  HeartSoundEmissions,
  JUDGED_LENGTH,
  LOOK_AHEAD_FRAMES,
  type HeartSoundNetwork,
} from './heart-sound-emissions.js';

export interface HeartSound {
  readonly sound: 'S1' | 'S2';
  /** Seconds since the stretch began, of the conditioned signal. */
  readonly startSeconds: number;
  readonly endSeconds: number;
  /** Mean probability, over the sound, that it is what it is called, in [0, 1]. */
  readonly confidence: number;
}

export interface HeartSoundsOptions {
  readonly modelRateHz: number;
  readonly network: HeartSoundNetwork;
  readonly heartRate: HeartRateModel;
  /** Follows the same frames for somebody else too: nobody but the detector gives it any. Default one of its own. */
  readonly rate?: HeartRate;
}

/** Frames between two looks at the rate and back along the path. */
export const HEART_SOUNDS_STEP_FRAMES = 25;
/** A sound is handed out when so many frames after its end do not change it any more. */
const SETTLED_FRAMES = 25;
/** Frames kept for the confidence of what is traced back, whole steps. */
const HISTORY_FRAMES = 21 * HEART_SOUNDS_STEP_FRAMES;

/** What a sound is handed out behind its end, as a rule: settling, a step, the look ahead. */
export const HEART_SOUNDS_DELAY_SECONDS =
  (SETTLED_FRAMES + HEART_SOUNDS_STEP_FRAMES + LOOK_AHEAD_FRAMES) / FRAME_RATE_HZ;
/** The same at most: what was taken for a long diastole may turn out to hold sounds when it ends. */
export const HEART_SOUNDS_LONGEST_DELAY_SECONDS =
  HEART_SOUNDS_DELAY_SECONDS + Math.max(...LONGEST_FRAMES) / FRAME_RATE_HZ;

/**
 * Finds S1 and S2 in conditioned samples: a small network tells the heart's state from the envelopes frame by frame,
 * and a hidden semi-Markov model makes a heart cycle of it whose durations follow the heart rate.
 *
 * Causal: a sound comes out {@link HEART_SOUNDS_DELAY_SECONDS} (1.3 s) after its end, in doubtful signals
 * {@link HEART_SOUNDS_LONGEST_DELAY_SECONDS} (3 s) at most; those of a stretch's first 3 s when 3 s are in. It always finds a cycle: whether there is a heart at all is for signal quality to say. State is
 * that of a stretch; call {@link finish} and `reset()` at a gap. Any chunking gives the same.
 */
export class HeartSounds {
  private readonly bank: EnvelopeBank;
  private readonly rate: HeartRate;
  private readonly emissions: HeartSoundEmissions;
  private readonly decoder = new HeartSoundDecoder();
  /** The last frames judged, as a ring: their posteriors come first. */
  private readonly history = new Float64Array(HISTORY_FRAMES * JUDGED_LENGTH);
  private frames = 0;
  /** Start of the segment handed out last. */
  private handedOut = 0;
  private sounds: HeartSound[] = [];

  constructor(options: HeartSoundsOptions) {
    this.bank = new EnvelopeBank(options);
    this.rate = options.rate ?? new HeartRate(options.heartRate);
    this.emissions = new HeartSoundEmissions(options.network);
  }

  /**
   * @param samples conditioned, contiguous with those before
   * @returns the sounds that are now settled, in order of time
   */
  execute(samples: Float64Array): HeartSound[] {
    return this.executeFrames(this.bank.execute(samples));
  }

  /**
   * The same for who has an EnvelopeBank already.
   *
   * @param frames row-major `[frames, FRAME_LENGTH]`, contiguous with those before
   */
  executeFrames(frames: Float64Array): HeartSound[] {
    const end = frames.length / FRAME_LENGTH;
    for (let at = 0; at < end;) {
      // The frame that completes a step is heard by the rate first, and by the emissions with the durations that follow.
      const untilStep = HEART_SOUNDS_STEP_FRAMES - (this.frames % HEART_SOUNDS_STEP_FRAMES);
      const next = Math.min(end, at + untilStep);
      const before = untilStep <= end - at ? next - 1 : next;
      this.rate.push(frames.subarray(at * FRAME_LENGTH, next * FRAME_LENGTH));
      this.emissions.push(frames.subarray(at * FRAME_LENGTH, before * FRAME_LENGTH), this.decode);
      this.frames += next - at;
      if (before < next) {
        this.followRate();
        this.emissions.push(frames.subarray(before * FRAME_LENGTH, next * FRAME_LENGTH), this.decode);
      }
      at = next;
    }
    return this.take();
  }

  /** Hands out what the end of the stretch leaves open. `reset()` must follow before more samples do. */
  finish(): HeartSound[] {
    this.emissions.finish(this.decode);
    this.handOut(Infinity);
    return this.take();
  }

  reset(): void {
    this.bank.reset();
    this.rate.reset();
    this.emissions.reset();
    this.decoder.reset();
    this.decoder.setBeat(null, 0);
    this.frames = 0;
    this.handedOut = 0;
    this.sounds = [];
  }

  private take(): HeartSound[] {
    const sounds = this.sounds;
    this.sounds = [];
    return sounds;
  }

  private followRate(): void {
    const estimate = this.rate.estimate();
    this.decoder.setBeat(estimate === null ? null : 60 / estimate.bpm, estimate?.confidence ?? 0);
  }

  private readonly decode = (judged: Float64Array): void => {
    const { decoder, history } = this;
    const end = judged.length / JUDGED_LENGTH;
    for (let at = 0; at < end;) {
      const begun = decoder.frameCount % HEART_SOUNDS_STEP_FRAMES;
      const next = Math.min(end, at + HEART_SOUNDS_STEP_FRAMES - begun);
      const rows = next - at === end ? judged : judged.subarray(at * JUDGED_LENGTH, next * JUDGED_LENGTH);
      history.set(rows, (decoder.frameCount % HISTORY_FRAMES) * JUDGED_LENGTH);
      decoder.push(rows);
      if (decoder.frameCount % HEART_SOUNDS_STEP_FRAMES === 0)
        this.handOut(decoder.frameCount - SETTLED_FRAMES);
      at = next;
    }
  };

  /** Hands out sounds that begin after the last one handed out and end by `settled`. */
  private handOut(settled: number): void {
    for (const { state, start, end } of this.decoder.trace(this.handedOut)) {
      if (end > settled) break;
      if (start < this.handedOut) continue;
      this.handedOut = end;
      if (state !== 'S1' && state !== 'S2') continue;
      // Where the stretch or the path traced begins, half a sound may be missing.
      if (start === 0) continue;
      const column = state === 'S1' ? 0 : 2;
      let sum = 0;
      for (let frame = start; frame < end; frame++)
        sum += this.history[(frame % HISTORY_FRAMES) * JUDGED_LENGTH + column];
      this.sounds.push({
        sound: state,
        startSeconds: start / FRAME_RATE_HZ,
        endSeconds: end / FRAME_RATE_HZ,
        confidence: sum / (end - start),
      });
    }
  }
}
