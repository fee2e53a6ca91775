import { appendFileSync } from 'node:fs';
import { BedsideStateTracker } from '../../src/publish/bedside-state.js';
import { BrokerLink } from '../../src/publish/broker-link.js';
import { Outbox, type PostedMessage } from '../../src/publish/outbox.js';
import { messageOf, type PublishedEvent } from '../../src/publish/published-message.js';
import { finalOf, MODEL, statusOf, windowAt } from '../support/published-bedside.js';

/*
 * Many bedsides in one process, for the soak of the ward: each with its outbox and its link, as `live --publish` has them
 * in a thread of its own. Every message that an outbox has taken is noted in a file before anything else happens.
 */

const [, , url, folder, first, last, hop] = process.argv;
const hopMs = Number(hop);
const WINDOWS_A_RECORDING = 20;
const timers: NodeJS.Timeout[] = [];
process.on('SIGTERM', () => timers.forEach((timer) => clearInterval(timer)));

for (let number = Number(first); number <= Number(last); number++) {
  const bedside = `bed-${String(number).padStart(3, '0')}`;
  const { outbox } = Outbox.open(`${folder}/${bedside}.sqlite`, 64 * 2 ** 20);
  const tracker = new BedsideStateTracker({ bedside, lubdub: 'soak', model: MODEL });
  const will = JSON.stringify(tracker.absent('vanished', new Date()));
  const link = new BrokerLink({
    address: { url },
    bedside,
    outbox,
    will,
    onChange: () => {},
    onSettled: () => {},
  });
  const run = crypto.randomUUID();
  let posted = 0;
  let windows = 0;
  let recording = crypto.randomUUID() as string;
  const post = (event: PublishedEvent): void => {
    const context = { recording, subject: `P-${number}`, site: 'mitral' as const, at: new Date() };
    const message: PostedMessage = { ...messageOf(event, context), id: `${run}.${posted++}` };
    outbox.append([message]);
    appendFileSync(`${folder}/promised-${process.pid}`, `${event.kind} ${message.id}\n`);
    tracker.push(event);
    link.wake();
  };
  const step = (): void => {
    if (windows % WINDOWS_A_RECORDING === 0) {
      recording = crypto.randomUUID();
      tracker.begin(recording, new Date());
      tracker.setStatus(statusOf('recording', `P-${number}`));
    }
    post(windowAt(windows++ % WINDOWS_A_RECORDING));
    if (windows % WINDOWS_A_RECORDING === 0) {
      post(finalOf(WINDOWS_A_RECORDING));
      tracker.setStatus(statusOf('stopped', `P-${number}`));
    }
    link.setState(JSON.stringify(tracker.view(new Date())));
  };
  // Not all at the same moment.
  setTimeout(() => {
    const timer = setInterval(step, hopMs);
    timers.push(timer);
  }, Math.random() * hopMs);
}
