//! SRTP and SRTCP with known keys (RFC 3711, RFC 7714).
//!
//! **Invariant:** no (key, SSRC, index) seals two packets: a nonce used twice gives the key of the
//! authentication away (RFC 7714 §8.1). For RTP whoever calls [`Srtp::seal_rtp`] gives each index
//! of an SSRC out once. For RTCP the index is counted here; another sealer with the same keys has
//! to use other SSRCs.

use std::fmt;

use aws_lc_rs::{
    aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    cipher::{AES_128, AES_256, Algorithm, EncryptingKey, EncryptionContext, UnboundCipherKey},
    constant_time::verify_slices_are_equal,
    hmac,
    iv::FixedLength,
};
use str0m::crypto::dtls::SrtpProfile;

use crate::{keys::Keys, window::Window};

/// What sealing adds to an RTP packet, at most.
pub const RTP_OVERHEAD_MAX: usize = GCM_TAG_BYTES;

const GCM_TAG_BYTES: usize = 16;
const CM_TAG_BYTES: usize = 10;
const SRTCP_INDEX_BYTES: usize = 4;
/// RTCP header and SSRC stay in the clear (RFC 3711 §3.4).
const RTCP_CLEAR_BYTES: usize = 8;
/// Far more senders than a browser has streams; only genuine packets make one known.
const SENDERS_MAX: usize = 64;

/// Both directions of one connection.
pub struct Srtp {
    send_rtp: Cipher,
    send_rtcp: Cipher,
    receive_rtp: Cipher,
    receive_rtcp: Cipher,
    srtcp_index: u32,
    /// Which SRTCP indices of each remote SSRC have been opened.
    opened: Vec<(u32, Window)>,
}

impl fmt::Debug for Srtp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Srtp")
            .field("srtcp_index", &self.srtcp_index)
            .finish_non_exhaustive()
    }
}

impl Srtp {
    /// Derives the ciphers (RFC 3711 §4.3); nothing when the profile is unknown.
    #[must_use]
    pub fn new(keys: &Keys) -> Option<Self> {
        let client = Master::of(keys, true)?;
        let other = Master::of(keys, false)?;
        let (ours, theirs) = if keys.is_active {
            (client, other)
        } else {
            (other, client)
        };
        let profile = keys.profile;
        Some(Self {
            send_rtp: Cipher::new(profile, &ours, Label::Rtp)?,
            send_rtcp: Cipher::new(profile, &ours, Label::Rtcp)?,
            receive_rtp: Cipher::new(profile, &theirs, Label::Rtp)?,
            receive_rtcp: Cipher::new(profile, &theirs, Label::Rtcp)?,
            srtcp_index: 0,
            opened: Vec::new(),
        })
    }

    /// Seals one RTP packet where it stands: `packet[start..]` is a header of `header_bytes` and a
    /// payload. `index` is its sequence number extended by the roll-over counter; each is given to
    /// a stream once.
    pub fn seal_rtp(&self, packet: &mut Vec<u8>, start: usize, header_bytes: usize, index: u64) {
        let ssrc = word(&packet[start..], 8);
        self.send_rtp
            .seal_rtp(packet, start, header_bytes, ssrc, index);
    }

    /// What [`Srtp::seal_rtp`] adds to a packet, in bytes.
    #[must_use]
    pub const fn rtp_overhead(&self) -> usize {
        match self.send_rtp {
            Cipher::Counter(_) => CM_TAG_BYTES,
            Cipher::Galois { .. } => GCM_TAG_BYTES,
        }
    }

    /// Writes the payload of a sealed RTP packet to `plain`; false when it is not genuine.
    pub fn open_rtp(
        &self,
        packet: &[u8],
        header_bytes: usize,
        index: u64,
        plain: &mut Vec<u8>,
    ) -> bool {
        self.receive_rtp
            .open_rtp(packet, header_bytes, word(packet, 8), index, plain)
    }

    /// Seals one compound RTCP packet where it stands: `packet[start..]`.
    pub fn seal_rtcp(&mut self, packet: &mut Vec<u8>, start: usize) {
        let index = self.srtcp_index;
        // 2^31 packets are not reached in a call: at ten a second after seven years.
        self.srtcp_index = (index + 1) & 0x7FFF_FFFF;
        self.send_rtcp.seal_rtcp(packet, start, index);
    }

