import { findProgram } from '../acquire/find-program.js';
import { ProgramInput } from '../acquire/program-input.js';
import { ConfigurationError } from '../errors.js';
import type { ListeningFilter } from './listening-filter.js';
import { LiveListening } from './live-listening.js';
import { SoundEncoder } from './sound-encoder.js';
import type { SoundPiece } from './sound-piece.js';

/** What every sound card takes, also without a converter. */
const OUTPUT_RATE_HZ = 48_000;
const CHANNELS = 2;
const BYTES_PER_FRAME = 2 * CHANNELS;
const BUFFER_MICROSECONDS = 200_000;
const TICK_MS = 20;
/** A machine that was busy for longer leaves that much out. */
const MOST_AT_ONCE_SECONDS = 0.25;
/** May wait for the program beside what the system holds for it; more would come too late. */
const MOST_WAITING_BYTES = 0.25 * OUTPUT_RATE_HZ * BYTES_PER_FRAME;
const WORTH_A_WORD_SECONDS = 0.05;

export interface SoundMonitorOptions {
  /** ALSA's name of the output. */
  readonly device: string;
  readonly filter: ListeningFilter;
  /** -20 to 30. */
  readonly gainDb: number;
  /** For people; said once for each trouble. */
  readonly log: (line: string) => void;
}

/**
 * Plays live sound on a sound card of this machine, through `aplay`. Nothing waits for it: what `aplay` does not take is
 * dropped and counted, and where it ends, only the sound does.
 */
export class SoundMonitor {
  private readonly program: ProgramInput;
  private readonly encoder = new SoundEncoder();
  private readonly listening = new LiveListening(OUTPUT_RATE_HZ);
  private readonly timer: NodeJS.Timeout;
  private readonly begunAtMs: number;
  private renderedFrames = 0;
  private droppedFrames = 0;
  private saidDropped = false;
  private isOver = false;

  /** @throws ConfigurationError where there is no `aplay` */
  constructor(
    private readonly options: SoundMonitorOptions,
    environment: NodeJS.ProcessEnv = process.env,
    private readonly now: () => number = () => performance.now(),
  ) {
    const { device, filter, gainDb, log } = options;
    this.program = new ProgramInput({
      name: 'aplay',
      command: [
        aplayPath(environment),
        ...['-q', '-t', 'raw', '-f', 'S16_LE', '-c', String(CHANNELS), '-r', String(OUTPUT_RATE_HZ)],
        ...['-B', String(BUFFER_MICROSECONDS), '-D', device],
      ],
      environment: { ...environment, LC_ALL: 'C' },
      onEnd: (message) => {
        this.isOver = true;
        clearInterval(this.timer);
        log(
          `no sound any more: ${message}; screening goes on. \`aplay -L\` lists the outputs that --monitor may name`,
        );
      },
    });
    this.listening.set(filter, gainDb);
    this.begunAtMs = this.now();
    this.timer = setInterval(() => this.tick(), TICK_MS);
    this.timer.unref();
  }

  /** Of sound that came and was not played. */
  get droppedSeconds(): number {
    return this.droppedFrames / OUTPUT_RATE_HZ + this.listening.status.droppedSeconds;
  }

  push(piece: SoundPiece): void {
    if (this.isOver) return;
    const sound = this.encoder.encode(piece);
    if (sound !== undefined) this.listening.push(sound);
  }

  close(): void {
    if (!this.isOver) this.program.close();
    this.isOver = true;
    clearInterval(this.timer);
    const { droppedSeconds } = this;
    if (droppedSeconds >= WORTH_A_WORD_SECONDS) {
      this.options.log(`${droppedSeconds.toFixed(1)} s of sound were not played (the screening had them)`);
    }
  }

  private tick(): void {
    const due = Math.floor(((this.now() - this.begunAtMs) / 1000) * OUTPUT_RATE_HZ) - this.renderedFrames;
    const most = MOST_AT_ONCE_SECONDS * OUTPUT_RATE_HZ;
    // What was missed is over; the playout leaves out what is too late by then.
    if (due > most) this.renderedFrames += due - most;
    const frames = Math.min(due, most);
    if (frames <= 0) return;
    this.renderedFrames += frames;
    const block = new Float32Array(frames);
    this.listening.render(block);
    if (this.program.waitingBytes > MOST_WAITING_BYTES) return this.drop(frames);
    this.program.write(toStereo(block));
  }

  private drop(frames: number): void {
    // Silence that is not played is no loss.
    if (this.listening.status.state === 'waiting') return;
    this.droppedFrames += frames;
    if (this.saidDropped) return;
    this.saidDropped = true;
    this.options.log(
      'aplay does not take the sound fast enough: what it does not take is dropped; screening goes on',
    );
  }
}

/** @throws ConfigurationError where there is none */
function aplayPath(environment: NodeJS.ProcessEnv): string {
  const path = findProgram('aplay', environment);
  if (path !== undefined) return path;
  throw new ConfigurationError(
    '--monitor plays through aplay, and there is none; on Debian and Raspberry Pi OS: sudo apt install alsa-utils; or ' +
      'listen on the live page, which needs no program',
  );
}

function toStereo(block: Float32Array): Uint8Array {
  const bytes = Buffer.allocUnsafe(BYTES_PER_FRAME * block.length);
  for (let i = 0; i < block.length; i++) {
    const value = Math.round(32767 * block[i]);
    bytes.writeInt16LE(value, BYTES_PER_FRAME * i);
    bytes.writeInt16LE(value, BYTES_PER_FRAME * i + 2);
  }
  return bytes;
}
