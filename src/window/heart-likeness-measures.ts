import { SignalKernel, type Resident } from '../compute/signal-kernel.js';
import { FRAME_LENGTH, FRAME_RATE_HZ } from '../heart/envelope-bank.js';
import type { Beat, HeartRate, HeartRateModel } from '../heart/heart-rate.js';
import { HeartSounds, type HeartSound } from '../heart/heart-sounds.js';
import type { HeartSoundNetwork } from '../heart/heart-sound-emissions.js';
import { LoudSoundFinder } from './loud-sounds.js';
import { SameWave } from './same-wave.js';

const CONTEXT_SECONDS = 8;

/** Names of the measures, in the order of {@link HeartLikenessMeasures.execute}. None depends on the gain. */
export const LIKENESS_MEASURES = [
  /** How sure the network for heart sounds is of the first sounds, of the second, and of the worst fifth of both. */
  's1Confidence',
  's2Confidence',
  'leastConfidence',
  /** Seconds that systole is off what it is at this rate in hearts; spread of the logarithms of systole and beat. */
  'systoleDeviation',
  'systoleSpread',
  'beatSpread',
  /** log10 of the energy in first, in second sounds over that between sounds; of the loudest between over the sounds. */
  's1Contrast',
  's2Contrast',
  'restContrast',
  /** See LoudSounds. */
  'soundWidth',
  'soundSkew',
  'levelSpread',
  'loudHigh',
  'loudMid',
  'pitch',
  'soundsPerSecond',
  /** The beat: its length in seconds, how well it repeats after one and after two. */
  'beatSeconds',
  'rhythm',
  'echo',
  /** How far the autocorrelation rises again within the beat: a heart has two sounds, a knock one. */
  'secondSound',
  /** Correlation of the samples themselves one beat apart: a machine repeats its wave, a heart only its sounds. */
  'sameWave',
] as const;

/** A second sound follows the first within this share of a beat, and these times in frames. */
const SECOND_SOUND = { leastFrames: 8, mostFrames: 25, mostShare: 0.62 } as const;
/** What a spread is taken for when there is nothing to spread. */
const UNKNOWN_SPREAD = 0.5;
const UNKNOWN_DEVIATION_SECONDS = 0.3;
const LEAST_ENERGY = 1e-20;

export interface HeartLikenessOptions {
  readonly modelRateHz: number;
  readonly network: HeartSoundNetwork;
  readonly heartRate: HeartRateModel;
  /** As `HeartSoundsOptions` says. */
  readonly rate?: HeartRate;
}

/** Frames that are looked back on. */
const KEPT_FRAMES = CONTEXT_SECONDS * FRAME_RATE_HZ;
/** Numbers of a sound, as `soundMeasures` of the module takes them. */
const SOUND_LENGTH = 5;
/** Sounds that are looked back on, at most: no heart cycle is shorter than 11 frames. */
const KEPT_SOUNDS = 80;
/** Levels of frames, then sounds; twice as many as are looked back on, so that they are rarely moved to the front. */
const SOUNDS_FROM = 2 * KEPT_FRAMES;
const SOUNDS_LENGTH = 2 * KEPT_SOUNDS * SOUND_LENGTH;
/** What the module measures of the sounds, the first of the measures. */
const SOUND_MEASURES = 9;

/**
 * Measures that tell a heart from what else has a beat, over the last 8 s of a stretch: two sounds in turn, as long, as low
 * and as far apart as heart sounds are. Causal, any chunking; `reset()` starts a new stretch. The compute module keeps the
 * frames' levels and the sounds, and measures them.
 */
export class HeartLikenessMeasures implements Resident {
  /** Levels of frames up to `levelsEnd`, sounds from `soundsFrom` to `soundsEnd`. */
  readonly numbers = new Float64Array(SOUNDS_FROM + SOUNDS_LENGTH);
  private readonly kernel = SignalKernel.get();
  private readonly detector: HeartSounds;
  private readonly loudSounds: LoudSoundFinder;
  private readonly wave: SameWave;
  private frameCount = 0;
  private levelsEnd = 0;
  private soundsFrom = 0;
  private soundsEnd = 0;
  private readonly values = new Float64Array(LIKENESS_MEASURES.length);

  constructor(private readonly options: HeartLikenessOptions) {
    this.detector = new HeartSounds(options);
    this.loudSounds = new LoudSoundFinder(options.modelRateHz);
    this.wave = new SameWave(options.modelRateHz, CONTEXT_SECONDS);
  }

  /**
   * @param samples conditioned, contiguous with those before
   * @param frames that an EnvelopeBank makes of them
   * @returns the heart sounds that are now settled
   */
  push(samples: Float64Array, frames: Float64Array): HeartSound[] {
    this.wave.push(samples);
    this.loudSounds.push(samples, frames);
    this.keepLevels(frames);
    const settled = this.detector.executeFrames(frames);
    this.keepSounds(settled);
    return settled;
  }

