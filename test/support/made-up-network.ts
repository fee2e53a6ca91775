/** Writes small .tflite files, for networks that nobody trained. Just what the tests need of FlatBuffers and the schema. */

type Field =
  undefined | { readonly int8: number } | { readonly int32: number } | { readonly float32: number } | Child;
type Child =
  | { readonly table: readonly Field[] }
  | { readonly tables: readonly (readonly Field[])[] }
  | { readonly int32s: readonly number[] }
  | { readonly int64s: readonly number[] }
  | { readonly float32s: readonly number[] }
  | { readonly bytes: Uint8Array }
  | { readonly text: string };

class Writer {
  private readonly view = new DataView(new ArrayBuffer(1 << 20));
  private end = 0;

  root(fields: readonly Field[], identifier: string): Uint8Array {
    this.end = 8;
    [...identifier].forEach((letter, i) => this.view.setUint8(4 + i, letter.charCodeAt(0)));
    this.view.setUint32(0, this.table(fields), true);
    return new Uint8Array(this.view.buffer.slice(0, this.end));
  }

  private align(bytes: number, but = 0): number {
    while ((this.end + but) % bytes !== 0) this.end++;
    return this.end;
  }

  private table(fields: readonly Field[]): number {
    const offsets = this.align(4);
    this.end += 4 + 2 * fields.length;
    const table = this.align(4);
    this.end += 4;
    this.view.setInt32(table, table - offsets, true);
    const places = fields.map((field) => {
      if (field === undefined) return 0;
      const at = this.end;
      this.end += 4;
      if ('int8' in field) this.view.setInt8(at, field.int8);
      if ('int32' in field) this.view.setInt32(at, field.int32, true);
      if ('float32' in field) this.view.setFloat32(at, field.float32, true);
      return at;
    });
    this.view.setUint16(offsets, 4 + 2 * fields.length, true);
    this.view.setUint16(offsets + 2, this.end - table, true);
    places.forEach((at, i) => this.view.setUint16(offsets + 4 + 2 * i, at === 0 ? 0 : at - table, true));
    fields.forEach((field, i) => {
      if (field === undefined || 'int8' in field || 'int32' in field || 'float32' in field) return;
      const at = this.child(field);
      this.view.setUint32(places[i], at - places[i], true);
    });
    return table;
  }

  private child(child: Child): number {
    if ('table' in child) return this.table(child.table);
    if ('tables' in child) return this.tables(child.tables);
    if ('int32s' in child) return this.vector(child.int32s, 4, (at, x) => this.view.setInt32(at, x, true));
    if ('float32s' in child) {
      return this.vector(child.float32s, 4, (at, x) => this.view.setFloat32(at, x, true));
    }
    if ('int64s' in child) {
      return this.vector(child.int64s, 8, (at, x) => this.view.setBigInt64(at, BigInt(x), true));
    }
    const bytes = 'text' in child ? Buffer.from(`${child.text}\0`) : child.bytes;
    const at = this.vector([...bytes], 1, (place, x) => this.view.setUint8(place, x), 16);
    if ('text' in child) this.view.setUint32(at, bytes.length - 1, true);
    return at;
  }

  private tables(tables: readonly (readonly Field[])[]): number {
    const at = this.vector(tables, 4, () => undefined);
    tables.forEach((fields, i) => {
      const place = at + 4 + 4 * i;
      this.view.setUint32(place, this.table(fields) - place, true);
    });
    return at;
  }

  private vector<T>(
    items: readonly T[],
    size: number,
    write: (at: number, item: T) => void,
    alignment = Math.max(size, 4),
  ): number {
    const at = this.align(alignment, 4);
    this.end += 4 + size * items.length;
    this.view.setUint32(at, items.length, true);
    items.forEach((item, i) => write(at + 4 + size * i, item));
    return at;
  }
}

const FLOAT32 = 0;
const INT32 = 2;
const INT8 = 9;

export interface Scale {
  readonly scales: readonly number[];
  readonly zeroPoints: readonly number[];
}

/** The options of an operation: their type in the schema's union, and the fields of their table. */
export interface Options {
  readonly type: number;
  readonly fields: readonly Field[];
}

/** A network of one float32 input, operation after operation. Tensors are numbers. */
export class MadeUpNetwork {
  readonly input: number;
  readonly shapes: (readonly number[])[] = [];
  private readonly tensors: Field[][] = [];
  private readonly buffers: Field[][] = [[]];
  private readonly codes: Field[][] = [];
  private readonly operations: Field[][] = [];

  constructor(shape: readonly number[]) {
    this.input = this.tensor(shape, FLOAT32);
  }

  float32(shape: readonly number[], values: readonly number[]): number {
    return this.tensor(shape, FLOAT32, new Uint8Array(Float32Array.from(values).buffer));
  }

  int32(values: readonly number[], scale?: Scale): number {
    return this.tensor([values.length], INT32, new Uint8Array(Int32Array.from(values).buffer), scale);
  }

  int8(shape: readonly number[], values: readonly number[], scale: Scale): number {
    return this.tensor(shape, INT8, new Uint8Array(Int8Array.from(values).buffer), scale);
  }

  /** @param scale of an output of int8; float32 where there is none */
  operation(
    code: number,
    inputs: readonly number[],
    shape: readonly number[],
    { options, scale, version = 1 }: { options?: Options; scale?: Scale; version?: number } = {},
  ): number {
    const output = this.tensor(shape, scale === undefined ? FLOAT32 : INT8, undefined, scale);
    this.codes.push([{ int8: Math.min(code, 127) }, undefined, { int32: version }, { int32: code }]);
    this.operations.push([
      { int32: this.codes.length - 1 },
      { int32s: inputs },
      { int32s: [output] },
      options && { int8: options.type },
      options && { table: options.fields },
    ]);
    return output;
  }

  bytes(output: number): Uint8Array {
    const graph: Field[] = [
      { tables: this.tensors },
      { int32s: [this.input] },
      { int32s: [output] },
      { tables: this.operations },
      { text: 'main' },
    ];
    return new Writer().root(
      [
        { int32: 3 },
        { tables: this.codes },
        { tables: [graph] },
        { text: 'made up' },
        { tables: this.buffers },
      ],
      'TFL3',
    );
  }

  private tensor(shape: readonly number[], type: number, data?: Uint8Array, scale?: Scale): number {
    let buffer = 0;
    if (data !== undefined) {
      buffer = this.buffers.length;
      this.buffers.push([{ bytes: data }]);
    }
    this.shapes.push(shape);
    this.tensors.push([
      { int32s: shape },
      { int8: type },
      { int32: buffer },
      { text: `t${this.tensors.length}` },
      scale && {
        table: [
          undefined,
          undefined,
          { float32s: scale.scales },
          { int64s: scale.zeroPoints },
          undefined,
          undefined,
          { int32: 0 },
        ],
      },
    ]);
    return this.tensors.length - 1;
  }
}
