import { Counter, Gauge } from 'prom-client';
import { healthOf, openMetricsRegistry, type Health, type Vitals, type VitalSign } from '../health/vitals.js';
import type { Ward } from './ward.js';
import type { WardStore } from './ward-store.js';

const ALARMS = ['vanished', 'silent', 'stethoscope-lost'] as const;
/** A store that takes longer stores nothing in time. */
const STORE_LIMIT_MS = 2000;
const MINUTE_MS = 60_000;

/** How a ward program is. Figures are read from the board when somebody asks. */
export class WardVitals implements Vitals {
  private readonly registry = openMetricsRegistry();
  private asked: Promise<unknown> | undefined;

  constructor(
    private readonly ward: Pick<Ward, 'board' | 'isConnected' | 'refused' | 'repeated' | 'stored'>,
    private readonly store: Pick<WardStore, 'list'>,
    private readonly version: string,
  ) {
    const registers = [this.registry];
    const { board } = ward;
    const gauge = (name: string, help: string, read: () => number) =>
      new Gauge({
        name: `lubdub_ward_${name}`,
        help,
        registers,
        collect() {
          this.set(read());
        },
      });
    gauge('broker_connected', '1 while the broker is there.', () => (ward.isConnected ? 1 : 0));
    gauge('bedsides', 'Bedsides on the board.', () => board.rows.length);
    gauge(
      'bedsides_online',
      'Bedsides that are there.',
      () => board.rows.filter(({ online }) => online).length,
    );
    gauge(
      'bedsides_recording',
      'Bedsides that record.',
      () => board.rows.filter(({ online, state }) => online && state === 'recording').length,
    );
    // The ward itself counts; here it is only read, as what it counted before this began is in it.
    const counter = (name: string, help: string, read: () => number) =>
      new Counter({
        name: `lubdub_ward_${name}_total`,
        help,
        registers,
        collect() {
          this.reset();
          this.inc(read());
        },
      });
    counter('stored_results', 'Results that were new and are stored.', () => ward.stored);
    counter('repeated_results', 'Results that had been stored before.', () => ward.repeated);
    counter(
      'refused_messages',
      'Messages that made no sense, or of more bedsides than are taken.',
      () => ward.refused + board.refused,
    );
    gauge('memory_bytes', 'Resident memory of the program.', () => process.memoryUsage.rss());
    new Gauge({
      name: 'lubdub_ward_alarms',
      help: 'Bedsides that somebody should look after.',
      labelNames: ['alarm'],
      registers,
      collect() {
        for (const alarm of ALARMS)
          this.set({ alarm }, board.rows.filter((row) => row.alarm === alarm).length);
      },
    });
    new Gauge({ name: 'lubdub_ward_build_info', help: 'What runs.', labelNames: ['version'], registers }).set(
      { version },
      1,
    );
  }

  async health(): Promise<Health> {
    return healthOf(this.version, {
      broker: this.ward.isConnected
        ? { state: 'ok', message: 'connected' }
        : { state: 'failed', message: 'no connection to the broker' },
      store: await this.storeSign(),
    });
  }

  metrics(): Promise<string> {
    return this.registry.metrics();
  }

  private async storeSign(): Promise<VitalSign> {
    const now = Date.now();
    // One question at a time, however often somebody asks.
    this.asked ??= this.store
      .list(new Date(now - MINUTE_MS), new Date(now))
      .finally(() => (this.asked = undefined));
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error('it does not answer')), STORE_LIMIT_MS);
    });
    try {
      await Promise.race([this.asked, late]);
      return { state: 'ok', message: 'answers' };
    } catch (error) {
      return { state: 'failed', message: `results cannot be stored: ${(error as Error).message}` };
    } finally {
      clearTimeout(timer);
    }
  }
}
