import type { Output } from './output.js';
import type { ScreeningEvent } from './screening-events.js';
import { eventSentence } from './sentences.js';

/** Plain lines for people, which also read well in a log file. Errors go to stderr. */
export class PeopleOutput implements Output {
  /** @param quiet kinds of events that this command does not show */
  constructor(private readonly quiet: ReadonlySet<ScreeningEvent['kind']> = new Set()) {}

  event(event: ScreeningEvent): void {
    if (this.quiet.has(event.kind)) return;
    const line = eventSentence(event);
    if (line === undefined) return;
    if (event.kind === 'error') this.log(line);
    else this.say(line);
  }

  say(line: string): void {
    process.stdout.write(`${line}\n`);
  }

  log(line: string): void {
    process.stderr.write(`${line}\n`);
  }
}
