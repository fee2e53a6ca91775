import { makeEngine, type Engine, type EngineCommand, type EngineOptions } from './engines.js';

/** What an audio worklet's global scope has and TypeScript's library does not name. */
declare const sampleRate: number;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(
  name: string,
  processor: new (options: { processorOptions: EngineOptions }) => AudioWorkletProcessor,
): void;

const STATUS_SECONDS = 0.1;

/** An engine in the browser's audio thread, which no busy page holds up. */
class ListeningProcessor extends AudioWorkletProcessor {
  private readonly engine: Engine;
  private frames = 0;
  private isOpen = true;

  constructor({ processorOptions }: { processorOptions: EngineOptions }) {
    super();
    this.engine = makeEngine(processorOptions, sampleRate);
    this.port.onmessage = ({ data }: MessageEvent<EngineCommand | 'close'>) => {
      if (data === 'close') this.isOpen = false;
      else this.engine.take(data);
    };
  }

  process(_inputs: unknown, [[output]]: Float32Array[][]): boolean {
    this.engine.render(output);
    this.frames += output.length;
    if (this.frames >= STATUS_SECONDS * sampleRate) {
      this.frames = 0;
      this.port.postMessage(this.engine.status);
    }
    return this.isOpen;
  }
}

registerProcessor('lubdub-listening', ListeningProcessor);
