/** What lubdub is for, as it is stored with every session. */
export const INTENDED_USE = 'screening aid for research, not a diagnosis';

/** Stands wherever a verdict is shown. */
export const DISCLAIMER = `${INTENDED_USE[0].toUpperCase()}${INTENDED_USE.slice(1)}.`;