    /// Writes the RTCP packets inside to `plain`; false when they are not genuine, not encrypted,
    /// or have been opened before.
    pub fn open_rtcp(&mut self, packet: &[u8], plain: &mut Vec<u8>) -> bool {
        let ssrc = word(packet, 4);
        let Some(index) = self.receive_rtcp.open_rtcp(packet, plain) else {
            return false;
        };
        if let Some((_, window)) = self.opened.iter_mut().find(|(known, _)| *known == ssrc) {
            return window.admit(index.into());
        }
        if self.opened.len() >= SENDERS_MAX {
            return false;
        }
        let mut window = Window::default();
        window.admit(index.into());
        self.opened.push((ssrc, window));
        true
    }
}

#[derive(Clone, Copy)]
enum Label {
    Rtp,
    Rtcp,
}

/// Master key and salt of one direction.
struct Master {
    key: Vec<u8>,
    salt: Vec<u8>,
}

impl Master {
    fn of(keys: &Keys, is_client: bool) -> Option<Self> {
        let (key_bytes, salt_bytes) = match keys.profile {
            SrtpProfile::AES128_CM_SHA1_80 => (16, 14),
            SrtpProfile::AEAD_AES_128_GCM => (16, 12),
            SrtpProfile::AEAD_AES_256_GCM => (32, 12),
            _ => return None,
        };
        let place = usize::from(!is_client);
        let salts = keys.material.get(2 * key_bytes..)?;
        Some(Self {
            key: keys
                .material
                .get(place * key_bytes..)?
                .get(..key_bytes)?
                .to_vec(),
            salt: salts.get(place * salt_bytes..)?.get(..salt_bytes)?.to_vec(),
        })
    }

    /// RFC 3711 §4.3.1 with a key derivation rate of 0; label 0 is RTP's cipher, 1 its
    /// authentication, 2 its salt, 3 to 5 the same for RTCP.
    fn derive<const N: usize>(&self, label: u8) -> Option<[u8; N]> {
        let mut block = [0; 16];
        block[..self.salt.len()].copy_from_slice(&self.salt);
        block[7] ^= label;
        let algorithm = if self.key.len() == 16 {
            &AES_128
        } else {
            &AES_256
        };
        let mut derived = [0; N];
        counter(algorithm, &self.key)?.apply(&block, &mut derived)?;
        Some(derived)
    }
}

/// AES in counter mode.
struct Counter(EncryptingKey);

fn counter(algorithm: &'static Algorithm, key: &[u8]) -> Option<Counter> {
    let key = UnboundCipherKey::new(algorithm, key).ok()?;
    EncryptingKey::ctr(key).ok().map(Counter)
}

impl Counter {
    fn apply(&self, iv: &[u8; 16], bytes: &mut [u8]) -> Option<()> {
        let context = EncryptionContext::Iv128(FixedLength::from(iv));
        self.0.less_safe_encrypt(bytes, context).ok().map(|_| ())
    }
}

/// What counter mode with a separate tag needs.
struct CounterMode {
    cipher: Counter,
    salt: [u8; 14],
    tag_key: hmac::Key,
}

enum Cipher {
    Counter(Box<CounterMode>),
    Galois {
        cipher: LessSafeKey,
        salt: [u8; NONCE_LEN],
    },
}

impl Cipher {
    fn new(profile: SrtpProfile, master: &Master, label: Label) -> Option<Self> {
        let first = match label {
            Label::Rtp => 0,
            Label::Rtcp => 3,
        };
        let galois = |key: UnboundKey| {
            Some(Self::Galois {
                cipher: LessSafeKey::new(key),
                salt: master.derive(first + 2)?,
            })
        };
        match profile {
            SrtpProfile::AES128_CM_SHA1_80 => Some(Self::Counter(Box::new(CounterMode {
                cipher: counter(&AES_128, &master.derive::<16>(first)?)?,
                salt: master.derive(first + 2)?,
                tag_key: hmac::Key::new(
                    hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
                    &master.derive::<20>(first + 1)?,
                ),
            }))),
            SrtpProfile::AEAD_AES_128_GCM => {
                galois(UnboundKey::new(&AES_128_GCM, &master.derive::<16>(first)?).ok()?)
            }
            SrtpProfile::AEAD_AES_256_GCM => {
                galois(UnboundKey::new(&AES_256_GCM, &master.derive::<32>(first)?).ok()?)
            }
            _ => None,
        }
    }

