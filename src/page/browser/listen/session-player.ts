import type { StoredListeningStatus } from '../../../listen/stored-listening.js';
import { make, setText } from '../elements.js';
import { toClock } from '../words.js';
import { openSound, permitSound, SoundRefusal, type SoundOutput } from './sound-output.js';
import type { SoundSettings } from './sound-settings.js';
import { StoredSound } from './stored-sound.js';

/** So much is read ahead of what is heard. */
const AHEAD_SECONDS = 4;
const STEP_SECONDS = 5;

export interface SessionPlayerOptions {
  readonly settings: SoundSettings;
  readonly durationSeconds: number;
  /** Where the sound is: heard, or about to be. */
  readonly onPosition: (seconds: number, isPlaying: boolean) => void;
  /** It begins to sound: whatever else does is to stop. */
  readonly onPlay: () => void;
}

/** Plays a stored session: from where a person points, through the same filters as live sound, at full or half speed. */
export class SessionPlayer {
  readonly element: HTMLElement;
  private readonly toggle = make('button', { type: 'button', id: 'sound-toggle', class: 'primary' }, 'Play');
  private readonly halfButton = make(
    'button',
    { type: 'button', id: 'sound-half', 'aria-pressed': 'false' },
    'Half speed',
  );
  private readonly place = make('input', {
    id: 'sound-place',
    class: 'place',
    type: 'range',
    min: '0',
    step: '0.1',
    'aria-label': 'Place in the recording',
  });
  private readonly state = make('p', { id: 'sound-state', role: 'status' });
  private readonly note = make('p', { id: 'sound-note', class: 'small' });
  private readonly clock = make('span', { id: 'sound-clock' });
  private readonly ended = new AbortController();
  private readonly forgetSettings: (() => void)[];
  private address: string | undefined;
  private stored: StoredSound | undefined;
  private output: SoundOutput | undefined;
  private opening: Promise<void> | undefined;
  private status: StoredListeningStatus | undefined;
  private seekNumber = 0;
  private readUntil = 0;
  private isReading = false;
  private isHalf = false;
  private isWanted = false;
  private seconds = 0;

  constructor(private readonly options: SessionPlayerOptions) {
    const { settings, durationSeconds } = options;
    this.place.max = String(durationSeconds);
    const controls = settings.controls('sound');
    this.forgetSettings = [
      controls.forget,
      settings.watch((setting) => this.output?.send({ kind: 'set', ...setting })),
    ];
    const jump = (seconds: number, label: string) => {
      const button = make('button', { type: 'button' }, label);
      button.addEventListener('click', () => this.seek(this.seconds + seconds));
      return button;
    };
    this.toggle.disabled = true;
    this.toggle.addEventListener('click', () => (this.isWanted ? this.pause() : this.resume()));
    this.place.addEventListener('input', () => this.seek(Number(this.place.value)));
    this.halfButton.addEventListener('click', () => {
      this.isHalf = !this.isHalf;
      this.halfButton.setAttribute('aria-pressed', String(this.isHalf));
      this.output?.send({ kind: 'half', isWanted: this.isHalf });
    });
    this.element = make(
      'section',
      { class: 'card player', 'aria-label': 'Listen to the recording' },
      make('h3', {}, 'Listen'),
      make(
        'div',
        { class: 'buttons' },
        this.toggle,
        jump(-STEP_SECONDS, `‹ ${STEP_SECONDS} s back`),
        jump(STEP_SECONDS, `${STEP_SECONDS} s on ›`),
        this.halfButton,
      ),
      make('div', { class: 'volume' }, this.clock, this.place),
      controls.element,
      this.state,
      this.note,
    );
    this.show();
  }

  /** @param gain that the server makes the sound louder by, so that the volume's middle is a usual loudness */
  setSound(name: string, gain: number): void {
    this.address = `/api/sessions/${encodeURIComponent(name)}/audio.wav?gain=${gain}`;
    this.toggle.disabled = false;
    const louder = gain === 1 ? 'As recorded' : `Made ${gain} times louder`;
    setText(
      this.note,
      `${louder}; lost samples are silence. Tap the trace to listen from there. Half speed sounds an octave lower. ` +
        'Heart sounds are low: use headphones.',
    );
  }

  /** To be called from a tap or a key. */
  playFrom(seconds: number): void {
    if (this.address === undefined) return;
    const isAtEnd = this.status?.state === 'ended' && seconds >= this.options.durationSeconds - 0.05;
    this.isWanted = true;
    this.options.onPlay();
    void this.opened().then(() => {
      this.seek(isAtEnd ? 0 : seconds);
      this.output?.send({ kind: 'play', isWanted: this.isWanted });
    });
    this.show();
  }

