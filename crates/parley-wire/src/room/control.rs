//! The state of a room, as one relay tells another: who is here, what is wanted, what is kept back.

use bytes::{BufMut, Bytes};

use super::{RoomFrameError, reader::Reader};
use crate::ids::{ParticipantId, PartyId, RoomId, TrackIndex};

/// The version this relay writes and reads.
const VERSION: u8 = 1;

const ROSTER: u8 = 1;
const WANTS: u8 = 2;
const WITHHELD: u8 = 3;
const KEY_FRAME: u8 = 4;
const SYNC: u8 = 5;

/// Longest letter read. More would let a hostile party make us hold more; less would cut off a
/// roster of `PARTICIPANTS_MAX` people with long names and routes.
pub const ROOM_LETTER_BYTES_MAX: usize = 256 * 1024;
/// Most participants in one roster. A room with more is a broadcast, which this protocol is not for.
const PARTICIPANTS_MAX: u16 = 500;
/// Longest route. Each hop costs a relay's delay, so a longer one is a loop or a lie.
const ROUTE_MAX: u8 = 8;
/// Longest label; it holds whatever the nodes agree on to show a person.
const LABEL_BYTES_MAX: u16 = 512;
/// Most tracks of one participant: microphone, camera, screen.
const TRACKS_MAX: u8 = 3;
/// Most layers of one track.
const LAYERS_MAX: u8 = 3;

/// What a relay says to the relay at the other end of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RoomControl {
    /// Everyone in the room that can be reached through the sender.
    Roster(Roster),
    /// Everything the sender wants to receive.
    Wants(Wants),
    /// Everything wanted of the sender that it does not send at present, with the reason.
    Withheld(WithheldList),
    /// Layers for which the sender needs a frame that can be decoded alone.
    KeyFrame {
        /// Where.
        room: RoomId,
        /// Of which layers; aliases are those of the receiver's roster.
        layers: Vec<LayerRef>,
    },
    /// Asks for the receiver's roster, wants and withheld list: the sender has just begun to carry
    /// the room on this line, or has lost what it knew.
    Sync {
        /// Where.
        room: RoomId,
    },
}

/// Orders the snapshots of one sender.
///
/// A snapshot with an epoch other than the last one seen was written after the sender's node
/// started again; within an epoch the higher count wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Version {
    /// Chosen once when the sender's node starts.
    pub epoch: u64,
    /// Counts the snapshots of this epoch.
    pub count: u32,
}

/// Everyone in the room that can be reached through the sender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roster {
    /// Where.
    pub room: RoomId,
    /// Which of several rosters is newest.
    pub version: Version,
    /// The people, each with the way to them.
    pub participants: Vec<RosterParticipant>,
}

/// One person in a roster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RosterParticipant {
    /// Who.
    pub participant: ParticipantId,
    /// The parties the media passes, the person's own first and the sender's last.
    pub route: Vec<PartyId>,
    /// What the person's own node says about them; opaque to relays.
    pub label: Bytes,
    /// What they send.
    pub tracks: Vec<RosterTrack>,
}

/// One medium of one person in a roster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RosterTrack {
    /// Microphone, camera or screen.
    pub index: TrackIndex,
    /// How it is encoded.
    pub codec: Codec,
    /// The sender's short name for it on this line.
    pub alias: u16,
    /// The person has switched it off.
    pub is_muted: bool,
    /// The qualities on offer, lowest first.
    pub layers: Vec<RosterLayer>,
}

/// One quality of a track.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RosterLayer {
    /// 0 quarter, 1 half, 2 full.
    pub layer: u8,
    /// Height of the picture in pixels, 0 where unknown or for sound.
    pub height_px: u16,
    /// What it costs, in kbit/s, 0 where unknown.
    pub rate_kbps: u16,
}

/// How a track is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Codec {
    /// RFC 6716, RFC 7587.
    Opus = 0,
    /// RFC 6386, RFC 7741.
    Vp8 = 1,
    /// RFC 9628.
    Vp9 = 2,
    /// AV1 in RTP.
    Av1 = 3,
}

impl TryFrom<u8> for Codec {
    type Error = RoomFrameError;

    fn try_from(byte: u8) -> Result<Self, RoomFrameError> {
        match byte {
            0 => Ok(Self::Opus),
            1 => Ok(Self::Vp8),
            2 => Ok(Self::Vp9),
            3 => Ok(Self::Av1),
            4.. => Err(RoomFrameError::Field("codec")),
        }
    }
}

