import { Subscription } from 'rxjs';
import { ExaminationLog } from '../bedside/examination-log.js';
import type { ControllerStatus } from '../bedside/bedside-status.js';
import type { ScreeningController } from '../bedside/screening-controller.js';
import type { JoiningRules } from '../verdict/joint-evidence.js';
import type { Publisher } from './publisher.js';

/**
 * Publishes all that happens at a bedside: every event as it is, and after each result of a subject what the subject's
 * recordings of this run say together.
 *
 * @param rules of the model that screens
 * @returns ends it; the publisher stays open
 */
export function publishBedside(
  bedside: Pick<ScreeningController, 'status$' | 'events$'>,
  publisher: Pick<Publisher, 'setStatus' | 'push'>,
  rules: JoiningRules,
  nowMs: () => number = () => Date.now(),
): Subscription {
  const examinations = new ExaminationLog(rules);
  const subscription = new Subscription();
  let status: ControllerStatus | undefined;
  subscription.add(
    bedside.status$.subscribe((next) => {
      if (next.state === 'recording' && status?.state !== 'recording') examinations.begin(nowMs());
      if (next.state === 'idle' && status?.state !== 'idle') examinations.forget();
      status = next;
      publisher.setStatus(next);
    }),
  );
  subscription.add(
    bedside.events$.subscribe((event) => {
      publisher.push(event);
      if (event.kind !== 'final' || status === undefined) return;
      examinations.finish(status, event);
      const examination = examinations.current(status.subject, nowMs());
      // Of one recording it says what the result has said.
      if (examination === null || examination.recordings < 2) return;
      const { verdict, probability, reasons, recordings, usableSeconds } = examination;
      publisher.push({ kind: 'examination', verdict, probability, reasons, recordings, usableSeconds });
    }),
  );
  return subscription;
}
