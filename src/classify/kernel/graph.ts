import { FlatBuffer, type FlatTable } from './flat-buffer.js';

/** A model that the kernel cannot run, which says nothing against the model: another runtime may. */
export class UnsupportedModel extends Error {}

/** Throws {@link UnsupportedModel} unless something that the kernel needs is so. */
export function need(isSo: boolean, what: string): asserts isSo {
  if (!isSo) throw new UnsupportedModel(what);
}

export interface Quantisation {
  readonly scales: readonly number[];
  readonly zeroPoints: readonly number[];
  /** To which axis they belong where there are several. */
  readonly axis: number;
}

export interface Tensor {
  readonly shape: readonly number[];
  readonly elements: number;
  readonly type: 'float32' | 'int8' | 'int32' | 'other';
  /** Of a constant; `undefined` for what is computed. */
  readonly data: Uint8Array | undefined;
  readonly quantisation: Quantisation | undefined;
}

export interface Operation {
  /** `BuiltinOperator` of the schema. */
  readonly code: number;
  /** Positions in {@link Graph.tensors}, -1 for one that is left out. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** Type of the options in the schema's union, 0 for none. */
  readonly options: FlatTable | undefined;
}

/** What a .tflite file holds of a network, in the order in which it is computed. */
export interface Graph {
  readonly tensors: readonly Tensor[];
  readonly operations: readonly Operation[];
  readonly input: number;
  readonly output: number;
}

const SCHEMA_VERSION = 3;
const MOST_TENSORS = 10_000;
const MOST_ELEMENTS = 2 ** 22;
const MOST_AXES = 8;
const TYPES: Readonly<Record<number, Tensor['type']>> = { 0: 'float32', 2: 'int32', 9: 'int8' };
const BYTES = { float32: 4, int32: 4, int8: 1, other: 0 };

/**
 * Reads a .tflite file (tensorflow/lite/schema/schema.fbs, version 3): one graph, one input, one output, fixed shapes.
 *
 * Checked here: that every tensor that is named is there, that constants are as long as their shape says, and that
 * nothing is computed of what is not computed yet. What an operation makes of its tensors is for those who plan it.
 *
 * @throws UnsupportedModel for whatever else the bytes are
 */
export function readGraph(bytes: Uint8Array): Graph {
  try {
    return read(bytes);
  } catch (error) {
    if (error instanceof UnsupportedModel) throw error;
    throw new UnsupportedModel(`it is not a whole .tflite file (${(error as Error).message})`);
  }
}

function read(bytes: Uint8Array): Graph {
  need(Buffer.from(bytes.subarray(4, 8)).toString('latin1') === 'TFL3', 'it is not a .tflite file');
  const model = new FlatBuffer(bytes).root;
  need(model.int32(0) === SCHEMA_VERSION, `its schema has version ${model.int32(0)}`);
  const codes = model.tables(1).map((code) => Math.max(code.int8(0), code.int32(3)));
  const graphs = model.tables(2);
  need(graphs.length === 1, `it has ${graphs.length} graphs`);
  const [graph] = graphs;
  const buffers = model.tables(4);
  const tensorTables = graph.tables(0);
  need(tensorTables.length <= MOST_TENSORS, `it has ${tensorTables.length} tensors`);
  const tensors = tensorTables.map((table, index) => readTensor(table, index, buffers));
  const [inputs, outputs] = [graph.int32s(1), graph.int32s(2)];
  need(inputs.length === 1 && outputs.length === 1, 'it has more than one input or output');
  const operations = graph.tables(3).map((table): Operation => {
    const index = table.int32(0);
    need(index >= 0 && index < codes.length, 'an operation has no code');
    return {
      code: codes[index],
      inputs: table.int32s(1),
      outputs: table.int32s(2),
      options: table.table(4),
    };
  });
  const found = { tensors, operations, input: inputs[0], output: outputs[0] };
  checkOrder(found);
  return found;
}

function readTensor(table: FlatTable, index: number, buffers: readonly FlatTable[]): Tensor {
  const shape = table.int32s(0);
  const elements = shape.reduce((product, size) => product * size, 1);
  need(
    shape.length <= MOST_AXES && shape.every((size) => size >= 1) && elements <= MOST_ELEMENTS,
    `tensor ${index} has the shape [${shape.join(', ')}]`,
  );
  need(table.int8(5) === 0 && !table.has(6), `tensor ${index} keeps a state or is sparse`);
  const type = TYPES[table.int8(1)] ?? 'other';
  const place = table.int32(2);
  need(place >= 0 && place < buffers.length, `tensor ${index} has no buffer`);
  need(!buffers[place].has(1), `tensor ${index} lies outside of the file's tables`);
  const data = buffers[place].bytes(0);
  const isConstant = data.length > 0;
  need(
    !isConstant || type === 'other' || data.length === elements * BYTES[type],
    `tensor ${index} has ${data.length} bytes for ${elements} elements`,
  );
  const quantisation = table.table(4);
  return {
    shape,
    elements,
    type,
    data: isConstant ? data : undefined,
    quantisation: quantisation === undefined ? undefined : readQuantisation(quantisation, index),
  };
}

function readQuantisation(table: FlatTable, index: number): Quantisation | undefined {
  const scales = table.float32s(2);
  if (scales.length === 0) return undefined;
  const zeroPoints = table.int64s(3);
  need(
    zeroPoints.length === scales.length &&
      scales.every((scale) => scale > 1e-30 && scale < 1e30) &&
      zeroPoints.every((zero) => zero >= -128 && zero <= 127),
    `tensor ${index} is quantised in a way that the kernel does not know`,
  );
  return { scales, zeroPoints, axis: table.int32(6) };
}

function checkOrder({ tensors, operations, input, output }: Graph): void {
  const known = tensors.map((tensor) => tensor.data !== undefined);
  const isTensor = (index: number) => index >= 0 && index < tensors.length;
  need(isTensor(input) && isTensor(output) && !known[input], 'its input or output is no tensor');
  known[input] = true;
  for (const { code, inputs, outputs } of operations) {
    need(
      inputs.every((index) => index === -1 || (isTensor(index) && known[index])),
      `an operation of code ${code} comes before what it needs`,
    );
    need(
      outputs.length === 1 && isTensor(outputs[0]) && !known[outputs[0]],
      `an operation of code ${code} has no output of its own`,
    );
    known[outputs[0]] = true;
  }
  need(known[output], 'nothing computes its output');
}

/** Numbers of a constant, in an array of its own. */
export function valuesOf({ data, type }: Tensor): Int8Array | Int32Array | Float32Array {
  need(data !== undefined && type !== 'other', 'a constant that it needs is computed');
  // Every processor that Node runs on puts the lowest byte first, as the file does; a copy stands where it can be read.
  const { buffer } = Uint8Array.from(data);
  if (type === 'int8') return new Int8Array(buffer);
  return type === 'int32' ? new Int32Array(buffer) : new Float32Array(buffer);
}

/** Numbers of a small constant. */
export const numbersOf = (tensor: Tensor): number[] => Array.from(valuesOf(tensor));
