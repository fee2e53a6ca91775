import { FRAME_LENGTH, FRAME_RATE_HZ } from '../../src/heart/envelope-bank.js';
import { HeartRate, type HeartRateModel } from '../../src/heart/heart-rate.js';
import type { HeartSoundNetwork } from '../../src/heart/heart-sound-emissions.js';
import type { HeartSound } from '../../src/heart/heart-sounds.js';
import { PlainHeartSoundDecoder } from './plain-heart-sound-decoder.js';
import { PlainHeartSoundEmissions } from './plain-heart-sound-emissions.js';

/** Frames between two looks at the rate and back along the path; and until a sound is settled. */
const STEP_FRAMES = 25;
const SETTLED_FRAMES = 25;

/** The readable twin of HeartSounds: a frame at a time, one stretch. */
export class PlainHeartSounds {
  private readonly rate: HeartRate;
  private readonly emissions: PlainHeartSoundEmissions;
  private readonly decoder = new PlainHeartSoundDecoder();
  /** Of every frame. */
  private readonly posteriors: number[][] = [];
  private readonly sounds: HeartSound[] = [];
  private frames = 0;
  private handedOut = 0;
  /** Times that a rate was known. */
  rates = 0;

  constructor(network: HeartSoundNetwork, heartRate: HeartRateModel) {
    this.rate = new HeartRate(heartRate);
    this.emissions = new PlainHeartSoundEmissions(network);
  }

  /** @returns all sounds of the stretch */
  soundsOf(frames: Float64Array): HeartSound[] {
    for (let at = 0; at < frames.length; at += FRAME_LENGTH)
      this.push(frames.subarray(at, at + FRAME_LENGTH));
    this.emissions.finish(this.decode);
    this.handOut(Infinity);
    return this.sounds;
  }

  private push(frame: Float64Array): void {
    this.rate.push(frame);
    if (++this.frames % STEP_FRAMES === 0) {
      const estimate = this.rate.estimate();
      if (estimate === null) this.decoder.setBeat(null, 0);
      else this.decoder.setBeat(60 / estimate.bpm, estimate.confidence);
      if (estimate !== null) this.rates++;
    }
    this.emissions.push(frame, this.decode);
  }

  private readonly decode = (): void => {
    const { decoder, emissions } = this;
    this.posteriors.push([...emissions.posteriors]);
    decoder.push(emissions.logLikelihoods);
    if (decoder.frameCount % STEP_FRAMES === 0) this.handOut(decoder.frameCount - SETTLED_FRAMES);
  };

  private handOut(settled: number): void {
    for (const { state, start, end } of this.decoder.trace(this.handedOut)) {
      if (end > settled) break;
      if (start < this.handedOut) continue;
      this.handedOut = end;
      // Where the stretch begins, half a sound may be missing.
      if ((state !== 'S1' && state !== 'S2') || start === 0) continue;
      const own = this.posteriors.slice(start, end).map((row) => row[state === 'S1' ? 0 : 2]);
      this.sounds.push({
        sound: state,
        startSeconds: start / FRAME_RATE_HZ,
        endSeconds: end / FRAME_RATE_HZ,
        confidence: own.reduce((sum, value) => sum + value, 0) / own.length,
      });
    }
  }
}
