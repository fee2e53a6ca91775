/** One JSON line of lubdub. */
export type Line = Readonly<Record<string, unknown>>;

export interface Comparison {
  /** For people, one for each place where the two differ. */
  readonly differences: readonly string[];
  /** Numbers that were compared. */
  readonly figures: number;
  /** Of two numbers at the same place. */
  readonly largest: number;
}

/** Compares what two machines print, to the last bit of every number. */
export function compareLines(expected: readonly Line[], got: readonly Line[]): Comparison {
  const differences: string[] = [];
  let figures = 0;
  let largest = 0;
  const compare = (one: unknown, other: unknown, place: string): void => {
    if (typeof one === 'number') figures++;
    if (typeof one === 'object' && one !== null && typeof other === 'object' && other !== null) {
      const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
      for (const key of keys) compare((one as Line)[key], (other as Line)[key], `${place}.${key}`);
    } else if (!Object.is(one, other)) {
      differences.push(`${place}: ${JSON.stringify(one)} here, ${JSON.stringify(other)} there`);
      if (typeof one === 'number' && typeof other === 'number')
        largest = Math.max(largest, Math.abs(one - other));
    }
  };
  compare(expected.length, got.length, 'lines');
  expected.forEach((line, index) => compare(line, got[index], `line ${index + 1}`));
  return { differences, figures, largest };
}
