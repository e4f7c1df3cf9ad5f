//! What was set aside, counted by reason: one bad packet, letter or key never stops a line.

/// Why something from outside was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Refusal {
    /// A packet that is no QUIC packet, or none of ours.
    MalformedPacket,
    /// A dial with a key that no line is open to.
    UnknownKey,
    /// A dial of ours was answered with a key that is not the line's.
    WrongKey,
    /// A dial of ours was answered with the key of another of our lines.
    SwappedKey,
    /// Somebody presented our own key.
    OwnKey,
    /// A key was presented without proof of holding it.
    UnprovenKey,
    /// The other party's key is in use by two nodes at once.
    KeyInUseTwice,
    /// The other party says that our key is in use by two nodes at once.
    OurKeyInUseTwice,
    /// The other side speaks no version of the protocol that we do.
    Version,
    /// The dial fits no path of the line.
    UnknownPath,
    /// The handshake broke some rule of TLS or QUIC.
    Handshake,
    /// Too many dials at once.
    DialFlood,
    /// A frame that cannot be read.
    MalformedFrame,
    /// A letter that is longer than letters may be, or longer than it said.
    LetterTooLong,
    /// More letters, flows or bytes at once than the other party may have open with us.
    Flood,
    /// A media unit that arrived too late to tell whether it is a copy.
    Late,
}

impl Refusal {
    /// All reasons.
    pub const ALL: [Self; 16] = [
        Self::MalformedPacket,
        Self::UnknownKey,
        Self::WrongKey,
        Self::SwappedKey,
        Self::OwnKey,
        Self::UnprovenKey,
        Self::KeyInUseTwice,
        Self::OurKeyInUseTwice,
        Self::Version,
        Self::UnknownPath,
        Self::Handshake,
        Self::DialFlood,
        Self::MalformedFrame,
        Self::LetterTooLong,
        Self::Flood,
        Self::Late,
    ];

    /// Stable code of the reason, the key of its translations.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::MalformedPacket => "line.malformed_packet",
            Self::UnknownKey => "line.unknown_key",
            Self::WrongKey => "line.wrong_key",
            Self::SwappedKey => "line.swapped_key",
            Self::OwnKey => "line.own_key_presented",
            Self::UnprovenKey => "line.unproven_key",
            Self::KeyInUseTwice => "line.key_in_use_twice",
            Self::OurKeyInUseTwice => "line.our_key_in_use_twice",
            Self::Version => "line.version",
            Self::UnknownPath => "line.unknown_path",
            Self::Handshake => "line.handshake",
            Self::DialFlood => "line.dial_flood",
            Self::MalformedFrame => "line.malformed_frame",
            Self::LetterTooLong => "line.letter_too_long_received",
            Self::Flood => "line.flood",
            Self::Late => "line.late",
        }
    }

    /// Whether an operator should hear of it at once (an event) rather than find it counted.
    #[must_use]
    pub const fn is_alarming(self) -> bool {
        matches!(
            self,
            Self::UnknownKey
                | Self::WrongKey
                | Self::SwappedKey
                | Self::OwnKey
                | Self::UnprovenKey
                | Self::KeyInUseTwice
                | Self::OurKeyInUseTwice
                | Self::Version
                | Self::UnknownPath
        )
    }
}

/// How often each [`Refusal`] happened since the node started.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Refusals {
    counts: [u64; Refusal::ALL.len()],
}

impl Refusals {
    /// How often `reason` happened.
    #[must_use]
    pub const fn count(&self, reason: Refusal) -> u64 {
        self.counts[reason as usize]
    }

    /// All reasons that happened, with their counts.
    pub fn iter(&self) -> impl Iterator<Item = (Refusal, u64)> + '_ {
        Refusal::ALL
            .into_iter()
            .map(|reason| (reason, self.count(reason)))
            .filter(|(_, count)| *count > 0)
    }

    pub(crate) const fn add(&mut self, reason: Refusal) {
        self.counts[reason as usize] += 1;
    }
}
