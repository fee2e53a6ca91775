export interface KeyListener {
  /** Later where positive. */
  move(steps: number): void;
  page(pages: number): void;
  begin(): void;
  end(): void;
  zoom(isCloser: boolean): void;
  all(): void;
  /** In the middle of what is shown. */
  mark(): void;
  /** @returns whether there was something to leave */
  escape(): boolean;
}

/** What the keys do, for people. */
export const KEYS_IN_WORDS =
  'Arrow keys, Page Up and Page Down move, Home and End go to the beginning and the end, plus and minus zoom, ' +
  '0 shows all, Enter marks the middle, Escape takes the marks away.';

/** Obeys one key; what has a modifier belongs to the browser. */
export function takeKey(event: KeyboardEvent, listener: KeyListener): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const steps = event.shiftKey ? 5 : 1;
  switch (event.key) {
    case 'ArrowLeft':
      listener.move(-steps);
      break;
    case 'ArrowRight':
      listener.move(steps);
      break;
    case 'PageUp':
      listener.page(-1);
      break;
    case 'PageDown':
      listener.page(1);
      break;
    case 'Home':
      listener.begin();
      break;
    case 'End':
      listener.end();
      break;
    case '+':
    case '=':
      listener.zoom(true);
      break;
    case '-':
      listener.zoom(false);
      break;
    case '0':
      listener.all();
      break;
    case 'Enter':
      listener.mark();
      break;
    case 'Escape':
      if (!listener.escape()) return;
      break;
    default:
      return;
  }
  event.preventDefault();
}
