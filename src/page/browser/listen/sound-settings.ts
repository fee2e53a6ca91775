import { FILTER_BANDS, LISTENING_FILTERS, type ListeningFilter } from '../../../listen/listening-filter.js';
import { LEAST_GAIN_DB, MOST_GAIN_DB } from '../../../listen/sound-renderer.js';
import { make, setText } from '../elements.js';

const KEY = 'lubdub-listening';

export interface SoundSetting {
  readonly filter: ListeningFilter;
  readonly gainDb: number;
}

const NAMES: Readonly<Record<ListeningFilter, readonly [string, string]>> = {
  bell: ['Bell', bandWords('bell')],
  diaphragm: ['Diaphragm', bandWords('diaphragm')],
  wide: ['Wide', 'all'],
};

function bandWords(filter: 'bell' | 'diaphragm'): string {
  const { lowHz, highHz } = FILTER_BANDS[filter];
  return `${lowHz}–${highHz} Hz`;
}

/** Filter and volume, the same for live sound and stored sessions, kept by this browser. Whether it sounds is not kept. */
export class SoundSettings {
  private setting: SoundSetting = read();
  private readonly listeners = new Set<(setting: SoundSetting) => void>();

  get value(): SoundSetting {
    return this.setting;
  }

  /** @returns how to listen no more */
  watch(listener: (setting: SoundSetting) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  change(change: Partial<SoundSetting>): void {
    this.setting = { ...this.setting, ...change };
    try {
      localStorage.setItem(KEY, JSON.stringify(this.setting));
    } catch {
      // A browser that keeps nothing plays all the same.
    }
    for (const listener of this.listeners) listener(this.setting);
  }

  /**
   * Radio buttons and a slider.
   *
   * @param name of the group on the page
   */
  controls(name: string): { readonly element: HTMLElement; readonly forget: () => void } {
    const radios = LISTENING_FILTERS.map((filter) => {
      const input = make('input', { type: 'radio', name: `${name}-filter`, value: filter });
      input.addEventListener('change', () => this.change({ filter }));
      return input;
    });
    const filters = make(
      'fieldset',
      { class: 'filters' },
      make('legend', {}, 'Filter'),
      ...radios.map((input, i) => {
        const [word, band] = NAMES[LISTENING_FILTERS[i]];
        return make('label', {}, input, make('span', {}, word, make('small', {}, band)));
      }),
    );
    const slider = make('input', {
      id: `${name}-volume`,
      type: 'range',
      min: String(LEAST_GAIN_DB),
      max: String(MOST_GAIN_DB),
      step: '1',
    });
    slider.addEventListener('input', () => this.change({ gainDb: Number(slider.value) }));
    const words = make('span');
    const show = ({ filter, gainDb }: SoundSetting) => {
      radios.forEach((input) => (input.checked = input.value === filter));
      slider.value = String(gainDb);
      const text = `${gainDb > 0 ? '+' : ''}${gainDb} dB`;
      slider.setAttribute('aria-valuetext', text);
      setText(words, `Volume ${text}`);
    };
    show(this.setting);
    const element = make(
      'div',
      { class: 'sound-settings' },
      filters,
      make('label', { class: 'volume', for: slider.id }, words, slider),
    );
    return { element, forget: this.watch(show) };
  }
}

function read(): SoundSetting {
  const usual: SoundSetting = { filter: 'wide', gainDb: 0 };
  try {
    const { filter, gainDb } = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<SoundSetting>;
    const isKnown = LISTENING_FILTERS.some((known) => known === filter);
    const isGain = typeof gainDb === 'number' && gainDb >= LEAST_GAIN_DB && gainDb <= MOST_GAIN_DB;
    return { filter: isKnown ? filter! : usual.filter, gainDb: isGain ? gainDb : usual.gainDb };
  } catch {
    return usual;
  }
}
