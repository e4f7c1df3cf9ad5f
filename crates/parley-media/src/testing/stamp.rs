//! What a scripted browser writes into every packet.

/// Who made a packet, of which layer and frame, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The browser's number.
    pub number: u8,
    /// Which layer.
    pub layer: u8,
    /// Counts the frames of the layer.
    pub frame: u32,
    /// Microseconds since the browser was made.
    pub at_us: u64,
}

const MARK: [u8; 2] = *b"PY";

impl Stamp {
    /// Sixteen bytes.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 16] {
        let mut bytes = [0; 16];
        bytes[..2].copy_from_slice(&MARK);
        bytes[2] = self.number;
        bytes[3] = self.layer;
        bytes[4..8].copy_from_slice(&self.frame.to_be_bytes());
        bytes[8..].copy_from_slice(&self.at_us.to_be_bytes());
        bytes
    }

    /// Finds a stamp anywhere in a payload's beginning.
    #[must_use]
    pub fn find(payload: &[u8]) -> Option<Self> {
        let at = payload
            .windows(2)
            .take(32)
            .position(|window| window == MARK)?;
        let bytes: &[u8; 16] = payload.get(at..)?.first_chunk()?;
        let (frame, at_us) = (bytes[4..8].try_into().ok()?, bytes[8..].try_into().ok()?);
        Some(Self {
            number: bytes[2],
            layer: bytes[3],
            frame: u32::from_be_bytes(frame),
            at_us: u64::from_be_bytes(at_us),
        })
    }
}