  /**
   * @param beat of the same frames
   * @param correlations autocorrelation of the same frames' envelopes by lag, in frames
   * @returns by {@link LIKENESS_MEASURES}; reused by the next call
   */
  execute(beat: Beat | null, correlations: Float64Array): Float64Array {
    const { values } = this;
    const beatSeconds = beat === null ? 0 : 60 / beat.bpm;
    this.measureSounds(beatSeconds);
    let i = SOUND_MEASURES;
    const loud = this.loudSounds.find();
    values[i++] = loud.widthMs;
    values[i++] = loud.skew;
    values[i++] = loud.levelSpread;
    values[i++] = loud.high;
    values[i++] = loud.mid;
    values[i++] = loud.pitchHz;
    values[i++] = loud.perSecond;
    values[i++] = beatSeconds;
    values[i++] = beat?.correlation ?? 0;
    values[i++] = beat?.echo ?? 0;
    values[i++] = beat === null ? 0 : secondSound(correlations, beat.lag);
    values[i] = this.wave.largest(Math.round(beatSeconds * this.options.modelRateHz));
    return values;
  }

  reset(): void {
    this.detector.reset();
    this.loudSounds.reset();
    this.wave.reset();
    this.frameCount = this.levelsEnd = this.soundsFrom = this.soundsEnd = 0;
  }

  private keepLevels(frames: Float64Array): void {
    const { kernel } = this;
    const count = frames.length / FRAME_LENGTH;
    const kept = Math.min(count, KEPT_FRAMES);
    const input = kernel.input.room(8 * frames.length);
    const levels = kernel.heartLikeness.of(this);
    if (this.levelsEnd + kept > SOUNDS_FROM) {
      kernel.float64s(levels, SOUNDS_FROM).copyWithin(0, this.levelsEnd - KEPT_FRAMES, this.levelsEnd);
      this.levelsEnd = KEPT_FRAMES;
    }
    kernel.put(frames, input);
    const rowBytes = 8 * FRAME_LENGTH;
    const from = input + (count - kept) * rowBytes;
    kernel.functions.frameLevels(from, kept, rowBytes, LEAST_ENERGY, levels + 8 * this.levelsEnd);
    this.levelsEnd += kept;
    this.frameCount += count;
  }

  private keepSounds(settled: readonly HeartSound[]): void {
    const { kernel } = this;
    const table = kernel.heartLikeness.of(this) / 8 + SOUNDS_FROM;
    const { numbers } = kernel;
    const oldest = this.frameCount / FRAME_RATE_HZ - CONTEXT_SECONDS;
    while (this.soundsFrom < this.soundsEnd && numbers[table + this.soundsFrom + 1] < oldest) {
      this.soundsFrom += SOUND_LENGTH;
    }
    for (const { sound, startSeconds, endSeconds, confidence } of settled) {
      if (startSeconds < oldest) continue;
      if (this.soundsEnd === SOUNDS_LENGTH) {
        numbers.copyWithin(table, table + this.soundsFrom, table + this.soundsEnd);
        this.soundsEnd -= this.soundsFrom;
        this.soundsFrom = 0;
      }
      let to = table + this.soundsEnd;
      numbers[to++] = sound === 'S1' ? 0 : 1;
      numbers[to++] = startSeconds;
      numbers[to++] = confidence;
      numbers[to++] = Math.round(startSeconds * FRAME_RATE_HZ);
      numbers[to] = Math.round(endSeconds * FRAME_RATE_HZ);
      this.soundsEnd += SOUND_LENGTH;
    }
  }

  private measureSounds(beatSeconds: number): void {
    const { kernel, frameCount, levelsEnd, soundsFrom, soundsEnd } = this;
    const held = Math.min(levelsEnd, KEPT_FRAMES);
    // As in the decoder of heart sounds; see tools/quality/README.md.
    const expectedSystole = beatSeconds === 0 ? 0.3 : 0.131 + 0.2165 * beatSeconds;
    const count = (soundsEnd - soundsFrom) / SOUND_LENGTH;
    const work = kernel.work.room(8 * (3 * held + 4 * count));
    const output = kernel.output.room(8 * SOUND_MEASURES);
    const levels = kernel.heartLikeness.of(this);
    kernel.functions.soundMeasures(
      levels + 8 * (levelsEnd - held),
      frameCount - held,
      levels + 8 * (SOUNDS_FROM + soundsFrom),
      count,
      expectedSystole,
      UNKNOWN_DEVIATION_SECONDS,
      UNKNOWN_SPREAD,
      work,
      output,
    );
    kernel.get(output, SOUND_MEASURES, this.values);
  }
}

/** Prominence of the strongest peak within the beat, over what is lower on both sides of it. */
function secondSound(r: Float64Array, lag: number): number {
  const { leastFrames, mostFrames, mostShare } = SECOND_SOUND;
  let most = 0;
  for (let l = leastFrames; l <= Math.min(mostShare * lag, mostFrames); l++) {
    if (r[l] < r[l - 1] || r[l] < r[l + 1]) continue;
    let before = 1;
    let after = 1;
    for (let k = leastFrames / 2; k < l; k++) before = Math.min(before, r[k]);
    for (let k = l; k < lag; k++) after = Math.min(after, r[k]);
    most = Math.max(most, r[l] - Math.max(before, after));
  }
  return most;
}
