import { HeartSounds, type HeartSound as SoundOfStretch } from '../heart/heart-sounds.js';
import { readHeartSoundNetwork } from '../heart/heart-sounds-model.js';
import { readSignalQualityModel } from '../window/signal-quality-model.js';
import { conditionSession } from './conditioned-session.js';
import type { FindHeartSounds, HeartSound } from './heart-sound-intervals.js';

/**
 * Finds the first and second heart sounds of stored sessions with the networks that ship; times are those at which a
 * sound begins. It finds a cycle in anything: what does not count must be left out by who uses them.
 *
 * @throws ModelError where the networks cannot be read
 */
export function heartSoundFinder(): FindHeartSounds {
  const network = readHeartSoundNetwork();
  const { heartRate } = readSignalQualityModel();
  return async (session) => {
    const detector = new HeartSounds({ modelRateHz: session.hearing.sampleRateHz, network, heartRate });
    const { conditioned$, secondsOf } = conditionSession(session);
    const found: HeartSound[] = [];
    let stretchStart = 0;
    const take = (sounds: readonly SoundOfStretch[]) => {
      for (const { sound, startSeconds } of sounds) {
        found.push({ timeSeconds: secondsOf(stretchStart, startSeconds), sound });
      }
    };
    const endStretch = () => {
      take(detector.finish());
      detector.reset();
    };
    await conditioned$.forEach((value) => {
      if (value.kind === 'gap') return endStretch();
      stretchStart = value.stretchStart;
      take(detector.execute(value.samples));
    });
    endStretch();
    return found;
  };
}