    fn seal_rtp(
        &self,
        packet: &mut Vec<u8>,
        start: usize,
        header_bytes: usize,
        ssrc: u32,
        index: u64,
    ) {
        match self {
            Self::Counter(mode) => {
                let CounterMode {
                    cipher,
                    salt,
                    tag_key,
                } = &**mode;
                let iv = counter_iv(salt, ssrc, index);
                sealed(cipher.apply(&iv, &mut packet[start + header_bytes..]));
                let tag = sign(
                    tag_key,
                    &[&packet[start..], &roll_over(index).to_be_bytes()],
                );
                packet.extend_from_slice(&tag.as_ref()[..CM_TAG_BYTES]);
            }
            Self::Galois { cipher, salt } => {
                let nonce = galois_rtp_nonce(salt, ssrc, index);
                let (header, payload) = packet[start..].split_at_mut(header_bytes);
                let tag = cipher.seal_in_place_separate_tag(nonce, Aad::from(&*header), payload);
                let tag = tag.ok();
                let tag = tag.as_ref().map(AsRef::as_ref);
                packet.extend_from_slice(sealed(tag).unwrap_or(&[0; GCM_TAG_BYTES]));
            }
        }
    }

    fn open_rtp(
        &self,
        packet: &[u8],
        header_bytes: usize,
        ssrc: u32,
        index: u64,
        plain: &mut Vec<u8>,
    ) -> bool {
        plain.clear();
        match self {
            Self::Counter(mode) => {
                let CounterMode {
                    cipher,
                    salt,
                    tag_key,
                } = &**mode;
                let Some((signed, tag)) = packet.split_last_chunk::<CM_TAG_BYTES>() else {
                    return false;
                };
                let Some(body) = signed.get(header_bytes..) else {
                    return false;
                };
                let expected = sign(tag_key, &[signed, &roll_over(index).to_be_bytes()]);
                if verify_slices_are_equal(&expected.as_ref()[..CM_TAG_BYTES], tag).is_err() {
                    return false;
                }
                plain.extend_from_slice(body);
                cipher
                    .apply(&counter_iv(salt, ssrc, index), plain)
                    .is_some()
            }
            Self::Galois { cipher, salt } => {
                let nonce = galois_rtp_nonce(salt, ssrc, index);
                let Some((header, body)) = packet.split_at_checked(header_bytes) else {
                    return false;
                };
                open_galois(cipher, nonce, header, body, plain)
            }
        }
    }

    fn seal_rtcp(&self, packet: &mut Vec<u8>, start: usize, index: u32) {
        let ssrc = word(&packet[start..], 4);
        // The highest bit says that the packet is encrypted (RFC 3711 §3.4).
        let flagged = (0x8000_0000 | index).to_be_bytes();
        match self {
            Self::Counter(mode) => {
                let CounterMode {
                    cipher,
                    salt,
                    tag_key,
                } = &**mode;
                let iv = counter_iv(salt, ssrc, index.into());
                sealed(cipher.apply(&iv, &mut packet[start + RTCP_CLEAR_BYTES..]));
                packet.extend_from_slice(&flagged);
                let tag = sign(tag_key, &[&packet[start..]]);
                packet.extend_from_slice(&tag.as_ref()[..CM_TAG_BYTES]);
            }
            Self::Galois { cipher, salt } => {
                let nonce = galois_rtcp_nonce(salt, ssrc, index);
                let (clear, body) = packet[start..].split_at_mut(RTCP_CLEAR_BYTES);
                let signed = rtcp_signed(clear, flagged);
                let tag = cipher.seal_in_place_separate_tag(nonce, Aad::from(signed), body);
                let tag = tag.ok();
                let tag = tag.as_ref().map(AsRef::as_ref);
                packet.extend_from_slice(sealed(tag).unwrap_or(&[0; GCM_TAG_BYTES]));
                packet.extend_from_slice(&flagged);
            }
        }
    }

