//! SRTP and SRTCP with known keys (RFC 3711, RFC 7714), on str0m's own ciphers.

use str0m::crypto::{
    AeadAes128Gcm, AeadAes128GcmCipher, AeadAes256GcmCipher, Aes128CmSha1_80,
    Aes128CmSha1_80Cipher, CryptoProvider, Sha1HmacProvider, SrtpProvider, dtls::SrtpProfile,
};

use super::keys::Keys;

const SRTCP_INDEX_BYTES: usize = 4;
/// RTCP header and SSRC stay in the clear (RFC 3711 §3.4).
const RTCP_CLEAR_BYTES: usize = 8;
/// The cipher behind AES-CM wants room for one block less a byte beyond its output.
const COUNTER_MODE_SPARE: usize = 15;

/// Both directions of one connection.
#[derive(Debug)]
pub(super) struct Srtp {
    send_rtp: Cipher,
    send_rtcp: Cipher,
    receive_rtp: Cipher,
    receive_rtcp: Cipher,
    srtcp_index: u32,
}

impl Srtp {
    /// Derives the ciphers (RFC 3711 §4.3); nothing when the profile is unknown.
    pub(super) fn new(keys: &Keys, crypto: &CryptoProvider) -> Option<Self> {
        let client = Master::of(keys, true)?;
        let other = Master::of(keys, false)?;
        let (ours, theirs) = if keys.is_active {
            (client, other)
        } else {
            (other, client)
        };
        let profile = keys.profile;
        Some(Self {
            send_rtp: Cipher::new(profile, &ours, Label::Rtp, true, crypto)?,
            send_rtcp: Cipher::new(profile, &ours, Label::Rtcp, true, crypto)?,
            receive_rtp: Cipher::new(profile, &theirs, Label::Rtp, false, crypto)?,
            receive_rtcp: Cipher::new(profile, &theirs, Label::Rtcp, false, crypto)?,
            srtcp_index: 0,
        })
    }

    /// Protects one RTP packet in place: header of `header_bytes`, then payload. `index` is its
    /// sequence number extended by the roll-over counter.
    pub(super) fn protect_rtp(&mut self, packet: &mut Vec<u8>, header_bytes: usize, index: u64) {
        let ssrc = word(packet, 8);
        self.send_rtp.seal_rtp(packet, header_bytes, ssrc, index);
    }

    /// Writes the payload of a protected RTP packet to `plain`; false when it is not genuine.
    pub(super) fn open_rtp(
        &mut self,
        packet: &[u8],
        header_bytes: usize,
        index: u64,
        plain: &mut Vec<u8>,
    ) -> bool {
        self.receive_rtp
            .open_rtp(packet, header_bytes, word(packet, 8), index, plain)
    }

    /// Protects one compound RTCP packet.
    pub(super) fn protect_rtcp(&mut self, packet: &[u8]) -> Vec<u8> {
        let index = self.srtcp_index;
        self.srtcp_index = (index + 1) & 0x7FFF_FFFF;
        self.send_rtcp.seal_rtcp(packet, index)
    }

