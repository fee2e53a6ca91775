/** node-wav 0.0.2 has no types of its own; this is the part of it that {@link file://./wav-samples.ts} calls. */
declare module 'node-wav' {
  /** CommonJS: one object with `decode` and `encode`. */
  const nodeWav: {
    /** Reads the file from offset 0 of the buffer. One array a channel, 32-bit floats whatever the file holds. */
    decode(file: ArrayBuffer): { sampleRate: number; channelData: readonly Float32Array[] };
  };
  export default nodeWav;
}
