import { element, make, setText } from '../../page/browser/elements.js';
import { siteName, toPercent, verdictIcon, verdictName } from '../../page/browser/words.js';
import type { WardRow } from '../ward-board.js';
import { activity, alarmWords, reasonWords, signal } from './ward-words.js';

interface Card {
  readonly item: HTMLElement;
  readonly name: HTMLElement;
  readonly activity: HTMLElement;
  readonly who: HTMLElement;
  readonly verdict: HTMLElement;
  readonly signal: HTMLElement;
}

/** A card for each bedside, kept from change to change; and what somebody should look after above them. */
export class BedsideCards {
  private readonly cards = new Map<string, Card>();
  private readonly alarms = new Map<string, HTMLElement>();
  private readonly rows = new Map<string, WardRow>();
  private readonly find = element<HTMLInputElement>('find');
  private readonly onlyRecording = element<HTMLInputElement>('only-recording');

  constructor(private readonly dismiss: (bedside: string) => void) {
    this.find.addEventListener('input', () => this.filter());
    this.onlyRecording.addEventListener('change', () => this.filter());
  }

  setAll(rows: readonly WardRow[]): void {
    const names = new Set(rows.map(({ bedside }) => bedside));
    this.change(
      rows,
      [...this.rows.keys()].filter((name) => !names.has(name)),
    );
  }

  change(rows: readonly WardRow[], gone: readonly string[]): void {
    for (const name of gone) {
      this.rows.delete(name);
      this.cards.get(name)?.item.remove();
      this.cards.delete(name);
      this.alarms.get(name)?.remove();
      this.alarms.delete(name);
    }
    for (const row of rows) {
      this.rows.set(row.bedside, row);
      this.draw(row);
      this.drawAlarm(row);
    }
    this.count();
    this.filter();
  }

  private draw(row: WardRow): void {
    const card = this.cards.get(row.bedside) ?? this.add(row.bedside);
    const { item } = card;
    const verdict = row.verdict ?? 'none';
    item.dataset.verdict = verdict;
    item.toggleAttribute('data-away', !row.online);
    item.toggleAttribute('data-alarm', row.alarm !== null);
    setText(card.activity, activity(row));
    const who = [row.subject, row.site === null ? null : siteName(row.site)].filter((part) => part !== null);
    setText(card.who, who.length === 0 ? 'no subject named' : who.join(' · '));
    const share = row.probability === null ? '' : ` (abnormal ${toPercent(row.probability)})`;
    const reasons = row.reasons.length === 0 ? '' : `: ${reasonWords(row.reasons)}`;
    setText(
      card.verdict,
      row.verdict === null ? '' : `${verdictIcon(verdict)} ${verdictName(verdict)}${share}${reasons}`,
    );
    const { words, isPoor } = signal(row);
    const rate = row.heartRateBpm === null ? '' : `${Math.round(row.heartRateBpm)}/min`;
    const battery = row.batteryPercent === null || !row.online ? '' : `battery ${row.batteryPercent} %`;
    card.signal.className = isPoor ? 'small poor' : 'small';
    setText(card.signal, [words, rate, battery].filter((part) => part !== '').join(' · '));
  }

  private add(bedside: string): Card {
    const card = {
      item: make('li'),
      name: make('span', {}, bedside),
      activity: make('span', { class: 'small' }),
      who: make('p'),
      verdict: make('p', { class: 'verdict' }),
      signal: make('p', { class: 'small' }),
    };
    card.item.append(
      make('p', { class: 'name' }, card.name, card.activity),
      card.who,
      card.verdict,
      card.signal,
    );
    this.cards.set(bedside, card);
    const after = [...this.cards.keys()]
      .filter((name) => name.localeCompare(bedside) > 0)
      .sort((a, b) => a.localeCompare(b))[0];
    element('bedsides').insertBefore(card.item, after === undefined ? null : this.cards.get(after)!.item);
    return card;
  }

  private drawAlarm(row: WardRow): void {
    const { bedside, alarm, alarmSinceMs } = row;
    if (alarm === null) {
      this.alarms.get(bedside)?.remove();
      this.alarms.delete(bedside);
      return;
    }
    const since = alarmSinceMs === null ? '' : ` since ${new Date(alarmSinceMs).toLocaleTimeString()}`;
    const text = `${alarmWords[alarm]}${since}`;
    const known = this.alarms.get(bedside);
    if (known !== undefined) return setText(known.querySelector('.why')!, text);
    const item = make('li', {}, make('strong', {}, `▲ ${bedside}`), make('span', { class: 'why' }, text));
    if (alarm === 'vanished') {
      const button = make('button', { type: 'button', class: 'quiet' }, 'Seen');
      button.addEventListener('click', () => this.dismiss(bedside));
      item.append(button);
    }
    this.alarms.set(bedside, item);
    element('alarm-list').append(item);
  }

  private count(): void {
    const rows = [...this.rows.values()];
    const recording = rows.filter(({ online, state }) => online && state === 'recording').length;
    const alarms = rows.filter(({ alarm }) => alarm !== null).length;
    setText(element('count'), `${rows.length} bedsides`);
    setText(element('recording'), `${recording} recording`);
    setText(element('alarms'), alarms === 0 ? '✓ no alarm' : `▲ ${alarms} to look after`);
    element('alarm-pill').dataset.level = alarms === 0 ? 'good' : 'poor';
    element('alarm-section').hidden = alarms === 0;
    setText(element('bedsides-none'), rows.length === 0 ? 'Nobody has been heard of yet.' : '');
  }

  private filter(): void {
    const wanted = this.find.value.trim().toLowerCase();
    for (const [name, { item }] of this.cards) {
      const { subject, state, online } = this.rows.get(name)!;
      const isNamed = name.toLowerCase().includes(wanted) || (subject ?? '').toLowerCase().includes(wanted);
      item.hidden = !isNamed || (this.onlyRecording.checked && !(online && state === 'recording'));
    }
  }
}
