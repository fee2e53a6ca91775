/** Tiles of one level, by their number. The oldest give way, and their memory to the newest: it is bounded. */
export class TileRow<Tile extends { fill(value: number): unknown }> {
  private readonly tiles = new Map<number, Tile>();
  private forgotten = -1;

  constructor(
    /** Tiles that are kept. */
    private most: number,
    private readonly make: () => Tile,
    /** What a tile is full of before it is written. */
    private readonly nothing: number,
  ) {}

  /** From now on; what is too much gives way at once. */
  keepAtMost(most: number): void {
    this.most = most;
    while (this.tiles.size > most) this.forgetOldest();
  }

  /** The first tile that nothing was forgotten of. */
  get keptFrom(): number {
    return this.forgotten + 1;
  }

  /** To be read before anything else is opened. */
  get(number: number): Tile | undefined {
    return this.tiles.get(number);
  }

  /** @returns the tile to write into, `undefined` for one that is too old */
  open(number: number): Tile | undefined {
    const known = this.tiles.get(number);
    if (known !== undefined) return known;
    if (number <= this.forgotten) return undefined;
    const tile = (this.tiles.size >= this.most ? this.forgetOldest() : undefined) ?? this.make();
    tile.fill(this.nothing);
    this.tiles.set(number, tile);
    return tile;
  }

  /** What it is made of goes to the tile that takes its place: a tile a second would be megabytes before it is cleared up. */
  private forgetOldest(): Tile | undefined {
    // Time only goes on, so that what came first is the oldest.
    for (const [number, tile] of this.tiles) {
      this.tiles.delete(number);
      this.forgotten = Math.max(this.forgotten, number);
      return tile;
    }
    return undefined;
  }
}