    /// Returns the RTCP packets inside, or nothing when they are not genuine or not encrypted.
    pub(super) fn open_rtcp(&mut self, packet: &[u8]) -> Option<Vec<u8>> {
        self.receive_rtcp.open_rtcp(packet)
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
    fn derive<const N: usize>(&self, label: u8, crypto: &dyn SrtpProvider) -> [u8; N] {
        let mut block = [0; 16];
        block[..self.salt.len()].copy_from_slice(&self.salt);
        block[7] ^= label;
        let mut derived = [0; N];
        for (round, part) in (0_u16..).zip(derived.chunks_mut(16)) {
            block[14..].copy_from_slice(&round.to_be_bytes());
            let mut output = [0; 32];
            if self.key.len() == 16 {
                crypto.srtp_aes_128_ecb_round(&self.key, &block, &mut output);
            } else {
                crypto.srtp_aes_256_ecb_round(&self.key, &block, &mut output);
            }
            part.copy_from_slice(&output[..part.len()]);
        }
        derived
    }
}

#[derive(Debug)]
enum Cipher {
    Counter {
        cipher: Box<dyn Aes128CmSha1_80Cipher>,
        salt: [u8; 14],
        tag_key: [u8; 20],
        hmac: &'static dyn Sha1HmacProvider,
    },
    Galois {
        cipher: Galois,
        salt: [u8; 12],
    },
}

#[derive(Debug)]
enum Galois {
    Aes128(Box<dyn AeadAes128GcmCipher>),
    Aes256(Box<dyn AeadAes256GcmCipher>),
}

impl Cipher {
    fn new(
        profile: SrtpProfile,
        master: &Master,
        label: Label,
        encrypt: bool,
        crypto: &CryptoProvider,
    ) -> Option<Self> {
        let srtp = crypto.srtp_provider;
        let first = match label {
            Label::Rtp => 0,
            Label::Rtcp => 3,
        };
        Some(match profile {
            SrtpProfile::AES128_CM_SHA1_80 => {
                let key = master.derive::<16>(first, srtp);
                Self::Counter {
                    cipher: srtp.aes_128_cm_sha1_80().create_cipher(key, encrypt),
                    salt: master.derive(first + 2, srtp),
                    tag_key: master.derive(first + 1, srtp),
                    hmac: crypto.sha1_hmac_provider,
                }
            }
            SrtpProfile::AEAD_AES_128_GCM => {
                let key = master.derive(first, srtp);
                let cipher = srtp.aead_aes_128_gcm().create_cipher(key, encrypt);
                Self::Galois {
                    cipher: Galois::Aes128(cipher),
                    salt: master.derive(first + 2, srtp),
                }
            }
            SrtpProfile::AEAD_AES_256_GCM => {
                let key = master.derive(first, srtp);
                let cipher = srtp.aead_aes_256_gcm().create_cipher(key, encrypt);
                Self::Galois {
                    cipher: Galois::Aes256(cipher),
                    salt: master.derive(first + 2, srtp),
                }
            }
            _ => return None,
        })
    }

    fn seal_rtp(&mut self, packet: &mut Vec<u8>, header_bytes: usize, ssrc: u32, index: u64) {
        let plain = packet.split_off(header_bytes);
        match self {
            Self::Counter {
                cipher,
                salt,
                tag_key,
                hmac,
            } => {
                let iv = Aes128CmSha1_80::rtp_iv(*salt, ssrc, index);
                append(packet, plain.len(), COUNTER_MODE_SPARE, |output| {
                    cipher.encrypt(&iv, &plain, output).is_ok()
                });
                let roll_over = roll_over(index).to_be_bytes();
                let tag = hmac.sha1_hmac(tag_key, &[packet, &roll_over]);
                packet.extend_from_slice(&tag[..Aes128CmSha1_80::HMAC_TAG_LEN]);
            }
            Self::Galois { cipher, salt } => {
                let iv = AeadAes128Gcm::rtp_iv(*salt, ssrc, roll_over(index), low_16(index));
                let header = packet.clone();
                append(packet, plain.len() + AeadAes128Gcm::TAG_LEN, 0, |output| {
                    cipher.seal(&iv, &header, &plain, output)
                });
            }
        }
    }

