/**
 * Reads FlatBuffers (https://flatbuffers.dev/internals/) from bytes that anybody may have made: whatever lies outside of
 * them throws a RangeError, and nothing is allocated before it is known to be there.
 */
export class FlatBuffer {
  private readonly view: DataView;

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get root(): FlatTable {
    return this.table(this.reference(0));
  }

  int8(at: number): number {
    return this.view.getInt8(at);
  }

  uint16(at: number): number {
    return this.view.getUint16(at, true);
  }

  int32(at: number): number {
    return this.view.getInt32(at, true);
  }

  uint32(at: number): number {
    return this.view.getUint32(at, true);
  }

  float32(at: number): number {
    return this.view.getFloat32(at, true);
  }

  int64(at: number): number {
    return Number(this.view.getBigInt64(at, true));
  }

  /** Where the offset that stands at `at` leads. */
  reference(at: number): number {
    return at + this.uint32(at);
  }

  table(at: number): FlatTable {
    return new FlatTable(this, at);
  }

  /** Bytes of the file itself, not a copy. */
  slice(at: number, length: number): Uint8Array {
    if (at + length > this.bytes.length) throw new RangeError(`${length} bytes at ${at} are beyond the end`);
    return this.bytes.subarray(at, at + length);
  }
}

/** A table: fields by their place in the schema; one that is not there has its default. */
export class FlatTable {
  private readonly fields: number;
  private readonly fieldCount: number;

  constructor(
    private readonly buffer: FlatBuffer,
    private readonly at: number,
  ) {
    this.fields = at - buffer.int32(at);
    this.fieldCount = (buffer.uint16(this.fields) - 4) >> 1;
  }

  has(field: number): boolean {
    return this.place(field) !== 0;
  }

  int8(field: number, otherwise = 0): number {
    const at = this.place(field);
    return at === 0 ? otherwise : this.buffer.int8(at);
  }

  int32(field: number, otherwise = 0): number {
    const at = this.place(field);
    return at === 0 ? otherwise : this.buffer.int32(at);
  }

  float32(field: number, otherwise = 0): number {
    const at = this.place(field);
    return at === 0 ? otherwise : this.buffer.float32(at);
  }

  table(field: number): FlatTable | undefined {
    const at = this.place(field);
    return at === 0 ? undefined : this.buffer.table(this.buffer.reference(at));
  }

  bytes(field: number): Uint8Array {
    const { at, length } = this.vector(field, 1);
    return this.buffer.slice(at, length);
  }

  text(field: number): string {
    return Buffer.from(this.bytes(field)).toString('utf8');
  }

  tables(field: number): FlatTable[] {
    return this.items(field, 4, (at) => this.buffer.table(this.buffer.reference(at)));
  }

  int32s(field: number): number[] {
    return this.items(field, 4, (at) => this.buffer.int32(at));
  }

  int64s(field: number): number[] {
    return this.items(field, 8, (at) => this.buffer.int64(at));
  }

  float32s(field: number): number[] {
    return this.items(field, 4, (at) => this.buffer.float32(at));
  }

  private items<T>(field: number, size: number, read: (at: number) => T): T[] {
    const { at, length } = this.vector(field, size);
    return Array.from({ length }, (_, i) => read(at + i * size));
  }

  private vector(field: number, size: number): { at: number; length: number } {
    const place = this.place(field);
    if (place === 0) return { at: 0, length: 0 };
    const start = this.buffer.reference(place);
    const length = this.buffer.uint32(start);
    this.buffer.slice(start + 4, length * size);
    return { at: start + 4, length };
  }

  private place(field: number): number {
    if (field >= this.fieldCount) return 0;
    const offset = this.buffer.uint16(this.fields + 4 + 2 * field);
    return offset === 0 ? 0 : this.at + offset;
  }
}
