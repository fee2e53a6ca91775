import { BAND_LEVELS, TRACE_LEVELS } from '../../look-back-grid.js';
import type { LiveView } from '../../page-messages.js';
import { make, setText } from '../elements.js';
import type { LiveCharts } from '../live-charts.js';
import { LiveSource } from './look-back-source.js';
import { LookBackView } from './look-back-view.js';
import { clock } from './time-axis.js';

/** How far the recording has come meanwhile is said so often. */
const CLOCK_MS = 500;
/** What Space is typed into, or means something else on. */
const TYPED_INTO = 'input:not([type=radio], [type=checkbox], [type=range]), textarea, select, audio';
const PRESSED = 'button, a, input, summary, [role=button]';

interface Frozen {
  readonly recording: number;
  readonly isPreview: boolean;
  /** At the right edge when it was frozen. */
  readonly atSeconds: number;
  readonly view: LookBackView;
}

/**
 * Stops the live page's picture, so that a person can look at it and back over the whole recording. The recording, and
 * its screening, know nothing of it.
 */
export class Freeze {
  private readonly button = make('button', { type: 'button', id: 'freeze', hidden: '' }, '❚❚ Freeze');
  private frozen: Frozen | undefined;
  private view: LiveView | undefined;
  /** Who steers by keys presses the button that has the focus; who steers by hand only left it there. */
  private usesKeys = false;
  private takesSpace = false;

  constructor(
    private readonly charts: LiveCharts,
    private readonly box: HTMLElement,
  ) {
    this.button.title = 'Stop the picture and look back (space key); recording goes on';
    this.button.addEventListener('click', () => this.freeze());
    box.querySelector('.chart.bands')!.append(this.button);
    document.addEventListener('pointerdown', () => (this.usesKeys = false), true);
    document.addEventListener('keydown', (event) => this.keyDown(event), true);
    // Some browsers press a button when the key comes up.
    document.addEventListener('keyup', (event) => {
      if (event.code === 'Space' && this.takesSpace) event.preventDefault();
      this.takesSpace = false;
    });
    setInterval(() => this.tick(), CLOCK_MS);
  }

  takeView(view: LiveView): void {
    this.view = view;
    const { frozen } = this;
    if (frozen === undefined) return;
    // The recording that is looked at stays there until another one begins, or it is discarded.
    const isKept =
      view.recording === frozen.recording || (view.status.state === 'stopped' && !frozen.isPreview);
    if (isKept) this.tick();
    else this.toLive();
  }

  recolour(): void {
    this.frozen?.view.recolour();
  }

  /** Back to the picture that moves. */
  toLive(): void {
    const { frozen } = this;
    if (frozen === undefined) return;
    const hadFocus = frozen.view.parts.root.contains(document.activeElement);
    this.frozen = undefined;
    frozen.view.destroy();
    this.box.classList.remove('looking-back');
    this.charts.pause(false);
    if (hadFocus) this.button.focus({ preventScroll: true });
  }

  private freeze(): void {
    const { recording, sampleRateHz, span } = this.charts.picture;
    if (this.frozen !== undefined || this.button.hidden || this.view === undefined || sampleRateHz === 0)
      return;
    const hadFocus = document.activeElement === this.button;
    this.charts.pause(true);
    this.box.classList.add('looking-back');
    const source = new LiveSource({
      recording,
      // Until the server says how far back it remembers.
      reach: {
        sampleRateHz,
        endSeconds: this.charts.present.heardSeconds,
        keptFromSeconds: { trace: zeros(TRACE_LEVELS), bands: zeros(BAND_LEVELS) },
        isStored: false,
      },
      onNews: () => view.invalidate(),
      onGone: () => this.toLive(),
      isHidden: () => document.hidden || this.box.offsetParent === null,
    });
    const { spanSeconds, untilSeconds } = span;
    const view: LookBackView = new LookBackView(this.box, {
      source,
      // What comes after this moment is not in the picture.
      fromSeconds: untilSeconds - spanSeconds,
      spanSeconds,
      takesWheel: true,
      onLive: () => this.toLive(),
    });
    this.box.insertBefore(view.parts.root, this.box.firstChild);
    const isPreview = this.view.status.preview === 'listening';
    this.frozen = { recording, isPreview, atSeconds: untilSeconds, view };
    view.parts.state.append(
      make('strong', { role: 'status' }),
      make('span', { 'aria-hidden': 'true', class: 'look-clock' }),
    );
    this.tick();
    if (hadFocus) view.parts.live?.focus({ preventScroll: true });
  }

  private keyDown(event: KeyboardEvent): void {
    if (event.code !== 'Space') {
      // What is typed by a modifier alone says nothing.
      if (event.key === 'Tab' || event.key.startsWith('Arrow')) this.usesKeys = true;
      return;
    }
    if (event.repeat && this.takesSpace) return event.preventDefault();
    const { activeElement } = document;
    const isElsewhere =
      document.body.dataset.page !== 'live' || document.querySelector('dialog[open]') !== null;
    if (isElsewhere || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    if (activeElement?.matches(TYPED_INTO) === true) return;
    if (this.usesKeys && activeElement?.matches(PRESSED) === true) return;
    if (this.frozen === undefined && this.button.hidden) return;
    event.preventDefault();
    event.stopPropagation();
    this.takesSpace = true;
    if (this.frozen === undefined) this.freeze();
    else this.toLive();
  }

  private tick(): void {
    const { heardSeconds } = this.charts.present;
    this.button.hidden = this.frozen !== undefined || heardSeconds <= 0;
    const { frozen, view } = this;
    if (frozen === undefined || view === undefined) return;
    const [words, clockNode] = frozen.view.parts.state.children;
    const isSame = view.recording === frozen.recording;
    setText(words, `Frozen at ${clock(frozen.atSeconds)}, ${meanwhile(view, frozen)}`);
    setText(clockNode, isSame ? ` (now ${clock(heardSeconds)})` : '');
  }
}

/** What goes on while the picture stands. */
function meanwhile({ status, recording, connection }: LiveView, frozen: Frozen): string {
  if (frozen.isPreview) return 'preview goes on, nothing is stored';
  if (recording !== frozen.recording || status.state === 'stopped') return 'the recording has ended';
  if (status.state === 'stopping') return 'the recording ends';
  return connection.state === 'lost' ? 'recording waits for the stethoscope' : 'recording goes on';
}

const zeros = (count: number): number[] => new Array<number>(count).fill(0);
