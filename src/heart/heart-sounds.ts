import { SignalKernel, type Address, type Resident } from '../compute/signal-kernel.js';
import { EnvelopeBank, FRAME_LENGTH, FRAME_RATE_HZ } from './envelope-bank.js';
import { HeartRate, type HeartRateModel } from './heart-rate.js';
import type { HeartRhythm } from './heart-rhythm.js';
import {
  LOOK_AHEAD_FRAMES,
  networkTables,
  type HeartSoundNetwork,
  type NetworkTables,
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
/** A diastole lasts so many frames at most. */
const LONGEST_FRAMES = 84;
const ROW_BYTES = 8 * FRAME_LENGTH;
/** Numbers that the module says of a sound, and of how many at most. */
const SOUND_LENGTH = 4;
const MOST_SOUNDS = 160;

/** What a sound is handed out behind its end, as a rule: settling, a step, the look ahead. */
export const HEART_SOUNDS_DELAY_SECONDS =
  (SETTLED_FRAMES + HEART_SOUNDS_STEP_FRAMES + LOOK_AHEAD_FRAMES) / FRAME_RATE_HZ;
/** The same at most: what was taken for a long diastole may turn out to hold sounds when it ends. */
export const HEART_SOUNDS_LONGEST_DELAY_SECONDS = HEART_SOUNDS_DELAY_SECONDS + LONGEST_FRAMES / FRAME_RATE_HZ;

/**
 * Finds S1 and S2 in conditioned samples: a small network tells the heart's state from the envelopes frame by frame,
 * and a hidden semi-Markov model makes a heart cycle of it whose durations follow the heart rate.
 *
 * Causal: a sound comes out {@link HEART_SOUNDS_DELAY_SECONDS} (1.3 s) after its end, in doubtful signals
 * {@link HEART_SOUNDS_LONGEST_DELAY_SECONDS} (3 s) at most; those of a stretch's first 3 s when 3 s are in. It always finds a cycle: whether there is a heart at all is for signal quality to say. State is
 * that of a stretch; call {@link finish} and `reset()` at a gap. Any chunking gives the same. The compute module does all but
 * follow the rate.
 */
export class HeartSounds {
  /** As `heartSounds` of the module keeps it. */
  private readonly state: Resident;
  private readonly kernel = SignalKernel.get();
  private readonly network: NetworkTables;
  private readonly bank: EnvelopeBank;
  private readonly rate: HeartRate;
  private readonly rhythm: HeartRhythm;
  private readonly workBytes: number;

  constructor(options: HeartSoundsOptions) {
    const { functions } = this.kernel;
    this.bank = new EnvelopeBank(options);
    this.rate = options.rate ?? new HeartRate(options.heartRate);
    this.rhythm = HeartRate.rhythmOf(this.rate);
    this.network = networkTables(options.network);
    this.state = { numbers: new Float64Array(functions.heartSoundsLength()) };
    this.workBytes = functions.heartSoundsWork(this.network.hidden);
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
    const { kernel, rhythm } = this;
    const sounds: HeartSound[] = [];
    if (frames.length === 0) return sounds;
    const input = kernel.input.room(8 * frames.length);
    kernel.put(frames, input);
    for (let at = input, left = frames.length / FRAME_LENGTH; left > 0;) {
      const untilStep = HEART_SOUNDS_STEP_FRAMES - (rhythm.frameCount % HEART_SOUNDS_STEP_FRAMES);
      const count = Math.min(left, untilStep);
      rhythm.take(at, count);
      this.hear(at, count, count === untilStep, sounds);
      at += count * ROW_BYTES;
      left -= count;
    }
    return sounds;
  }

  /** Hands out what the end of the stretch leaves open. `reset()` must follow before more samples do. */
  finish(): HeartSound[] {
    const { kernel, network } = this;
    const sounds: HeartSound[] = [];
    const tables = kernel.network.holding(network.tables);
    const work = kernel.work.room(this.workBytes);
    const output = kernel.output.room(8 * MOST_SOUNDS * SOUND_LENGTH);
    const state = kernel.heartSounds.of(this.state);
    const { hidden, likelihoodScale } = network;
    const found = kernel.functions.lastHeartSounds(state, tables, hidden, likelihoodScale, work, output);
    this.read(output, found, sounds);
    return sounds;
  }

  reset(): void {
    const { kernel } = this;
    this.bank.reset();
    this.rate.reset();
    // The first number says whether the stretch has begun.
    const state = kernel.heartSounds.of(this.state);
    kernel.numbers[state / 8] = 0;
  }

  /** @param isComplete whether the step is: then the rate is looked at, and its durations are the last frame's */
  private hear(frames: Address, count: number, isComplete: boolean, sounds: HeartSound[]): void {
    const { kernel, network } = this;
    const estimate = isComplete ? this.rate.estimate() : null;
    const tables = kernel.network.holding(network.tables);
    const work = kernel.work.room(this.workBytes);
    const output = kernel.output.room(8 * MOST_SOUNDS * SOUND_LENGTH);
    const found = kernel.functions.heartSounds(
      frames,
      count,
      ROW_BYTES,
      kernel.heartSounds.of(this.state),
      isComplete ? 1 : 0,
      estimate === null ? 0 : 60 / estimate.bpm,
      estimate === null ? 0 : estimate.confidence,
      tables,
      network.hidden,
      network.likelihoodScale,
      work,
      output,
    );
    if (found > 0) this.read(output, found, sounds);
  }

  private read(from: Address, count: number, sounds: HeartSound[]): void {
    const { numbers } = this.kernel;
    for (let at = from / 8, end = at + SOUND_LENGTH * count; at < end; at += SOUND_LENGTH) {
      sounds.push({
        sound: numbers[at] === 0 ? 'S1' : 'S2',
        startSeconds: numbers[at + 1] / FRAME_RATE_HZ,
        endSeconds: numbers[at + 2] / FRAME_RATE_HZ,
        confidence: numbers[at + 3],
      });
    }
  }
}