/// Everything one relay wants to receive from another; what is not listed is not wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wants {
    /// Where.
    pub room: RoomId,
    /// Which of several is newest.
    pub version: Version,
    /// What is wanted.
    pub wants: Vec<Want>,
}

/// One wanted track.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Want {
    /// The receiver's name for the track.
    pub alias: u16,
    /// Bit n stands for layer n.
    pub layers: u8,
}

/// Everything wanted of the sender that it keeps back at present; what is not listed flows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithheldList {
    /// Where.
    pub room: RoomId,
    /// Which of several is newest.
    pub version: Version,
    /// What is kept back.
    pub withheld: Vec<Withheld>,
}

/// One layer that is kept back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Withheld {
    /// Which.
    pub layer: LayerRef,
    /// Why.
    pub reason: Reason,
}

/// One layer of one track on one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LayerRef {
    /// The track, by the name its sender gave it.
    pub alias: u16,
    /// 0 quarter, 1 half, 2 full.
    pub layer: u8,
}

/// Why a wanted layer does not flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Reason {
    /// The way to the viewer has no room for it.
    Rate = 0,
    /// The publisher's browser does not send it at present.
    Paused = 1,
    /// The person has switched the medium off.
    Muted = 2,
}

impl TryFrom<u8> for Reason {
    type Error = RoomFrameError;

    fn try_from(byte: u8) -> Result<Self, RoomFrameError> {
        match byte {
            0 => Ok(Self::Rate),
            1 => Ok(Self::Paused),
            2 => Ok(Self::Muted),
            3.. => Err(RoomFrameError::Field("reason")),
        }
    }
}

/// The room a letter is about, without reading the rest of it.
///
/// ```
/// assert_eq!(parley_wire::room::room_of(&[1, 5]), None);
/// ```
#[must_use]
pub fn room_of(body: &[u8]) -> Option<RoomId> {
    let mut reader = Reader::new(body);
    (reader.u8().ok()? == VERSION).then_some(())?;
    reader.u8().ok()?;
    reader.array().ok().map(RoomId::from)
}

impl RoomControl {
    /// The room the letter is about.
    #[must_use]
    pub const fn room(&self) -> RoomId {
        match self {
            Self::Roster(Roster { room, .. })
            | Self::Wants(Wants { room, .. })
            | Self::Withheld(WithheldList { room, .. })
            | Self::KeyFrame { room, .. }
            | Self::Sync { room } => *room,
        }
    }

    /// The letter's bytes. Lists beyond the protocol's limits are cut, so that the other side can
    /// read the rest.
    #[must_use]
    pub fn to_bytes(&self) -> Bytes {
        let mut out = Vec::with_capacity(64);
        out.put_u8(VERSION);
        out.put_u8(self.kind());
        out.put_slice(self.room().as_bytes());
        match self {
            Self::Roster(roster) => roster.write(&mut out),
            Self::Wants(wants) => wants.write(&mut out),
            Self::Withheld(list) => list.write(&mut out),
            Self::KeyFrame { layers, .. } => {
                write_list(&mut out, layers, |layer, out| layer.write(out));
            }
            Self::Sync { .. } => {}
        }
        out.into()
    }

    /// Reads one letter that fills `body`.
    ///
    /// # Errors
    ///
    /// [`RoomFrameError`] when the bytes are not a letter of this version.
    pub fn read(body: &[u8]) -> Result<Self, RoomFrameError> {
        if body.len() > ROOM_LETTER_BYTES_MAX {
            return Err(RoomFrameError::TooLong("letter"));
        }
        let mut reader = Reader::new(body);
        let version = reader.u8()?;
        if version != VERSION {
            return Err(RoomFrameError::Version(version));
        }
        let kind = reader.u8()?;
        let room = RoomId::from(reader.array::<16>()?);
        let control = match kind {
            ROSTER => Self::Roster(Roster::read(room, &mut reader)?),
            WANTS => Self::Wants(Wants::read(room, &mut reader)?),
            WITHHELD => Self::Withheld(WithheldList::read(room, &mut reader)?),
            KEY_FRAME => Self::KeyFrame {
                room,
                layers: read_list(&mut reader, LayerRef::read)?,
            },
            SYNC => Self::Sync { room },
            _ => return Err(RoomFrameError::Field("kind")),
        };
        reader.finish()?;
        Ok(control)
    }

