import type { LiveListeningStatus } from '../../../listen/live-listening.js';
import { REPLAY_SECONDS } from '../../../listen/live-playout.js';
import type { SoundFrame } from '../../sound-frame.js';
import type { Connection } from '../connection.js';
import { element, make, setText } from '../elements.js';
import { openSound, SoundRefusal, type SoundOutput } from './sound-output.js';
import type { SoundSettings } from './sound-settings.js';

type SoundState = 'off' | 'starting' | 'refused' | LiveListeningStatus['state'];

/** How often the page says that it listens, and how far. */
const TELL_MS = 500;
/** Beyond this a person is to know that sound was dropped. */
const WORTH_A_WORD_SECONDS = 0.05;

const WORDS: Readonly<Record<SoundState, readonly [short: string, sentence: string]>> = {
  off: ['Off', 'Sound is off.'],
  starting: ['Wait', 'Buffering …'],
  waiting: ['Wait', 'Buffering: waiting for sound from the stethoscope.'],
  live: ['Live', 'Live.'],
  half: ['Half', `The last ${REPLAY_SECONDS} s at half speed, an octave lower. Live goes on behind it.`],
  refused: ['None', ''],
};

/** Live sound: the button that tells how it stands, and its panel. Off until a person wants it. */
export class LiveSoundPanel {
  private readonly button = element<HTMLButtonElement>('listen');
  private readonly panel = element('listen-panel');
  private readonly toggle = make('button', { type: 'button', id: 'listen-toggle', class: 'primary' });
  private readonly half = make('button', { type: 'button', id: 'listen-half' });
  private readonly sentence = make('p', { id: 'listen-state', role: 'status' });
  private readonly figures = make('p', { id: 'listen-figures', class: 'small' });
  private readonly word = make('span', { id: 'listen-word' });
  private output: SoundOutput | undefined;
  private state: SoundState = 'off';
  private status: LiveListeningStatus | undefined;
  private refusal = '';
  private receivedSamples = 0;
  private droppedOnTheWay = 0;
  private isConnected = false;
  private timer: number | undefined;
  private opening = 0;

  constructor(
    private readonly connection: Connection,
    private readonly settings: SoundSettings,
  ) {
    const close = make(
      'button',
      { type: 'button', id: 'listen-close', class: 'quiet', 'aria-label': 'Close' },
      '✕',
    );
    this.button.replaceChildren(
      make('span', { 'aria-hidden': 'true' }, '♪ '),
      make('span', { class: 'unseen' }, 'Sound: '),
      this.word,
    );
    this.panel.replaceChildren(
      make('div', { class: 'buttons' }, this.toggle, this.half, close),
      this.settings.controls('listen').element,
      this.sentence,
      this.figures,
    );
    this.button.addEventListener('click', () => this.open(this.panel.hidden !== false));
    close.addEventListener('click', () => this.open(false));
    for (const place of [this.panel, this.button]) {
      place.addEventListener('keydown', ({ key }) => {
        if (key === 'Escape' && !this.panel.hidden) this.open(false);
      });
    }
    this.toggle.addEventListener('click', () => (this.isOn ? this.stop() : void this.start()));
    this.half.addEventListener('click', () =>
      this.output?.send({ kind: 'half', isWanted: this.state !== 'half' }),
    );
    settings.watch((setting) => this.output?.send({ kind: 'set', ...setting }));
    this.show();
  }

  /** A piece of sound for whoever listens. */
  takeSound(frame: SoundFrame): void {
    if (!this.isOn) return;
    this.receivedSamples += frame.samples.length;
    this.droppedOnTheWay = frame.droppedSamples / frame.sampleRateHz;
    const { stream, sampleRateHz, firstSample, samples } = frame;
    this.output?.send({ kind: 'sound', sound: { stream, sampleRateHz, firstSample, samples } });
  }

  /** Another line to the server knows nothing of what this page has got. */
  takeConnection(isConnected: boolean): void {
    this.isConnected = isConnected;
    this.receivedSamples = 0;
    if (isConnected && this.isOn) this.tell(true);
  }

  stop(): void {
    if (!this.isOn && this.state !== 'refused') return;
    this.opening++;
    this.close();
    this.state = 'off';
    this.show();
  }

  private get isOn(): boolean {
    return this.state !== 'off' && this.state !== 'refused';
  }

  private async start(): Promise<void> {
    const opening = ++this.opening;
    this.state = 'starting';
    this.receivedSamples = 0;
    this.droppedOnTheWay = 0;
    this.status = undefined;
    this.show();
    try {
      const output = await openSound<LiveListeningStatus>({ kind: 'live' }, (status) => {
        if (opening === this.opening) this.takeStatus(status);
      });
      if (opening !== this.opening) return output.close();
      this.output = output;
      output.send({ kind: 'set', ...this.settings.value });
      this.tell(true);
      this.timer = window.setInterval(() => this.tell(true), TELL_MS);
    } catch (error) {
      if (opening !== this.opening) return;
      this.close();
      this.state = 'refused';
      this.refusal = error instanceof SoundRefusal ? error.message : `No sound: ${(error as Error).message}`;
      this.show();
    }
  }

  private close(): void {
    window.clearInterval(this.timer);
    if (this.output !== undefined) this.tell(false);
    this.output?.close();
    this.output = undefined;
  }

  private tell(isOn: boolean): void {
    if (!this.isConnected) return;
    const { receivedSamples } = this;
    void this.connection.send({ command: 'listen', isOn, receivedSamples });
  }

  private takeStatus(status: LiveListeningStatus): void {
    this.status = status;
    this.state = status.state;
    this.show();
  }

  private open(isOpen: boolean): void {
    this.panel.hidden = !isOpen;
    this.button.setAttribute('aria-expanded', String(isOpen));
    if (isOpen) this.toggle.focus();
    else this.button.focus();
  }

  private show(): void {
    const { state, status, output } = this;
    const [short, sentence] = WORDS[state];
    document.body.dataset.sound = state;
    this.button.dataset.state = state;
    setText(this.word, short);
    this.button.title = sentence;
    setText(this.toggle, this.isOn ? 'Mute' : 'Listen');
    setText(this.half, state === 'half' ? 'Back to live' : `Last ${REPLAY_SECONDS} s, half speed`);
    this.half.disabled = !this.isOn || (status?.sampleRateHz ?? 0) === 0;
    setText(this.sentence, state === 'refused' ? this.refusal : sentence);
    setText(
      this.figures,
      this.isOn ? this.figureWords(output?.outputSeconds ?? 0) : 'Use headphones: heart sounds are low.',
    );
  }

  private figureWords(outputSeconds: number): string {
    const { status } = this;
    if (status === undefined) return '';
    const dropped = status.droppedSeconds + this.droppedOnTheWay;
    const late = `${(status.behindSeconds + outputSeconds).toFixed(2)} s behind the stethoscope`;
    const lost =
      dropped < WORTH_A_WORD_SECONDS
        ? 'no sound dropped'
        : `${dropped.toFixed(1)} s of sound dropped (the screening has them)`;
    return status.state === 'live' ? `${late}, ${lost}.` : `${lost}.`;
  }
}
