import { captureControls, type CaptureControl } from '../acquire/capture-mixer.js';
import { listSoundCards, type SoundCard } from '../acquire/list-sound-cards.js';
import { isSourceRate, SOURCE_RATE_RULE } from '../decode/source-rate.js';
import { AUDIO_GROUP, findRecorder, recordersOf } from '../device/sound-recorder.js';

export interface SoundCardCheck {
  readonly findings: readonly string[];
  /** What keeps a card from being heard, and what to do. */
  readonly troubles: readonly string[];
}

/** What is at hand, unless a test says otherwise. */
export interface SoundCardParts {
  readonly listCards?: () => readonly SoundCard[];
  readonly controls?: (card: number) => Promise<readonly CaptureControl[] | null>;
  readonly recorder?: () => { readonly name: string } | undefined;
}

/** Looks at every sound card that records: may it be opened, is it free, is it muted, does it have a rate that serves. */
export async function checkSoundCards({
  listCards = listSoundCards,
  controls = captureControls,
  recorder = findRecorder,
}: SoundCardParts = {}): Promise<SoundCardCheck> {
  const cards = listCards();
  const program = recorder();
  if (cards.length === 0) {
    const known = program === undefined ? '' : `; ${program.name} would record`;
    return { findings: [`none that records found${known}; only --sound-card needs one`], troubles: [] };
  }
  const troubles: string[] = [];
  if (program === undefined) {
    troubles.push(`no program to record with (${recordersOf().join(', ')}): sudo apt install alsa-utils`);
  }
  for (const card of cards) {
    const what = `sound card ${card.number} (${card.name})`;
    if (!card.isPermitted) troubles.push(`${what}: ${AUDIO_GROUP}`);
    if (card.usedBy !== null) troubles.push(`${what} is in use by process ${card.usedBy}; end that program`);
    if (card.ratesHz !== null && !card.ratesHz.some(isSourceRate)) {
      troubles.push(
        `${what} records at ${card.ratesHz.join(', ')} Hz, and the rate must be ${SOURCE_RATE_RULE}`,
      );
    }
    for (const { name, isMuted, gainPercent } of (await controls(card.number)) ?? []) {
      const control = `sset '${name}'`;
      if (isMuted) troubles.push(`${what} is muted (${name}): amixer -c ${card.number} ${control} cap`);
      else if (gainPercent === 0)
        troubles.push(`${what} has no gain (${name}): amixer -c ${card.number} ${control} 60%`);
    }
  }
  const findings = cards.map(({ number, name }) => `${number}: ${name}`);
  return {
    findings: [...findings, ...(program === undefined ? [] : [`recorded with ${program.name}`])],
    troubles,
  };
}