    const fn kind(&self) -> u8 {
        match self {
            Self::Roster(_) => ROSTER,
            Self::Wants(_) => WANTS,
            Self::Withheld(_) => WITHHELD,
            Self::KeyFrame { .. } => KEY_FRAME,
            Self::Sync { .. } => SYNC,
        }
    }
}

/// Most entries of a list of tracks or layers: every layer of every track of a full roster.
const LIST_MAX: u16 = PARTICIPANTS_MAX * 3 * 3;

fn write_list<T>(out: &mut Vec<u8>, items: &[T], write: impl Fn(&T, &mut Vec<u8>)) {
    let count = u16::try_from(items.len()).unwrap_or(LIST_MAX).min(LIST_MAX);
    out.put_u16(count);
    for item in items.iter().take(usize::from(count)) {
        write(item, out);
    }
}

fn read_list<T>(
    reader: &mut Reader<'_>,
    read: impl Fn(&mut Reader<'_>) -> Result<T, RoomFrameError>,
) -> Result<Vec<T>, RoomFrameError> {
    let count = reader.u16()?;
    if count > LIST_MAX {
        return Err(RoomFrameError::TooLong("list"));
    }
    (0..count).map(|_| read(reader)).collect()
}

impl Version {
    fn write(self, out: &mut Vec<u8>) {
        out.put_u64(self.epoch);
        out.put_u32(self.count);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, RoomFrameError> {
        Ok(Self {
            epoch: reader.u64()?,
            count: reader.u32()?,
        })
    }
}

impl Roster {
    fn write(&self, out: &mut Vec<u8>) {
        self.version.write(out);
        let count = u16::try_from(self.participants.len()).unwrap_or(u16::MAX);
        let count = count.min(PARTICIPANTS_MAX);
        out.put_u16(count);
        for participant in self.participants.iter().take(usize::from(count)) {
            participant.write(out);
        }
    }

    fn read(room: RoomId, reader: &mut Reader<'_>) -> Result<Self, RoomFrameError> {
        let version = Version::read(reader)?;
        let count = reader.u16()?;
        if count > PARTICIPANTS_MAX {
            return Err(RoomFrameError::TooLong("participants"));
        }
        let participants = (0..count)
            .map(|_| RosterParticipant::read(reader))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            room,
            version,
            participants,
        })
    }
}

