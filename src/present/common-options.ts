import { flag, onUnlessSaid } from './option-declarations.js';

/** Of every command. */
export const json = flag('one JSON object a line on stdout and nothing else; logs on stderr');

/** Of what makes FHIR resources. */
export const samples = onUnlessSaid('leave the samples out of the FHIR bundle');
