/** Where the stethoscope stands, as the four valves are listened to. */
export const SITES = ['aortic', 'pulmonic', 'tricuspid', 'mitral'] as const;
export type Site = (typeof SITES)[number];