    fn open_rtcp(&self, packet: &[u8], plain: &mut Vec<u8>) -> Option<u32> {
        plain.clear();
        let tag_bytes = match self {
            Self::Counter(_) => CM_TAG_BYTES,
            Self::Galois { .. } => 0,
        };
        let (signed, tag) = packet.split_at_checked(packet.len().checked_sub(tag_bytes)?)?;
        let (body, flagged) = signed.split_last_chunk::<SRTCP_INDEX_BYTES>()?;
        let (clear, body) = body.split_at_checked(RTCP_CLEAR_BYTES)?;
        let ssrc = word(clear, 4);
        let index = u32::from_be_bytes(*flagged);
        if index & 0x8000_0000 == 0 {
            return None;
        }
        let index = index & 0x7FFF_FFFF;
        plain.extend_from_slice(clear);
        match self {
            Self::Counter(mode) => {
                let CounterMode {
                    cipher,
                    salt,
                    tag_key,
                } = &**mode;
                let expected = sign(tag_key, &[signed]);
                verify_slices_are_equal(&expected.as_ref()[..CM_TAG_BYTES], tag).ok()?;
                plain.extend_from_slice(body);
                let iv = counter_iv(salt, ssrc, index.into());
                cipher.apply(&iv, &mut plain[RTCP_CLEAR_BYTES..])?;
            }
            Self::Galois { cipher, salt } => {
                let nonce = galois_rtcp_nonce(salt, ssrc, index);
                let signed = rtcp_signed(clear, *flagged);
                open_galois(cipher, nonce, &signed, body, plain).then_some(())?;
            }
        }
        Some(index)
    }
}

/// A cipher with a key of the right length takes any packet; should it refuse one, sending it in
/// the clear would be worse than stopping.
fn sealed<T>(outcome: Option<T>) -> Option<T> {
    assert!(outcome.is_some(), "the cipher refused to seal");
    outcome
}

fn open_galois(
    cipher: &LessSafeKey,
    nonce: Nonce,
    signed: &[u8],
    body: &[u8],
    plain: &mut Vec<u8>,
) -> bool {
    let Some((body, tag)) = body.split_last_chunk::<GCM_TAG_BYTES>() else {
        return false;
    };
    let start = plain.len();
    plain.resize(start + body.len(), 0);
    cipher
        .open_separate_gather(nonce, Aad::from(signed), body, tag, &mut plain[start..])
        .is_ok()
}

fn sign(key: &hmac::Key, parts: &[&[u8]]) -> hmac::Tag {
    let mut context = hmac::Context::with_key(key);
    for part in parts {
        context.update(part);
    }
    context.sign()
}

/// RFC 3711 §4.1.1: salt, SSRC and index, each in its place.
fn counter_iv(salt: &[u8; 14], ssrc: u32, index: u64) -> [u8; 16] {
    let mut iv = [0; 16];
    iv[..14].copy_from_slice(salt);
    mix(&mut iv[4..8], &ssrc.to_be_bytes());
    mix(&mut iv[8..14], &index.to_be_bytes()[2..]);
    iv
}

/// RFC 7714 §8.1.
fn galois_rtp_nonce(salt: &[u8; NONCE_LEN], ssrc: u32, index: u64) -> Nonce {
    let mut nonce = *salt;
    mix(&mut nonce[2..6], &ssrc.to_be_bytes());
    mix(&mut nonce[6..12], &index.to_be_bytes()[2..]);
    Nonce::assume_unique_for_key(nonce)
}

/// RFC 7714 §9.1.
fn galois_rtcp_nonce(salt: &[u8; NONCE_LEN], ssrc: u32, index: u32) -> Nonce {
    let mut nonce = *salt;
    mix(&mut nonce[2..6], &ssrc.to_be_bytes());
    mix(&mut nonce[8..12], &index.to_be_bytes());
    Nonce::assume_unique_for_key(nonce)
}