    fn open_rtp(
        &mut self,
        packet: &[u8],
        header_bytes: usize,
        ssrc: u32,
        index: u64,
        plain: &mut Vec<u8>,
    ) -> bool {
        plain.clear();
        match self {
            Self::Counter {
                cipher,
                salt,
                tag_key,
                hmac,
            } => {
                let tag_bytes = Aes128CmSha1_80::HMAC_TAG_LEN;
                let Some((signed, tag)) = packet.split_last_chunk::<10>() else {
                    return false;
                };
                let Some(sealed) = signed.get(header_bytes..) else {
                    return false;
                };
                let roll_over = roll_over(index).to_be_bytes();
                let expected = hmac.sha1_hmac(tag_key, &[signed, &roll_over]);
                let iv = Aes128CmSha1_80::rtp_iv(*salt, ssrc, index);
                append(plain, sealed.len(), COUNTER_MODE_SPARE, |output| {
                    cipher.decrypt(&iv, sealed, output).is_ok()
                });
                expected[..tag_bytes] == *tag
            }
            Self::Galois { cipher, salt } => {
                let iv = AeadAes128Gcm::rtp_iv(*salt, ssrc, roll_over(index), low_16(index));
                let Some((header, sealed)) = packet.split_at_checked(header_bytes) else {
                    return false;
                };
                let Some(length) = sealed.len().checked_sub(AeadAes128Gcm::TAG_LEN) else {
                    return false;
                };
                append(plain, length, 0, |output| {
                    cipher.open(&iv, header, sealed, output)
                })
            }
        }
    }

    fn seal_rtcp(&mut self, packet: &[u8], index: u32) -> Vec<u8> {
        let ssrc = word(packet, 4);
        // The highest bit says that the packet is encrypted (RFC 3711 §3.4).
        let flagged = (0x8000_0000 | index).to_be_bytes();
        let (clear, plain) = packet.split_at(RTCP_CLEAR_BYTES);
        let mut sealed = clear.to_vec();
        match self {
            Self::Counter {
                cipher,
                salt,
                tag_key,
                hmac,
            } => {
                let iv = Aes128CmSha1_80::rtp_iv(*salt, ssrc, u64::from(index));
                append(&mut sealed, plain.len(), COUNTER_MODE_SPARE, |output| {
                    cipher.encrypt(&iv, plain, output).is_ok()
                });
                sealed.extend_from_slice(&flagged);
                let tag = hmac.sha1_hmac(tag_key, &[&sealed]);
                sealed.extend_from_slice(&tag[..Aes128CmSha1_80::HMAC_TAG_LEN]);
            }
            Self::Galois { cipher, salt } => {
                let iv = AeadAes128Gcm::rtcp_iv(*salt, ssrc, index);
                let signed = [clear, &flagged].concat();
                append(
                    &mut sealed,
                    plain.len() + AeadAes128Gcm::TAG_LEN,
                    0,
                    |output| cipher.seal(&iv, &signed, plain, output),
                );
                sealed.extend_from_slice(&flagged);
            }
        }
        sealed
    }

    fn open_rtcp(&mut self, packet: &[u8]) -> Option<Vec<u8>> {
        let ssrc = word(packet.get(..RTCP_CLEAR_BYTES)?, 4);
        let tag_bytes = match self {
            Self::Counter { .. } => Aes128CmSha1_80::HMAC_TAG_LEN,
            Self::Galois { .. } => 0,
        };
        let (signed, tag) = packet.split_at_checked(packet.len().checked_sub(tag_bytes)?)?;
        let (body, flagged) = signed.split_last_chunk::<SRTCP_INDEX_BYTES>()?;
        let index = u32::from_be_bytes(*flagged) & 0x7FFF_FFFF;
        let (clear, sealed) = body.split_at_checked(RTCP_CLEAR_BYTES)?;
        let mut plain = clear.to_vec();
        let is_genuine = match self {
            Self::Counter {
                cipher,
                salt,
                tag_key,
                hmac,
            } => {
                let iv = Aes128CmSha1_80::rtp_iv(*salt, ssrc, u64::from(index));
                let expected = hmac.sha1_hmac(tag_key, &[signed]);
                expected[..tag_bytes] == *tag
                    && append(&mut plain, sealed.len(), COUNTER_MODE_SPARE, |output| {
                        cipher.decrypt(&iv, sealed, output).is_ok()
                    })
            }
            Self::Galois { cipher, salt } => {
                let iv = AeadAes128Gcm::rtcp_iv(*salt, ssrc, index);
                let length = sealed.len().checked_sub(AeadAes128Gcm::TAG_LEN)?;
                let signed = [clear, flagged].concat();
                append(&mut plain, length, 0, |output| {
                    cipher.open(&iv, &signed, sealed, output)
                })
            }
        };
        is_genuine.then_some(plain)
    }
}

impl Galois {
    fn seal(&mut self, iv: &[u8; 12], signed: &[u8], plain: &[u8], output: &mut [u8]) -> bool {
        match self {
            Self::Aes128(cipher) => cipher.encrypt(iv, signed, plain, output),
            Self::Aes256(cipher) => cipher.encrypt(iv, signed, plain, output),
        }
        .is_ok()
    }