  destroy(): void {
    this.ended.abort();
    this.isWanted = false;
    this.output?.close();
    this.output = undefined;
    for (const forget of this.forgetSettings) forget();
  }

  private resume(): void {
    const { output, status } = this;
    if (output === undefined || status === undefined || status.state === 'ended') {
      this.playFrom(this.seconds);
      return;
    }
    this.isWanted = true;
    this.options.onPlay();
    output.send({ kind: 'play', isWanted: true });
    this.show();
  }

  private pause(): void {
    this.isWanted = false;
    this.output?.send({ kind: 'play', isWanted: false });
    this.show();
  }

  private seek(seconds: number): void {
    this.seconds = Math.max(0, Math.min(this.options.durationSeconds, seconds));
    const { stored } = this;
    if (stored !== undefined) {
      this.seekNumber++;
      const sample = Math.min(stored.totalSamples, Math.round(this.seconds * stored.sampleRateHz));
      this.output?.send({ kind: 'seek', sample, seek: this.seekNumber });
      this.readUntil = sample;
      this.status = { state: 'waiting', position: sample, seek: this.seekNumber };
      void this.readAhead();
    }
    this.showPlace();
  }

  private opened(): Promise<void> {
    this.opening ??= this.openOnce().catch((error: unknown) => {
      this.opening = undefined;
      this.isWanted = false;
      if (this.ended.signal.aborted) return;
      const message = (error as Error).message;
      this.show(error instanceof SoundRefusal ? message : `The sound cannot be played: ${message}`);
    });
    return this.opening;
  }

  private async openOnce(): Promise<void> {
    const { signal } = this.ended;
    // First the sound device: a browser lets a page sound from a tap, not from what a server answers to it.
    const { release } = await permitSound();
    try {
      this.stored = await StoredSound.open(this.address!, signal);
      this.output = await this.openOutput(this.stored);
    } finally {
      release();
    }
  }

  private async openOutput({ sampleRateHz, totalSamples }: StoredSound): Promise<SoundOutput | undefined> {
    const options = { kind: 'stored', sampleRateHz, totalSamples } as const;
    const output = await openSound<StoredListeningStatus>(options, (status) => this.takeStatus(status));
    if (this.ended.signal.aborted) {
      output.close();
      return undefined;
    }
    output.send({ kind: 'set', ...this.options.settings.value });
    output.send({ kind: 'half', isWanted: this.isHalf });
    return output;
  }

  private takeStatus(status: StoredListeningStatus): void {
    // Of before a jump.
    if (status.seek !== this.seekNumber || this.ended.signal.aborted) return;
    this.status = status;
    if (status.state === 'ended') this.isWanted = false;
    if (status.state !== 'paused' || this.isWanted) {
      this.seconds = Math.min(this.options.durationSeconds, status.position / this.stored!.sampleRateHz);
    }
    this.showPlace();
    this.show();
    void this.readAhead();
  }

  private async readAhead(): Promise<void> {
    const { stored, status, seekNumber, readUntil } = this;
    if (this.isReading || stored === undefined || status === undefined) return;
    const isFar = readUntil - status.position > AHEAD_SECONDS * stored.sampleRateHz;
    if (isFar || readUntil >= stored.totalSamples) return;
    this.isReading = true;
    try {
      const samples = await stored.read(readUntil);
      if (seekNumber === this.seekNumber) {
        this.output?.send({ kind: 'samples', seek: seekNumber, samples });
        this.readUntil = readUntil + samples.length;
      }
    } catch (error) {
      if (this.ended.signal.aborted) return;
      this.pause();
      this.show(`The sound cannot be read: ${(error as Error).message}`);
      return;
    } finally {
      this.isReading = false;
    }
    // What was read may have been for a place that is left by now.
    if (seekNumber !== this.seekNumber) await this.readAhead();
  }

  private show(trouble?: string): void {
    const { status, isWanted } = this;
    setText(this.toggle, isWanted ? 'Pause' : 'Play');
    const words = !isWanted
      ? ''
      : status?.state === 'playing'
        ? this.isHalf
          ? 'Playing at half speed.'
          : 'Playing.'
        : 'Buffering …';
    if (trouble !== undefined || isWanted || words !== '') setText(this.state, trouble ?? words);
    else if (!this.state.textContent.startsWith('The ')) setText(this.state, '');
  }

  private showPlace(): void {
    const { durationSeconds } = this.options;
    this.place.value = String(this.seconds);
    const words = `${toClock(this.seconds)} of ${toClock(durationSeconds)}`;
    this.place.setAttribute('aria-valuetext', words);
    setText(this.clock, words);
    this.options.onPosition(this.seconds, this.isWanted);
  }
}
