//! The names that cross the border: parties, rooms, participants and their tracks.

use std::fmt;

macro_rules! sixteen_bytes {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name([u8; 16]);

        impl $name {
            /// The id as it stands in a frame.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }
        }

        impl From<[u8; 16]> for $name {
            fn from(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_base32(f, &self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }
    };
}

sixteen_bytes! {
    /// An institution: the first 16 bytes of SHA-256 of its Ed25519 public key.
    PartyId
}
sixteen_bytes! {
    /// A place where media meets; it may span any number of nodes.
    RoomId
}
sixteen_bytes! {
    /// A person in a room, for as long as they stay.
    ParticipantId
}

/// Which medium of a participant: 0 microphone, 1 camera, 2 screen.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct TrackIndex(pub u8);

impl TrackIndex {
    /// The participant's voice.
    pub const MICROPHONE: Self = Self(0);
    /// The participant's picture.
    pub const CAMERA: Self = Self(1);
    /// What the participant shows.
    pub const SCREEN: Self = Self(2);
    /// How many media a participant can have.
    pub const COUNT: usize = 3;

    /// Whether the medium is sound.
    #[must_use]
    pub const fn is_audio(self) -> bool {
        self.0 == Self::MICROPHONE.0
    }
}

/// One medium from one participant; text form `<participant>/<index>`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct TrackId {
    /// Whose medium it is.
    pub participant: ParticipantId,
    /// Which of their media.
    pub index: TrackIndex,
}

impl fmt::Display for TrackId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.participant, self.index.0)
    }
}

/// RFC 4648 §6, lower case and without padding: 26 characters for 16 bytes.
fn write_base32(f: &mut fmt::Formatter<'_>, bytes: &[u8; 16]) -> fmt::Result {
    const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let value = u128::from_be_bytes(*bytes);
    for position in 0..26_u32 {
        // 128 bits fill 25 groups of five and three bits of the last, padded with two zero bits.
        let group = if position < 25 {
            value >> (123 - 5 * position)
        } else {
            value << 2
        };
        let letter = ALPHABET[usize::from((group & 31) as u8)];
        fmt::Write::write_char(f, char::from(letter))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text form is what Python's `base64.b32encode` gives, lower-cased and stripped.
    #[test]
    fn an_id_is_written_as_26_letters_of_base32() {
        assert_eq!(
            RoomId::from([0; 16]).to_string(),
            "aaaaaaaaaaaaaaaaaaaaaaaaaa"
        );
        assert_eq!(
            RoomId::from([255; 16]).to_string(),
            "77777777777777777777777774"
        );
        let counted = core::array::from_fn(|at| u8::try_from(at).expect("sixteen fit"));
        assert_eq!(
            PartyId::from(counted).to_string(),
            "aaaqeayeaudaocajbifqydiob4"
        );
    }

    #[test]
    fn a_track_is_written_with_its_participant_and_number() {
        let track = TrackId {
            participant: ParticipantId::from([0; 16]),
            index: TrackIndex::CAMERA,
        };
        assert_eq!(track.to_string(), "aaaaaaaaaaaaaaaaaaaaaaaaaa/1");
        assert!(!track.index.is_audio());
    }
}
