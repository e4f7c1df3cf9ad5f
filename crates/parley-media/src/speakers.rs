//! Who is speaking: the loudest voices of a room, calm enough not to flicker.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

/// Part of the way the smoothed loudness goes towards each packet's. At one packet every 20 ms this
/// settles in 200 ms: more follows every syllable, less lets a speaker's first word pass.
const SMOOTHING: f32 = 0.1;
/// Loudness a voice among the loudest is ahead by. More keeps a speaker who has stopped; less lets
/// two people who talk at once push each other out.
const INCUMBENT_BONUS: f32 = 6.0;
/// How long a voice keeps its place after it was last heard above the rest.
const HOLD: Duration = Duration::from_secs(2);
/// A voice nothing came from for so long is silent: DTX, mute or loss.
const SILENT_AFTER: Duration = Duration::from_millis(300);
/// Loudness from which somebody counts as speaking: -55 dBov, between breath and quiet speech.
const SPEAKING: f32 = 72.0;
/// Loudness of digital silence is 127 - 127.
const LEVEL_MAX: u8 = 127;

#[derive(Clone, Copy, Debug)]
struct Voice {
    loudness: f32,
    last_packet: Instant,
    /// Last time the voice ranked among the loudest and spoke.
    last_loud: Option<Instant>,
    is_incumbent: bool,
}

/// The voices of one room, by a key of the caller's.
#[derive(Debug, Default)]
pub(crate) struct Speakers {
    voices: BTreeMap<usize, Voice>,
}

impl Speakers {
    /// A packet of a voice came with a level in -dBov (0 loudest, 127 silent).
    pub(crate) fn hear(&mut self, key: usize, level: u8, now: Instant) {
        let loudness = f32::from(LEVEL_MAX - level.min(LEVEL_MAX));
        let voice = self.voices.entry(key).or_insert(Voice {
            loudness: 0.0,
            last_packet: now,
            last_loud: None,
            is_incumbent: false,
        });
        voice.loudness += (loudness - voice.loudness) * SMOOTHING;
        voice.last_packet = now;
    }

    /// The voice exists, whether or not anything has come from it.
    pub(crate) fn admit(&mut self, key: usize, now: Instant) {
        self.voices.entry(key).or_insert(Voice {
            loudness: 0.0,
            last_packet: now,
            last_loud: None,
            is_incumbent: false,
        });
    }

    /// The voice is gone or muted.
    pub(crate) fn dismiss(&mut self, key: usize) {
        self.voices.remove(&key);
    }

    /// Every voice, loudest first; the first `places` of them keep their lead next time.
    pub(crate) fn rank(&mut self, now: Instant, places: usize) -> Vec<usize> {
        for voice in self.voices.values_mut() {
            if now.saturating_duration_since(voice.last_packet) > SILENT_AFTER {
                voice.loudness *= 0.5;
            }
        }
        let mut order: Vec<(usize, f32)> = self
            .voices
            .iter()
            .map(|(key, voice)| (*key, voice.score(now)))
            .collect();
        // A stable sort of an ordered map: equal voices stay in order of their keys.
        order.sort_by(|a, b| b.1.total_cmp(&a.1));
        for (at, (key, _)) in order.iter().enumerate() {
            if let Some(voice) = self.voices.get_mut(key) {
                voice.is_incumbent = at < places;
                if voice.is_incumbent && voice.loudness >= SPEAKING {
                    voice.last_loud = Some(now);
                }
            }
        }
        order.into_iter().map(|(key, _)| key).collect()
    }

    /// Whether the voice is to be heard right now.
    pub(crate) fn is_speaking(&self, key: usize, now: Instant) -> bool {
        self.voices.get(&key).is_some_and(|voice| {
            voice.loudness >= SPEAKING
                && now.saturating_duration_since(voice.last_packet) <= SILENT_AFTER
        })
    }
}

impl Voice {
    fn score(&self, now: Instant) -> f32 {
        let is_held = self
            .last_loud
            .is_some_and(|at| now.saturating_duration_since(at) < HOLD);
        let floor = if is_held { SPEAKING } else { 0.0 };
        let bonus = if self.is_incumbent {
            INCUMBENT_BONUS
        } else {
            0.0
        };
        self.loudness.max(floor) + bonus
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACKET: Duration = Duration::from_millis(20);

    fn talk(speakers: &mut Speakers, now: &mut Instant, levels: &[(usize, u8)], packets: u32) {
        for _ in 0..packets {
            *now += PACKET;
            for (key, level) in levels {
                speakers.hear(*key, *level, *now);
            }
        }
    }

    #[test]
    fn the_loudest_come_first() {
        let (mut speakers, mut now) = (Speakers::default(), crate::testing::start());
        talk(
            &mut speakers,
            &mut now,
            &[(1, 90), (2, 30), (3, 50), (4, 127)],
            50,
        );
        assert_eq!(speakers.rank(now, 3), [2, 3, 1, 4]);
        assert!(speakers.is_speaking(2, now) && !speakers.is_speaking(4, now));
    }

    #[test]
    fn a_little_louder_does_not_push_a_speaker_out() {
        let (mut speakers, mut now) = (Speakers::default(), crate::testing::start());
        talk(&mut speakers, &mut now, &[(1, 40), (2, 60)], 50);
        assert_eq!(speakers.rank(now, 1), [1, 2]);
        talk(&mut speakers, &mut now, &[(1, 40), (2, 37)], 50);
        assert_eq!(speakers.rank(now, 1), [1, 2]);
        talk(&mut speakers, &mut now, &[(1, 40), (2, 25)], 50);
        assert_eq!(speakers.rank(now, 1), [2, 1]);
    }

    #[test]
    fn a_speaker_keeps_the_place_over_a_breath_but_not_for_ever() {
        let (mut speakers, mut now) = (Speakers::default(), crate::testing::start());
        talk(&mut speakers, &mut now, &[(1, 30)], 50);
        assert_eq!(speakers.rank(now, 1), [1]);
        talk(&mut speakers, &mut now, &[(1, 127), (2, 60)], 50);
        assert_eq!(speakers.rank(now, 1), [1, 2]);
        talk(&mut speakers, &mut now, &[(1, 127), (2, 60)], 80);
        assert_eq!(speakers.rank(now, 1), [2, 1]);
    }

    #[test]
    fn a_voice_nothing_comes_from_falls_silent() {
        let (mut speakers, mut now) = (Speakers::default(), crate::testing::start());
        talk(&mut speakers, &mut now, &[(1, 30)], 50);
        now += SILENT_AFTER + PACKET;
        assert!(!speakers.is_speaking(1, now));
        speakers.dismiss(1);
        assert!(speakers.rank(now, 3).is_empty());
    }
}
