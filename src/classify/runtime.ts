export type TensorShape = readonly number[];

/**
 * What a runtime must offer to execute a window classifier: one float32 input, one float32 output, fixed shapes.
 * Implementations run inside a worker thread, one call at a time.
 */
export interface ModelRuntime {
  /** For people: which runtime this is. */
  readonly name: string;
  readonly inputShape: TensorShape;
  readonly outputShape: TensorShape;
  /**
   * @param input finite numbers, as many as `inputShape` has elements; the caller checked both
   * @returns the output's elements; the receiver owns the array
   */
  run(input: Float32Array): Promise<Float32Array>;
}

export const elementCount = (shape: TensorShape): number =>
  shape.reduce((product, size) => product * size, 1);
