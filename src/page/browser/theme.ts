import { element, setText } from './elements.js';

const THEMES = ['auto', 'dark', 'light'] as const;
type Theme = (typeof THEMES)[number];
const KEY = 'lubdub-theme';

/** Colours that canvases draw with; style.css defines them. */
export interface Palette {
  readonly background: string;
  readonly grid: string;
  readonly text: string;
  readonly trace: string;
  readonly s1: string;
  readonly s2: string;
  readonly gap: string;
  readonly normal: string;
  readonly abnormal: string;
  readonly uncertain: string;
  readonly cursor: string;
}

/** Follows the system unless the person chose otherwise; tells of every change. */
export class ThemeSwitch {
  private theme: Theme = read();

  constructor(private readonly onChange: () => void) {
    const button = element('theme');
    button.addEventListener('click', () => {
      this.theme = THEMES[(THEMES.indexOf(this.theme) + 1) % THEMES.length];
      write(this.theme);
      this.apply(button);
    });
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.onChange());
    this.apply(button);
  }

  private apply(button: HTMLElement): void {
    document.documentElement.dataset.theme = this.theme;
    setText(button, { auto: '◐ Auto', dark: '● Dark', light: '○ Light' }[this.theme]);
    button.setAttribute('aria-label', `Colours: ${this.theme}. Change`);
    this.onChange();
  }
}

export function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    background: colour('plot'),
    grid: colour('grid'),
    text: colour('text-soft'),
    trace: colour('trace'),
    s1: colour('s1'),
    s2: colour('s2'),
    gap: colour('gap'),
    normal: colour('normal'),
    abnormal: colour('abnormal'),
    uncertain: colour('uncertain'),
    cursor: colour('text'),
  };
}

/** A browser may refuse to store anything; the choice then lasts as long as the page. */
function read(): Theme {
  try {
    const stored = localStorage.getItem(KEY);
    return THEMES.find((theme) => theme === stored) ?? 'auto';
  } catch {
    return 'auto';
  }
}

function write(theme: Theme): void {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // See above.
  }
}
