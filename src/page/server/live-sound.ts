import type { LiveSound } from '../../listen/live-listening.js';
import { SoundEncoder } from '../../listen/sound-encoder.js';
import type { SoundPiece } from '../../listen/sound-piece.js';
import { encodeSoundFrame } from '../sound-frame.js';

/** What may be under way to a page, unacknowledged: beyond it sound would come too late to be live. */
const MOST_UNHEARD_SECONDS = 2;
/** A page says twice a second how far it has heard; one that says nothing for so long does not listen any more. */
const LEASE_MS = 5000;
/** Sound that comes faster than this, as of a recording that is read as fast as it goes, is not for ears. */
const MOST_PACE = 1.1;
const MOST_AHEAD_SECONDS = 2;

/** What of a page's socket sound needs. */
export interface SoundSink {
  /** @returns `false` where there is no room: the sound is dropped */
  sendSound(bytes: Uint8Array): boolean;
}

interface Listener {
  leaseUntilMs: number;
  sentSamples: number;
  receivedSamples: number;
  droppedSamples: number;
}

/**
 * Live sound for the pages that listen, as soon as it comes. Nothing waits for a page: sound that has no room, that a page
 * has not taken, or that comes faster than it can be heard is dropped for it and counted.
 */
export class LiveSoundFeed<Page extends SoundSink> {
  private readonly encoder = new SoundEncoder();
  private readonly listeners = new Map<Page, Listener>();
  private gathered: LiveSound[] = [];
  private aheadSeconds = 0;
  private paidAtMs: number;
  private timer: NodeJS.Immediate | undefined;

  constructor(private readonly now: () => number = () => performance.now()) {
    this.paidAtMs = now();
  }

  get listenerCount(): number {
    return this.listeners.size;
  }

  /**
   * A page listens, and has got so many samples since it began; or it does not listen any more.
   *
   * @param receivedSamples 0 begins anew
   */
  listen(page: Page, isOn: boolean, receivedSamples: number): void {
    if (!isOn) {
      this.leave(page);
      return;
    }
    const leaseUntilMs = this.now() + LEASE_MS;
    const known = this.listeners.get(page);
    if (known === undefined || receivedSamples === 0) {
      this.listeners.set(page, { leaseUntilMs, sentSamples: 0, receivedSamples: 0, droppedSamples: 0 });
      return;
    }
    known.leaseUntilMs = leaseUntilMs;
    // Nobody has got more than was sent.
    known.receivedSamples = Math.min(Math.max(known.receivedSamples, receivedSamples), known.sentSamples);
  }

  leave(page: Page): void {
    this.listeners.delete(page);
  }

  push(piece: SoundPiece): void {
    // Nobody listens: nothing is computed.
    if (this.listeners.size === 0) return;
    const sound = this.encoder.encode(piece);
    if (sound === undefined) return;
    this.gathered.push(sound);
    // What a port brings at once are many packets; they go as one frame.
    this.timer ??= setImmediate(() => this.flush());
  }

  close(): void {
    clearImmediate(this.timer);
    this.listeners.clear();
  }

  private flush(): void {
    this.timer = undefined;
    const sounds = this.gathered;
    this.gathered = [];
    for (let from = 0; from < sounds.length;) {
      let end = from + 1;
      while (end < sounds.length && follows(sounds[end - 1], sounds[end])) end++;
      this.send(join(sounds.slice(from, end)));
      from = end;
    }
  }

  private send(sound: LiveSound): void {
    const nowMs = this.now();
    const seconds = sound.samples.length / sound.sampleRateHz;
    const paid = ((nowMs - this.paidAtMs) / 1000) * MOST_PACE;
    this.paidAtMs = nowMs;
    this.aheadSeconds = Math.max(0, this.aheadSeconds - paid);
    const isTooFast = this.aheadSeconds + seconds > MOST_AHEAD_SECONDS;
    if (!isTooFast) this.aheadSeconds += seconds;
    for (const [page, listener] of this.listeners) {
      if (listener.leaseUntilMs < nowMs) {
        this.listeners.delete(page);
        continue;
      }
      const unheard = listener.sentSamples - listener.receivedSamples;
      const isLate = unheard > MOST_UNHEARD_SECONDS * sound.sampleRateHz;
      const { droppedSamples } = listener;
      const isSent = !isTooFast && !isLate && page.sendSound(encodeSoundFrame({ ...sound, droppedSamples }));
      if (isSent) listener.sentSamples += sound.samples.length;
      else listener.droppedSamples += sound.samples.length;
    }
  }
}

const follows = (before: LiveSound, after: LiveSound): boolean =>
  before.stream === after.stream && after.firstSample === before.firstSample + before.samples.length;

function join(sounds: readonly LiveSound[]): LiveSound {
  if (sounds.length === 1) return sounds[0];
  const samples = new Int16Array(sounds.reduce((sum, sound) => sum + sound.samples.length, 0));
  let at = 0;
  for (const sound of sounds) {
    samples.set(sound.samples, at);
    at += sound.samples.length;
  }
  return { ...sounds[0], samples };
}
