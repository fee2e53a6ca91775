import type { ListeningFilter } from './listening-filter.js';
import { LivePlayout, type PlayoutState } from './live-playout.js';
import { SoundRenderer } from './sound-renderer.js';

/** A piece of live sound; its index counts samples at its own rate, lost ones too. */
export interface LiveSound {
  /** Another one has another time axis. */
  readonly stream: number;
  readonly sampleRateHz: number;
  readonly firstSample: number;
  /** 16 bits. */
  readonly samples: Int16Array;
}

export interface LiveListeningStatus {
  readonly state: PlayoutState;
  /** From a sample's arrival here to when it is handed to the sound card. */
  readonly behindSeconds: number;
  /** Of sound that came too late to be heard. */
  readonly droppedSeconds: number;
  readonly stream: number;
  /** Index of the sample that is heard now, and its rate; 0 before the first. */
  readonly position: number;
  readonly sampleRateHz: number;
}

/** Live sound to a sound card: everything between the pieces that arrive and the blocks that are played. */
export class LiveListening {
  private readonly renderer: SoundRenderer;
  private playout: LivePlayout | undefined;
  private stream = -1;
  private filter: ListeningFilter = 'wide';
  private droppedSeconds = 0;

  constructor(outputRateHz: number) {
    this.renderer = new SoundRenderer(outputRateHz);
  }

  set(filter: ListeningFilter, gainDb: number): void {
    this.filter = filter;
    this.playout?.choose(filter);
    this.renderer.gainDb = gainDb;
  }

  push({ stream, sampleRateHz, firstSample, samples }: LiveSound): void {
    if (this.playout === undefined || stream !== this.stream || sampleRateHz !== this.playout.sampleRateHz) {
      this.droppedSeconds = this.status.droppedSeconds;
      this.playout = new LivePlayout(sampleRateHz, firstSample, this.filter);
      this.stream = stream;
    }
    const amplitudes = new Float32Array(samples.length);
    for (let i = 0; i < samples.length; i++) amplitudes[i] = samples[i] / 32768;
    this.playout.push(firstSample, amplitudes);
  }

  /** The last ten seconds at half speed, or, with `false`, live again. */
  half(isWanted: boolean): void {
    if (isWanted) this.playout?.replayHalf();
    else this.playout?.goLive();
  }

  render(output: Float32Array): void {
    this.renderer.render(this.playout, output);
    this.playout?.advance(output.length / this.renderer.outputRateHz);
  }

  get status(): LiveListeningStatus {
    const { playout, renderer, stream } = this;
    const sampleRateHz = playout?.sampleRateHz ?? 0;
    const seconds = (samples: number) => (playout === undefined ? 0 : samples / sampleRateHz);
    const delay = playout === undefined ? 0 : renderer.delaySeconds;
    return {
      state: playout?.state ?? 'waiting',
      behindSeconds: seconds(playout?.behindSamples ?? 0) + delay,
      droppedSeconds: this.droppedSeconds + seconds(playout?.droppedSamples ?? 0),
      stream,
      position: playout === undefined ? 0 : playout.position - delay * sampleRateHz * playout.pace,
      sampleRateHz,
    };
  }
}
