/** Stands wherever a verdict is shown. */
export const DISCLAIMER = 'Screening aid for research, not a diagnosis.';