impl RosterParticipant {
    fn write(&self, out: &mut Vec<u8>) {
        out.put_slice(self.participant.as_bytes());
        let hops = u8::try_from(self.route.len())
            .unwrap_or(u8::MAX)
            .min(ROUTE_MAX);
        out.put_u8(hops);
        for party in self.route.iter().take(usize::from(hops)) {
            out.put_slice(party.as_bytes());
        }
        let label = &self.label[..self.label.len().min(usize::from(LABEL_BYTES_MAX))];
        out.put_u16(u16::try_from(label.len()).unwrap_or(LABEL_BYTES_MAX));
        out.put_slice(label);
        let count = u8::try_from(self.tracks.len())
            .unwrap_or(u8::MAX)
            .min(TRACKS_MAX);
        out.put_u8(count);
        for track in self.tracks.iter().take(usize::from(count)) {
            track.write(out);
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, RoomFrameError> {
        let participant = ParticipantId::from(reader.array::<16>()?);
        let hops = reader.u8()?;
        if hops == 0 {
            return Err(RoomFrameError::Field("route"));
        }
        if hops > ROUTE_MAX {
            return Err(RoomFrameError::TooLong("route"));
        }
        let route = (0..hops)
            .map(|_| reader.array::<16>().map(PartyId::from))
            .collect::<Result<_, _>>()?;
        let label_bytes = reader.u16()?;
        if label_bytes > LABEL_BYTES_MAX {
            return Err(RoomFrameError::TooLong("label"));
        }
        let label = Bytes::copy_from_slice(reader.take(usize::from(label_bytes))?);
        let tracks = RosterTrack::read_all(reader)?;
        Ok(Self {
            participant,
            route,
            label,
            tracks,
        })
    }
}

impl RosterTrack {
    fn write(&self, out: &mut Vec<u8>) {
        out.put_u8(self.index.0);
        out.put_u8(self.codec as u8);
        out.put_u16(self.alias);
        out.put_u8(u8::from(self.is_muted));
        let count = u8::try_from(self.layers.len())
            .unwrap_or(u8::MAX)
            .min(LAYERS_MAX);
        out.put_u8(count);
        for layer in self.layers.iter().take(usize::from(count)) {
            out.put_u8(layer.layer);
            out.put_u16(layer.height_px);
            out.put_u16(layer.rate_kbps);
        }
    }

    /// Each medium stands once and in order, so that two entries cannot contradict each other.
    fn read_all(reader: &mut Reader<'_>) -> Result<Vec<Self>, RoomFrameError> {
        let count = reader.u8()?;
        if count > TRACKS_MAX {
            return Err(RoomFrameError::TooLong("tracks"));
        }
        let tracks = (0..count)
            .map(|_| Self::read(reader))
            .collect::<Result<Vec<_>, _>>()?;
        if tracks.windows(2).any(|pair| pair[0].index >= pair[1].index) {
            return Err(RoomFrameError::Field("track"));
        }
        Ok(tracks)
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, RoomFrameError> {
        let index = TrackIndex(reader.u8()?);
        if usize::from(index.0) >= TrackIndex::COUNT {
            return Err(RoomFrameError::Field("track"));
        }
        let codec = Codec::try_from(reader.u8()?)?;
        if index.is_audio() != (codec == Codec::Opus) {
            return Err(RoomFrameError::Field("codec"));
        }
        let alias = reader.u16()?;
        let is_muted = match reader.u8()? {
            0 => false,
            1 => true,
            2.. => return Err(RoomFrameError::Field("muted")),
        };
        let count = reader.u8()?;
        if count > LAYERS_MAX {
            return Err(RoomFrameError::TooLong("layers"));
        }
        let layers = (0..count)
            .map(|_| RosterLayer::read(reader))
            .collect::<Result<Vec<_>, _>>()?;
        if layers.windows(2).any(|pair| pair[0].layer >= pair[1].layer) {
            return Err(RoomFrameError::Field("layer"));
        }
        Ok(Self {
            index,
            codec,
            alias,
            is_muted,
            layers,
        })
    }
}

impl RosterLayer {
    fn read(reader: &mut Reader<'_>) -> Result<Self, RoomFrameError> {
        let layer = read_layer(reader)?;
        Ok(Self {
            layer,
            height_px: reader.u16()?,
            rate_kbps: reader.u16()?,
        })
    }
}

impl Wants {
    fn write(&self, out: &mut Vec<u8>) {
        self.version.write(out);
        write_list(out, &self.wants, |want, out| {
            out.put_u16(want.alias);
            out.put_u8(want.layers);
        });
    }

    fn read(room: RoomId, reader: &mut Reader<'_>) -> Result<Self, RoomFrameError> {
        let version = Version::read(reader)?;
        let wants = read_list(reader, |reader| {
            let want = Want {
                alias: reader.u16()?,
                layers: reader.u8()?,
            };
            if want.layers == 0 || want.layers > 0b111 {
                return Err(RoomFrameError::Field("layers"));
            }
            Ok(want)
        })?;
        Ok(Self {
            room,
            version,
            wants,
        })
    }
}

impl WithheldList {
    fn write(&self, out: &mut Vec<u8>) {
        self.version.write(out);
        write_list(out, &self.withheld, |withheld, out| {
            withheld.layer.write(out);
            out.put_u8(withheld.reason as u8);
        });
    }

    fn read(room: RoomId, reader: &mut Reader<'_>) -> Result<Self, RoomFrameError> {
        let version = Version::read(reader)?;
        let withheld = read_list(reader, |reader| {
            Ok(Withheld {
                layer: LayerRef::read(reader)?,
                reason: Reason::try_from(reader.u8()?)?,
            })
        })?;
        Ok(Self {
            room,
            version,
            withheld,
        })
    }
}

impl LayerRef {
    fn write(self, out: &mut Vec<u8>) {
        out.put_u16(self.alias);
        out.put_u8(self.layer);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, RoomFrameError> {
        Ok(Self {
            alias: reader.u16()?,
            layer: read_layer(reader)?,
        })
    }
}

fn read_layer(reader: &mut Reader<'_>) -> Result<u8, RoomFrameError> {
    match reader.u8()? {
        layer @ 0..=2 => Ok(layer),
        3.. => Err(RoomFrameError::Field("layer")),
    }
}

#[cfg(test)]
mod tests;
