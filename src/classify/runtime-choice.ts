/**
 * What executes the model: `kernel`, lubdub's own, for networks like the one that ships; `litert`, Google's, for any;
 * `auto`, the kernel where it can and LiteRT elsewhere.
 */
export const RUNTIME_CHOICES = ['auto', 'kernel', 'litert'] as const;
export type RuntimeChoice = (typeof RUNTIME_CHOICES)[number];
