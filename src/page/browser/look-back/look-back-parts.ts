import { make } from '../elements.js';
import { KEYS_IN_WORDS } from './keys.js';

export interface LookBackParts {
  readonly root: HTMLElement;
  /** What hands and keys act on. */
  readonly hand: HTMLElement;
  readonly lanes: Readonly<Record<'trace' | 'bands' | 'windows', HTMLCanvasElement>>;
  /** Which part is shown. */
  readonly span: HTMLElement;
  /** What was measured. */
  readonly reading: HTMLElement;
  readonly clear: HTMLButtonElement;
  /** Back to what moves; `null` where nothing does. */
  readonly live: HTMLButtonElement | null;
  /** Where whoever opened it says what goes on meanwhile. */
  readonly state: HTMLElement;
  /** Shows which part of the recording is seen; the last for who cannot see. */
  readonly setPlace: (fromSeconds: number, toSeconds: number, endSeconds: number, words: string) => void;
}

export interface LookBackOrders {
  readonly move: (part: number) => void;
  readonly zoom: (factor: number) => void;
  readonly all: () => void;
  readonly clear: () => void;
  /** To a place as a share of what can be shown first. */
  readonly slide: (share: number) => void;
}

const SLIDER_STEPS = 1000;
const LEAST_PLACE_PIXELS = 24;
let count = 0;

/** Builds what a person sees and touches; what it shows is said by `LookBackView`. */
export function buildParts(onLive: (() => void) | undefined, orders: LookBackOrders): LookBackParts {
  const id = `look-keys-${++count}`;
  const canvas = (label: string) => make('canvas', { role: 'img', 'aria-label': label });
  const lanes = {
    trace: canvas('Trace of the heart sound, with first and second heart sounds, gaps and lost contact'),
    bands: canvas('Spectrogram, 25 to 400 hertz'),
    windows: canvas('Probability of abnormal for each window; filled points are usable'),
  };
  const hand = make(
    'div',
    { class: 'look-hand', tabindex: '0', role: 'group', 'aria-label': 'Heart sound', 'aria-describedby': id },
    make('div', { class: 'look-lane trace' }, lanes.trace),
    make('div', { class: 'look-lane bands' }, lanes.bands),
    make('div', { class: 'look-lane windows' }, lanes.windows),
  );
  const button = (label: string, name: string, act: () => void) => {
    const made = make('button', { type: 'button', 'aria-label': name, title: name }, label);
    made.addEventListener('click', act);
    return made;
  };
  const live = onLive === undefined ? null : button('▶ Live', 'Back to live', onLive);
  live?.classList.add('primary');
  const clear = button('✕', 'Take the marks away', orders.clear);
  const slider = make('input', {
    type: 'range',
    min: '0',
    max: String(SLIDER_STEPS),
    'aria-label': 'Place in the recording',
  });
  slider.addEventListener('input', () => orders.slide(Number(slider.value) / SLIDER_STEPS));
  const state = make('p', { class: 'look-state' });
  const span = make('p', { class: 'look-span' });
  const reading = make('p', { class: 'look-reading', role: 'status' });
  const place = make('div', { class: 'look-place' });
  const buttons = make(
    'div',
    { class: 'look-buttons', role: 'group', 'aria-label': 'What is shown' },
    ...(live === null ? [] : [live]),
    button('‹', 'Earlier', () => orders.move(-0.5)),
    button('›', 'Later', () => orders.move(0.5)),
    button('+', 'Closer', () => orders.zoom(0.5)),
    button('−', 'Wider', () => orders.zoom(2)),
    button('All', 'All of the recording', orders.all),
    clear,
  );
  const root = make(
    'div',
    { class: 'look-back' },
    state,
    hand,
    make('div', { class: 'look-slide' }, place, slider),
    make('div', { class: 'look-words' }, span, reading),
    buttons,
    make('p', { class: 'unseen', id }, KEYS_IN_WORDS),
  );
  state.hidden = onLive === undefined;
  const setPlace: LookBackParts['setPlace'] = (from, to, end, words) => {
    const room = end - (to - from);
    slider.disabled = room < 1e-3;
    slider.value = String(slider.disabled ? SLIDER_STEPS : Math.round((SLIDER_STEPS * from) / room));
    slider.setAttribute('aria-valuetext', words);
    const all = Math.max(end, to);
    // Never too small to be seen, and never beyond the end.
    place.style.left = `min(${(100 * from) / all}%, 100% - ${LEAST_PLACE_PIXELS}px)`;
    place.style.width = `max(${LEAST_PLACE_PIXELS}px, ${(100 * (to - from)) / all}%)`;
  };
  return { root, hand, lanes, span, reading, clear, live, state, setPlace };
}
