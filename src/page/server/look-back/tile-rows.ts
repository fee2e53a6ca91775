/** Tiles of one level, by their number. The oldest give way: its memory is bounded. */
export class TileRow<Tile> {
  private readonly tiles = new Map<number, Tile>();
  private forgotten = -1;

  constructor(
    /** Tiles that are kept. */
    private readonly most: number,
    private readonly make: () => Tile,
  ) {}

  /** The first tile that nothing was forgotten of. */
  get keptFrom(): number {
    return this.forgotten + 1;
  }

  get(number: number): Tile | undefined {
    return this.tiles.get(number);
  }

  /** @returns the tile to write into, `undefined` for one that is too old */
  open(number: number): Tile | undefined {
    const known = this.tiles.get(number);
    if (known !== undefined) return known;
    if (number <= this.forgotten) return undefined;
    const tile = this.make();
    this.tiles.set(number, tile);
    // Time only goes on, so that what came first is the oldest.
    while (this.tiles.size > this.most) {
      const [oldest] = this.tiles.keys();
      this.tiles.delete(oldest);
      this.forgotten = Math.max(this.forgotten, oldest);
    }
    return tile;
  }
}
