import type { FittingController } from '../../bedside/screening-controller.js';
import { ConfigurationError } from '../../errors.js';
import type { FitCommand } from '../page-messages.js';

/**
 * Does what a page asks for of a stethoscope's profile.
 *
 * @throws ConfigurationError where it cannot be now, or there is nothing to fit
 */
export function executeFit(command: FitCommand, fitting: FittingController | undefined): Promise<void> {
  if (fitting === undefined)
    throw new ConfigurationError('no stethoscope can be fitted in this run: begin one with `lubdub live`');
  switch (command.command) {
    case 'fit':
      return fitting.begin(command.name, command.keep);
    case 'fit-record':
      return fitting.record();
    case 'fit-stop':
      return fitting.stop();
    case 'fit-next':
      return fitting.next();
    case 'fit-leave-out':
      return fitting.leaveOut();
    case 'fit-finish':
      return fitting.finish();
    case 'fit-cancel':
      return fitting.cancel();
    case 'remove-profile':
      return fitting.remove(command.name);
  }
}