fn mix(into: &mut [u8], bytes: &[u8]) {
    for (into, byte) in into.iter_mut().zip(bytes) {
        *into ^= byte;
    }
}

fn rtcp_signed(clear: &[u8], flagged: [u8; 4]) -> [u8; RTCP_CLEAR_BYTES + SRTCP_INDEX_BYTES] {
    let mut signed = [0; RTCP_CLEAR_BYTES + SRTCP_INDEX_BYTES];
    signed[..RTCP_CLEAR_BYTES].copy_from_slice(clear);
    signed[RTCP_CLEAR_BYTES..].copy_from_slice(&flagged);
    signed
}

fn word(packet: &[u8], at: usize) -> u32 {
    packet
        .get(at..at + 4)
        .and_then(|bytes| bytes.try_into().ok())
        .map_or(0, u32::from_be_bytes)
}

fn roll_over(index: u64) -> u32 {
    u32::try_from(index >> 16 & u64::from(u32::MAX)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PROFILES: [(SrtpProfile, usize); 3] = [
        (SrtpProfile::AES128_CM_SHA1_80, 60),
        (SrtpProfile::AEAD_AES_128_GCM, 56),
        (SrtpProfile::AEAD_AES_256_GCM, 88),
    ];

    #[test]
    fn each_end_opens_what_the_other_seals() {
        for (profile, material_bytes) in PROFILES {
            let (mut ours, mut theirs) = ends(profile, material_bytes);
            let mut packet: Vec<u8> = (0..200_u8).collect();
            let payload = packet[12..].to_vec();
            ours.seal_rtp(&mut packet, 0, 12, 0x5_0203);
            assert_ne!(packet[12..200], payload);
            let mut plain = Vec::new();
            assert!(theirs.open_rtp(&packet, 12, 0x5_0203, &mut plain));
            assert_eq!(plain, payload);
            for _ in 0..3 {
                let report: Vec<u8> = (0..52_u8).collect();
                let mut sealed = report.clone();
                ours.seal_rtcp(&mut sealed, 0);
                assert!(theirs.open_rtcp(&sealed, &mut plain), "{profile:?}");
                assert_eq!(plain, report);
            }
        }
    }

    #[test]
    fn a_packet_is_sealed_where_it_stands_behind_another() {
        let (ours, theirs) = ends(SrtpProfile::AEAD_AES_128_GCM, 56);
        let mut buffer: Vec<u8> = (0..40).collect();
        ours.seal_rtp(&mut buffer, 0, 12, 1);
        let start = buffer.len();
        buffer.extend(0..60);
        ours.seal_rtp(&mut buffer, start, 20, 2);
        let mut plain = Vec::new();
        assert!(theirs.open_rtp(&buffer[..start], 12, 1, &mut plain));
        assert!(theirs.open_rtp(&buffer[start..], 20, 2, &mut plain));
        assert_eq!(plain, (20..60).collect::<Vec<u8>>());
    }

    #[test]
    fn a_changed_byte_is_noticed() {
        for (profile, material_bytes) in PROFILES {
            let (mut ours, mut theirs) = ends(profile, material_bytes);
            let mut plain = Vec::new();
            let mut packet: Vec<u8> = (0..100_u8).collect();
            ours.seal_rtp(&mut packet, 0, 12, 7);
            packet[50] ^= 1;
            assert!(!theirs.open_rtp(&packet, 12, 7, &mut plain), "{profile:?}");
            let mut report = vec![9; 32];
            ours.seal_rtcp(&mut report, 0);
            report[20] ^= 1;
            assert!(!theirs.open_rtcp(&report, &mut plain), "{profile:?}");
        }
    }

    #[test]
    fn a_report_is_opened_once() {
        let (mut ours, mut theirs) = ends(SrtpProfile::AEAD_AES_256_GCM, 88);
        let mut report = vec![9; 32];
        ours.seal_rtcp(&mut report, 0);
        assert!(theirs.open_rtcp(&report, &mut Vec::new()));
        assert!(!theirs.open_rtcp(&report, &mut Vec::new()));
    }

    #[test]
    fn keys_are_derived_as_rfc_3711_b_3_shows() {
        let master = Master {
            key: hex("E1F97A0D3E018BE0D64FA32C06DE4139"),
            salt: hex("0EC675AD498AFEEBB6960B3AABE6"),
        };
        assert_eq!(
            master.derive::<16>(0).expect("derived").to_vec(),
            hex("C61E7A93744F39EE10734AFE3FF7A087")
        );
        assert_eq!(
            master.derive::<14>(2).expect("derived").to_vec(),
            hex("30CBBC08863D8C85D49DB34A9AE1")
        );
        assert_eq!(
            master.derive::<20>(1).expect("derived").to_vec(),
            hex("CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4")
        );
    }

    #[test]
    fn the_key_stream_is_that_of_rfc_3711_b_2() {
        let cipher = counter(&AES_128, &hex("2B7E151628AED2A6ABF7158809CF4F3C")).expect("a key");
        let salt = hex("F0F1F2F3F4F5F6F7F8F9FAFBFCFD");
        let iv = counter_iv(&salt.try_into().expect("14 bytes"), 0, 0);
        let mut stream = [0; 48];
        cipher.apply(&iv, &mut stream).expect("applied");
        let expected = "E03EAD0935C95E80E166B16DD92B4EB4\
                        D23513162B02D0F72A43A2FE4A5F97AB\
                        41E95B3BB0A2E8DD477901E4FCA894C0";
        assert_eq!(stream.to_vec(), hex(expected));
    }

    /// RFC 7714 §16.1.1 and §16.2.1 share packet, salt and nonce.
    #[test]
    fn rtp_is_sealed_as_rfc_7714_16_shows() {
        let packet = hex("8040F17B8041F8D35501A0B247616C6C\
                          696120657374206F6D6E697320646976\
                          69736120696E207061727465732074726573");
        let salt: [u8; 12] = hex("517569642070726F2071756F").try_into().expect("12");
        let key = hex("000102030405060708090A0B0C0D0E0F\
                       101112131415161718191A1B1C1D1E1F");
        for (algorithm, key, expected) in [
            (
                &AES_128_GCM,
                &key[..16],
                "F24DE3A3FB34DE6CACBA861C9D7E4BCABE633BD50D294E6F42A5F47A51C7D19B\
                 36DE3ADF8833899D7F27BEB16A9152CF765EE4390CCE",
            ),
            (
                &AES_256_GCM,
                &key[..],
                "32B1DE78A822FE12EF9F78FA332E33AAB18012389A58E2F3B50B2A0276FFAE0F\
                 1BA63799B87B7AA3DB36DFFFD6B0F9BB7878D7A76C13",
            ),
        ] {
            let cipher = Cipher::Galois {
                cipher: LessSafeKey::new(UnboundKey::new(algorithm, key).expect("a key")),
                salt,
            };
            let mut buffer = packet.clone();
            // The example's roll-over counter is 0, its sequence number F17B.
            cipher.seal_rtp(&mut buffer, 0, 12, 0x5501_A0B2, 0xF17B);
            assert_eq!(buffer[..12], packet[..12]);
            assert_eq!(buffer[12..].to_vec(), hex(expected));
        }
    }

    fn ends(profile: SrtpProfile, material_bytes: usize) -> (Srtp, Srtp) {
        let material: Vec<u8> = (0_u8..).take(material_bytes).collect();
        let end = |is_active| {
            let keys = Keys {
                profile,
                material: material.clone(),
                is_active,
            };
            Srtp::new(&keys).expect("a known profile")
        };
        (end(true), end(false))
    }

    fn hex(digits: &str) -> Vec<u8> {
        (0..digits.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).expect("hexadecimal"))
            .collect()
    }

    proptest! {
        #[test]
        fn foreign_packets_are_not_genuine(
            packet in proptest::collection::vec(any::<u8>(), 0..120), header_bytes in 0..64_usize,
        ) {
            for (profile, material_bytes) in PROFILES {
                let (_, mut theirs) = ends(profile, material_bytes);
                prop_assert!(!theirs.open_rtp(&packet, header_bytes, 1, &mut Vec::new()));
                prop_assert!(!theirs.open_rtcp(&packet, &mut Vec::new()));
            }
        }
    }
}
