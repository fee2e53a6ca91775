/**
 * Sets the overruns that STATUS reports against the gaps that the index showed. Firmware that counts dropped samples
 * in its index, as it must, leaves nothing over.
 *
 * A report counts once the next one confirms it: a corrupt STATUS that passed its checksum must not invent a loss.
 */
export class OverrunTally {
  /** What STATUS said when the stream was joined; null until it says anything. */
  private baseline: number | null = 0;
  private last = 0;
  private beforeLast = 0;
  private gapSamples = 0;
  private settledSamples = 0;

  /** Confirmed reports since the tally was made or reset, over all numberings. */
  get reportedSamples(): number {
    return this.settledSamples + this.confirmed;
  }

  /** @param total uint32 from STATUS. */
  report(total: number): void {
    this.baseline ??= total;
    this.beforeLast = this.last;
    this.last = (total - this.baseline) >>> 0;
  }

  /** The index showed a loss, of whatever cause: it may be the one that STATUS reports. */
  addGap(lostSamples: number): void {
    this.gapSamples += lostSamples;
  }

  /**
   * The numbering has ended, and with it every chance that a step in the index shows what was reported.
   *
   * @returns reported samples that no gap accounts for, 0 where there are none.
   */
  settle(): number {
    const unplaced = Math.max(0, this.confirmed - this.gapSamples);
    this.settledSamples += this.confirmed;
    this.beginNumbering(0);
    return unplaced;
  }

  /** @param joined the stream runs already, so that the first report is where counting starts. */
  reset(joined: boolean): void {
    this.settledSamples = 0;
    this.beginNumbering(joined ? null : 0);
  }

  private get confirmed(): number {
    return Math.min(this.beforeLast, this.last);
  }

  private beginNumbering(baseline: number | null): void {
    this.baseline = baseline;
    this.last = 0;
    this.beforeLast = 0;
    this.gapSamples = 0;
  }
}
