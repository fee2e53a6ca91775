import type { ListeningFilter } from '../../../listen/listening-filter.js';
import { LiveListening, type LiveListeningStatus, type LiveSound } from '../../../listen/live-listening.js';
import { StoredListening, type StoredListeningStatus } from '../../../listen/stored-listening.js';

/** What an engine is told. It runs in the browser's audio thread, or where there is none in the page's. */
export type EngineCommand =
  | { readonly kind: 'set'; readonly filter: ListeningFilter; readonly gainDb: number }
  | { readonly kind: 'half'; readonly isWanted: boolean }
  /** Live only. */
  | { readonly kind: 'sound'; readonly sound: LiveSound }
  /** Stored only. */
  | { readonly kind: 'play'; readonly isWanted: boolean }
  | { readonly kind: 'seek'; readonly sample: number; readonly seek: number }
  | { readonly kind: 'samples'; readonly seek: number; readonly samples: Int16Array };

export type EngineOptions =
  | { readonly kind: 'live' }
  | { readonly kind: 'stored'; readonly sampleRateHz: number; readonly totalSamples: number };

export interface Engine<Status = LiveListeningStatus | StoredListeningStatus> {
  take(command: EngineCommand): void;
  render(output: Float32Array): void;
  readonly status: Status;
}

export function makeEngine(options: EngineOptions, outputRateHz: number): Engine {
  if (options.kind === 'live') return new LiveEngine(outputRateHz);
  return new StoredEngine(outputRateHz, options.sampleRateHz, options.totalSamples);
}

class LiveEngine implements Engine<LiveListeningStatus> {
  private readonly listening: LiveListening;

  constructor(outputRateHz: number) {
    this.listening = new LiveListening(outputRateHz);
  }

  get status(): LiveListeningStatus {
    return this.listening.status;
  }

  render(output: Float32Array): void {
    this.listening.render(output);
  }

  take(command: EngineCommand): void {
    switch (command.kind) {
      case 'set':
        return this.listening.set(command.filter, command.gainDb);
      case 'half':
        return this.listening.half(command.isWanted);
      case 'sound':
        return this.listening.push(command.sound);
      case 'play':
      case 'seek':
      case 'samples':
        return;
    }
  }
}

class StoredEngine implements Engine<StoredListeningStatus> {
  private readonly listening: StoredListening;

  constructor(outputRateHz: number, sampleRateHz: number, totalSamples: number) {
    this.listening = new StoredListening(outputRateHz, sampleRateHz, totalSamples);
  }

  get status(): StoredListeningStatus {
    return this.listening.status;
  }

  render(output: Float32Array): void {
    this.listening.render(output);
  }

  take(command: EngineCommand): void {
    switch (command.kind) {
      case 'set':
        return this.listening.set(command.filter, command.gainDb);
      case 'half':
        this.listening.half = command.isWanted;
        return;
      case 'play':
        return this.listening.play(command.isWanted);
      case 'seek':
        return this.listening.seek(command.sample, command.seek);
      case 'samples':
        return this.listening.push(command.seek, command.samples);
      case 'sound':
        return;
    }
  }
}
