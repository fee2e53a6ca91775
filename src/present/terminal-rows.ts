/** A line of a view: what stands beside its label, and how much it is worth where there is no room for all. */
export interface Row {
  readonly lines: readonly string[];
  readonly worth: number;
}

/** In their order, the rows that are worth most, as far as there is room; of the first one at least its beginning. */
export function linesThatFit(rows: readonly Row[], room: number): readonly string[] {
  const byWorth = [...rows].sort((a, b) => b.worth - a.worth);
  const kept = new Set<Row>();
  let left = room;
  for (const row of byWorth) {
    if (row.lines.length > left) break;
    kept.add(row);
    left -= row.lines.length;
  }
  const shown = rows.filter((row) => kept.has(row)).flatMap(({ lines }) => lines);
  return shown.length > 0 ? shown : byWorth[0].lines.slice(0, room);
}
