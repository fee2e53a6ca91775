import type { Engine } from './engines.js';

const BLOCK_FRAMES = 1024;
/** Handed to the browser ahead of time; a page that is busy for longer leaves a silence. */
const AHEAD_SECONDS = 0.12;
const TICK_MS = 20;
const START_SECONDS = 0.03;
const FADE_SECONDS = 0.01;
const TICKS_A_STATUS = 5;

/**
 * Plays an engine without an audio worklet, which browsers only have on pages from https or from this very machine: the
 * page's own thread renders blocks and schedules them, one exactly behind the other. Each fades out at its end until the
 * next is there, so that a page that is late leaves a silence and no click.
 */
export class ScheduledOutput {
  private readonly fade: GainNode;
  private readonly timer: number;
  private nextFrame = 0;
  private ticks = 0;

  constructor(
    private readonly context: AudioContext,
    private readonly engine: Engine,
    private readonly onStatus: (status: Engine['status']) => void,
  ) {
    this.fade = context.createGain();
    this.fade.connect(context.destination);
    this.timer = window.setInterval(() => this.tick(), TICK_MS);
  }

  close(): void {
    window.clearInterval(this.timer);
    this.fade.disconnect();
  }

  private tick(): void {
    const { context, fade } = this;
    const { sampleRate } = context;
    const now = context.currentTime;
    let isFresh = this.nextFrame / sampleRate - FADE_SECONDS < now;
    if (isFresh) this.nextFrame = Math.ceil((now + START_SECONDS) * sampleRate);
    while (this.nextFrame / sampleRate < now + AHEAD_SECONDS) {
      this.schedule(isFresh);
      isFresh = false;
    }
    const end = this.nextFrame / sampleRate;
    fade.gain.cancelScheduledValues(now);
    fade.gain.setValueAtTime(1, now);
    fade.gain.setValueAtTime(1, end - FADE_SECONDS);
    fade.gain.linearRampToValueAtTime(0, end);
    if (++this.ticks % TICKS_A_STATUS === 0) this.onStatus(this.engine.status);
  }

  private schedule(isFresh: boolean): void {
    const { context } = this;
    const buffer = context.createBuffer(1, BLOCK_FRAMES, context.sampleRate);
    const block = buffer.getChannelData(0);
    this.engine.render(block);
    if (isFresh) {
      const frames = Math.min(BLOCK_FRAMES, Math.round(FADE_SECONDS * context.sampleRate));
      for (let i = 0; i < frames; i++) block[i] *= i / frames;
    }
    const source = context.createBufferSource();
    source.buffer = buffer;
    source.connect(this.fade);
    source.start(this.nextFrame / context.sampleRate);
    this.nextFrame += BLOCK_FRAMES;
  }
}
