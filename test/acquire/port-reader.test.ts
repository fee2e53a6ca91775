import { expect } from 'chai';
import { ReadingPace } from '../../src/acquire/port-reader.js';
import { openSerialPort } from '../../src/acquire/serial-port.js';
import { PseudoTerminal } from '../../src/simulate/pseudo-terminal.js';
import { needPseudoTerminals } from '../support/pseudo-terminals.js';
import { until } from '../support/until.js';

describe('reading a port', function () {
  before(needPseudoTerminals);
  let terminal: PseudoTerminal;
  beforeEach(() => (terminal = new PseudoTerminal({})));
  afterEach(() => terminal.close());

  /** What came, and when. */
  function listen() {
    const arrived: { readonly atMs: number; readonly bytes: Uint8Array }[] = [];
    let isOpen = false;
    const subscription = openSerialPort({ path: terminal.path }).subscribe((event) => {
      if (event.kind === 'open') isOpen = true;
      else arrived.push({ atMs: performance.now(), bytes: event.bytes });
    });
    const bytes = () => arrived.flatMap((each) => [...each.bytes]);
    return {
      arrived,
      bytes,
      subscription,
      opened: () => until(() => isOpen && terminal.isOpen, 'the port to open'),
    };
  }

  it('gathers what a calm line brings, loses nothing of it and keeps its order', async () => {
    const { arrived, bytes, subscription, opened } = listen();
    await opened();
    const sent: number[] = [];
    const calmAtMs = performance.now() + 1500;
    while (performance.now() < calmAtMs + 1500) {
      const packet = Uint8Array.from({ length: 90 }, (_, i) => (sent.length + i) % 251);
      terminal.write(packet);
      sent.push(...packet);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await until(() => bytes().length === sent.length, 'all of it');
    subscription.unsubscribe();
    expect(bytes()).to.deep.equal(sent);
    const calm = arrived.filter(({ atMs }) => atMs > calmAtMs);
    // A timer may come late, never early.
    for (const [i, { atMs }] of calm.entries()) if (i > 0) expect(atMs - calm[i - 1].atMs).to.be.above(90);
    expect(calm.length).to.be.above(1);
  });
});

describe('the pace of reading', () => {
  /** Pauses after reads of `length` bytes every `everyMs`. */
  const pauses = (length: number, everyMs: number, forMs: number) => {
    const pace = new ReadingPace(0);
    return Array.from({ length: forMs / everyMs }, (_, i) => pace.pauseAfter(length, (i + 1) * everyMs));
  };

  it('reads a new line at once, and gathers what a calm one brings from a second on', () => {
    const found = pauses(90, 20, 3000);
    expect(found.slice(0, 49)).to.deep.equal(new Array(49).fill(0));
    expect(found.slice(49)).to.deep.equal(new Array(101).fill(100));
  });

  it('reads a busy line at once, and for a second after it was busy', () => {
    expect(new Set(pauses(4000, 20, 3000))).to.deep.equal(new Set([0]));
    const pace = new ReadingPace(0);
    for (let ms = 100; ms <= 3000; ms += 100) pace.pauseAfter(4000, ms);
    expect(pace.pauseAfter(10, 3100)).to.equal(0);
    expect(pace.pauseAfter(10, 3980)).to.equal(0);
    expect(pace.pauseAfter(10, 4040)).to.equal(100);
  });
});
