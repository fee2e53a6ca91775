import type { BrowserContext, Page } from 'playwright-core';

/** What a page's sound device got last. */
export interface Heard {
  readonly sampleRateHz: number;
  readonly samples: Float32Array;
  /** By `Date.now()`, when the last sample came to the sound device. */
  readonly endMs: number;
}

interface Block {
  /** Of the context's clock, of the first sample. */
  readonly frame: number;
  readonly samples: number[];
  readonly sampleRateHz: number;
  readonly nowMs: number;
}

/** Runs in the audio thread, so that a busy page or machine loses none of it. */
const RECORDER = `
  registerProcessor('overhear', class extends AudioWorkletProcessor {
    samples = [];
    frame = 0;
    process([[input]]) {
      if (this.samples.length === 0) this.frame = currentFrame;
      this.samples.push(...(input ?? new Float32Array(128)));
      if (this.samples.length >= 4096) {
        this.port.postMessage({ frame: this.frame, samples: this.samples, sampleRateHz: sampleRate, nowMs: Date.now() });
        this.samples = [];
      }
      return true;
    }
  });`;

/**
 * Listens to whatever a page plays, from before it does: what an audio worklet sends to the destination, and where there
 * is none, every buffer that is scheduled. The context must let the page load modules that are not its server's.
 */
export async function overhear(context: BrowserContext): Promise<void> {
  await context.addInitScript(`
    globalThis.overheard = [];
    if (globalThis.AudioWorklet) {
      const recorder = URL.createObjectURL(new Blob([${JSON.stringify(RECORDER)}], { type: 'text/javascript' }));
      const addModule = AudioWorklet.prototype.addModule;
      AudioWorklet.prototype.addModule = async function (...words) {
        await addModule.apply(this, words);
        await addModule.call(this, recorder);
      };
    }
    const connect = AudioNode.prototype.connect;
    AudioNode.prototype.connect = function (to, ...rest) {
      if (globalThis.AudioWorkletNode && this instanceof AudioWorkletNode && to instanceof AudioDestinationNode) {
        const recorder = new AudioWorkletNode(this.context, 'overhear', { numberOfOutputs: 0 });
        recorder.port.onmessage = ({ data }) => overheard.push(data);
        connect.call(this, recorder);
      }
      return connect.call(this, to, ...rest);
    };
    const start = AudioBufferSourceNode.prototype.start;
    AudioBufferSourceNode.prototype.start = function (at) {
      const { sampleRate, currentTime } = this.context;
      const frame = Math.round(at * sampleRate);
      // It is heard in as long as it is scheduled ahead.
      const nowMs = Date.now() + 1000 * (at - currentTime + this.buffer.duration);
      overheard.push({ frame, samples: Array.from(this.buffer.getChannelData(0)), sampleRateHz: sampleRate, nowMs });
      return start.call(this, at);
    };
  `);
}

/** How many blocks were heard at all. */
export const blocksHeard = (page: Page): Promise<number> => page.evaluate<number>('overheard.length');

/** The last seconds of what was heard, with silence where nothing was scheduled. */
export async function heardOn(page: Page, seconds: number): Promise<Heard> {
  const blocks = await page.evaluate<Block[]>(
    `overheard.filter(({ frame, sampleRateHz }) => frame > overheard.at(-1).frame - ${seconds + 0.2} * sampleRateHz)`,
  );
  const last = blocks.at(-1);
  if (last === undefined) throw new Error('nothing was heard');
  const { sampleRateHz } = last;
  const begin = blocks[0].frame;
  const all = new Float32Array(last.frame + last.samples.length - begin);
  for (const { frame, samples } of blocks) all.set(samples, frame - begin);
  // By the block that waited for nothing.
  const clockMs = Math.min(
    ...blocks.map(({ frame, samples, nowMs }) => nowMs - (1000 * (frame + samples.length)) / sampleRateHz),
  );
  const endMs = clockMs + (1000 * (last.frame + last.samples.length)) / sampleRateHz;
  return { sampleRateHz, samples: all.slice(-Math.round(seconds * sampleRateHz)), endMs };
}