    fn open(&mut self, iv: &[u8; 12], signed: &[u8], sealed: &[u8], output: &mut [u8]) -> bool {
        match self {
            Self::Aes128(cipher) => cipher.decrypt(iv, &[signed], sealed, output),
            Self::Aes256(cipher) => cipher.decrypt(iv, &[signed], sealed, output),
        }
        .is_ok()
    }
}

/// Appends `length` bytes that `fill` writes, with `spare` more for it to scribble on.
fn append(
    buffer: &mut Vec<u8>,
    length: usize,
    spare: usize,
    fill: impl FnOnce(&mut [u8]) -> bool,
) -> bool {
    let start = buffer.len();
    buffer.resize(start + length + spare, 0);
    let is_filled = fill(&mut buffer[start..]);
    buffer.truncate(start + length);
    is_filled
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

fn low_16(index: u64) -> u16 {
    u16::try_from(index & 0xFFFF).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::keys::provider;

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
            ours.protect_rtp(&mut packet, 12, 0x5_0203);
            assert_ne!(packet[12..200], payload);
            let mut plain = Vec::new();
            assert!(
                theirs.open_rtp(&packet, 12, 0x5_0203, &mut plain),
                "{profile:?}"
            );
            assert_eq!(plain, payload);
            let report: Vec<u8> = (0..52_u8).collect();
            for _ in 0..3 {
                let sealed = ours.protect_rtcp(&report);
                assert_eq!(
                    theirs.open_rtcp(&sealed).as_deref(),
                    Some(&report[..]),
                    "{profile:?}"
                );
            }
        }
    }

    #[test]
    fn a_changed_byte_is_noticed() {
        for (profile, material_bytes) in PROFILES {
            let (mut ours, mut theirs) = ends(profile, material_bytes);
            let mut packet: Vec<u8> = (0..100_u8).collect();
            ours.protect_rtp(&mut packet, 12, 7);
            packet[50] ^= 1;
            assert!(
                !theirs.open_rtp(&packet, 12, 7, &mut Vec::new()),
                "{profile:?}"
            );
            let mut report = ours.protect_rtcp(&[9; 32]);
            report[20] ^= 1;
            assert_eq!(theirs.open_rtcp(&report), None, "{profile:?}");
        }
    }

    #[test]
    fn keys_are_derived_as_rfc_3711_b_3_shows() {
        let master = Master {
            key: hex("E1F97A0D3E018BE0D64FA32C06DE4139"),
            salt: hex("0EC675AD498AFEEBB6960B3AABE6"),
        };
        let srtp = provider().srtp_provider;
        assert_eq!(
            master.derive::<16>(0, srtp).to_vec(),
            hex("C61E7A93744F39EE10734AFE3FF7A087")
        );
        assert_eq!(
            master.derive::<14>(2, srtp).to_vec(),
            hex("30CBBC08863D8C85D49DB34A9AE1")
        );
        let tag_key = hex("CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4");
        assert_eq!(master.derive::<20>(1, srtp).to_vec(), tag_key);
    }

    fn ends(profile: SrtpProfile, material_bytes: usize) -> (Srtp, Srtp) {
        let material: Vec<u8> = (0_u8..).take(material_bytes).collect();
        let end = |is_active| {
            let keys = Keys {
                profile,
                material: material.clone(),
                is_active,
            };
            Srtp::new(&keys, provider()).expect("a known profile")
        };
        (end(true), end(false))
    }

    fn hex(digits: &str) -> Vec<u8> {
        (0..digits.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).expect("hexadecimal"))
            .collect()
    }
}
