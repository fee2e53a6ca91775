import { printable } from '../printable.js';
import type { Output } from './output.js';
import type { ProgramEvent } from './program-events.js';
import { eventSentence } from './sentences.js';
import { TraceStrip } from './trace-strip.js';

export interface PeopleOutputOptions {
  /** Kinds of events that this command does not show. */
  readonly quiet?: ReadonlySet<ProgramEvent['kind']>;
  /** Where the signal is drawn beside its windows: its rate. */
  readonly traceRateHz?: number;
  /** Stands after the final result. */
  readonly closing?: string;
}

const TRACE_COLUMNS = 48;
const TRACE_SECONDS = 3;

/** Plain lines for people, which also read well in a log file. Errors go to stderr. */
export class PeopleOutput implements Output {
  private readonly strip: TraceStrip | undefined;
  private saidVerdict = '';

  constructor(private readonly options: PeopleOutputOptions = {}) {
    const { traceRateHz } = options;
    if (traceRateHz !== undefined) this.strip = new TraceStrip(traceRateHz, TRACE_COLUMNS, TRACE_SECONDS);
  }

  event(event: ProgramEvent): void {
    if (this.options.quiet?.has(event.kind) === true) return;
    if (event.kind === 'verdict') {
      // With every window its figures change; a line of its own is for what a person would call a change.
      const words = `${event.verdict} ${event.reasons.join()}`;
      if (words === this.saidVerdict) return;
      this.saidVerdict = words;
    }
    const line = eventSentence(event);
    if (line === undefined) return;
    if (event.kind === 'error') this.log(line);
    else if (event.kind === 'window' && this.strip !== undefined)
      this.say(`${this.strip.toString()}  ${line}`);
    else this.say(line);
    if (event.kind === 'final' && this.options.closing !== undefined) this.say(this.options.closing);
  }

  trace(samples: Float64Array): void {
    this.strip?.push(samples);
  }

  say(line: string): void {
    process.stdout.write(`${printable(line)}\n`);
  }

  log(line: string): void {
    process.stderr.write(`${printable(line)}\n`);
  }
}
