import type { Calibration, ModelContract } from '../classify/model-contract.js';
import type { StethoscopeProfile } from './stethoscope-profile.js';

/** The model's calibration as this stethoscope needs it. Thresholds and the uncertain zone stay where they are. */
export function calibrationFor(
  { calibration }: Pick<ModelContract, 'calibration'>,
  profile: StethoscopeProfile | null,
): Calibration {
  return profile === null ? calibration : { ...calibration, offset: calibration.offset + profile.offset };
}
