//! Who may be on the other end: Ed25519 keys pinned on both sides (RFC 7250 raw public keys in TLS
//! 1.3), nothing else. No certificate, no authority, no name, nothing that expires by itself.

use crate::{
    error::{LineError, OurError},
    refusal::Refusal,
};
use aws_lc_rs::{
    digest, hkdf, hmac,
    signature::{Ed25519KeyPair, KeyPair as _},
};
use parley_wire::ids::PartyId;
use rustls::{
    DigitallySignedStruct, DistinguishedName, Error as TlsError, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, aws_lc_rs as provider, verify_tls13_signature_with_raw_key},
    pki_types::{
        CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, SubjectPublicKeyInfoDer,
        UnixTime,
    },
    server::danger::{ClientCertVerified, ClientCertVerifier},
    sign::CertifiedKey,
};
use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// A party's public key.
pub(crate) type PartyKey = [u8; 32];

/// DER before an Ed25519 public key in a `SubjectPublicKeyInfo` (RFC 8410 §4).
const SPKI_HEAD: [u8; 12] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];

/// DER before an Ed25519 seed in a PKCS #8 private key (RFC 8410 §7).
const PKCS8_HEAD: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

/// Computes the public key of a seed (RFC 8032 §5.1.5).
///
/// # Errors
/// [`OurError::Key`] if the seed is no usable key.
pub fn public_key(seed: &[u8; 32]) -> Result<[u8; 32], LineError> {
    let pair = Ed25519KeyPair::from_seed_unchecked(seed)
        .map_err(|error| OurError::Key(error.to_string()))?;
    let mut public = [0; 32];
    public.copy_from_slice(pair.public_key().as_ref());
    Ok(public)
}

/// Computes the id of the party that holds a public key: the first 16 bytes of its SHA-256.
#[must_use]
pub fn party_id(public_key: &[u8; 32]) -> PartyId {
    let hash = digest::digest(&digest::SHA256, public_key);
    let mut id = [0; 16];
    id.copy_from_slice(&hash.as_ref()[..16]);
    id.into()
}

/// A key that was presented and not taken.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RefusedKey {
    pub(crate) reason: Refusal,
    pub(crate) key: Option<PartyKey>,
}

/// Most refused keys remembered between two looks; further ones are counted only.
const REFUSED_KEYS_MAX: usize = 64;

#[derive(Debug)]
struct PinTable {
    pinned: HashSet<PartyKey>,
    refused: Vec<RefusedKey>,
    overflowed: u64,
}

/// The keys this node accepts, shared with the verifiers inside TLS.
#[derive(Debug)]
pub(crate) struct Pins {
    own: PartyKey,
    table: Mutex<PinTable>,
}

impl Pins {
    pub(crate) fn new(own: PartyKey) -> Self {
        let table = PinTable {
            pinned: HashSet::new(),
            refused: Vec::new(),
            overflowed: 0,
        };
        Self {
            own,
            table: Mutex::new(table),
        }
    }

    pub(crate) fn pin(&self, key: PartyKey) {
        self.table().pinned.insert(key);
    }

    pub(crate) fn unpin(&self, key: &PartyKey) {
        self.table().pinned.remove(key);
    }

    /// What was refused since the last call, and how many more than are listed.
    pub(crate) fn take_refused(&self) -> (Vec<RefusedKey>, u64) {
        let mut table = self.table();
        let overflowed = std::mem::take(&mut table.overflowed);
        (std::mem::take(&mut table.refused), overflowed)
    }

    fn table(&self) -> MutexGuard<'_, PinTable> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn refuse(&self, reason: Refusal, key: Option<PartyKey>) -> TlsError {
        let mut table = self.table();
        if table.refused.len() < REFUSED_KEYS_MAX {
            table.refused.push(RefusedKey { reason, key });
        } else {
            table.overflowed += 1;
        }
        TlsError::General("the key is not the one agreed".to_owned())
    }

    /// Decides on the key of somebody who dials us.
    fn admit_dialler(&self, key: Option<PartyKey>) -> Result<(), TlsError> {
        let Some(presented) = key else {
            return Err(self.refuse(Refusal::UnknownKey, None));
        };
        if presented == self.own {
            return Err(self.refuse(Refusal::OwnKey, key));
        }
        if self.table().pinned.contains(&presented) {
            return Ok(());
        }
        Err(self.refuse(Refusal::UnknownKey, key))
    }

    /// Decides on the key of somebody we dialled expecting `expected`.
    fn admit_dialled(&self, expected: &PartyKey, key: Option<PartyKey>) -> Result<(), TlsError> {
        if key.as_ref() == Some(expected) {
            return Ok(());
        }
        let reason = match key {
            Some(key) if key == self.own => Refusal::OwnKey,
            Some(key) if self.table().pinned.contains(&key) => Refusal::SwappedKey,
            Some(_) | None => Refusal::WrongKey,
        };
        Err(self.refuse(reason, key))
    }
}

/// What TLS needs to prove our key and to check theirs.
pub(crate) struct Identity {
    pub(crate) public: PartyKey,
    pub(crate) pins: Arc<Pins>,
    provider: Arc<CryptoProvider>,
    certified: Arc<CertifiedKey>,
    secret: hkdf::Prk,
}

impl Identity {
    pub(crate) fn new(seed: &[u8; 32]) -> Result<Self, LineError> {
        let public = public_key(seed)?;
        let mut pkcs8 = PKCS8_HEAD.to_vec();
        pkcs8.extend_from_slice(seed);
        let provider = Arc::new(line_provider());
        let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(pkcs8));
        let signer = provider
            .key_provider
            .load_private_key(private)
            .map_err(|error| OurError::Key(error.to_string()))?;
        let certified = Arc::new(CertifiedKey::new(vec![spki(&public).into()], signer));
        Ok(Self {
            public,
            pins: Arc::new(Pins::new(public)),
            provider,
            certified,
            secret: hkdf::Salt::new(hkdf::HKDF_SHA256, b"parley line").extract(seed),
        })
    }

    /// TLS settings to dial the holder of `expected`.
    pub(crate) fn dialling(&self, expected: PartyKey) -> Result<rustls::ClientConfig, LineError> {
        let verifier = ExpectOne {
            expected,
            pins: Arc::clone(&self.pins),
            provider: Arc::clone(&self.provider),
        };
        let resolver =
            rustls::client::AlwaysResolvesClientRawPublicKeys::new(Arc::clone(&self.certified));
        let mut config = rustls::ClientConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_protocol_versions(&[&rustls::version::TLS13])
            .map_err(|error| OurError::Key(error.to_string()))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_client_cert_resolver(Arc::new(resolver));
        config.alpn_protocols = vec![ALPN.to_vec()];
        // A server name would tell every box on the way whom we talk to, and some drop what they
        // do not like (China reads the SNI of QUIC Initials since 2024).
        config.enable_sni = false;
        // A resumed handshake shows no key, so a line that was closed could be reopened by a
        // ticket. A full handshake costs 1 ms of CPU and no further round trip.
        config.resumption = rustls::client::Resumption::disabled();
        Ok(config)
    }

    /// TLS settings to be dialled.
    pub(crate) fn dialled(&self) -> Result<rustls::ServerConfig, LineError> {
        let verifier = ExpectPinned {
            pins: Arc::clone(&self.pins),
            provider: Arc::clone(&self.provider),
        };
        let resolver =
            rustls::server::AlwaysResolvesServerRawPublicKeys::new(Arc::clone(&self.certified));
        let mut config = rustls::ServerConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_protocol_versions(&[&rustls::version::TLS13])
            .map_err(|error| OurError::Key(error.to_string()))?
            .with_client_cert_verifier(Arc::new(verifier))
            .with_cert_resolver(Arc::new(resolver));
        config.alpn_protocols = vec![ALPN.to_vec()];
        config.send_tls13_tickets = 0;
        Ok(config)
    }

    /// Key of stateless resets (RFC 9000 §10.3). Made from the party's key, so that a node that
    /// restarted can tell the other party at once that its connections are gone.
    pub(crate) fn reset_key(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, &self.derive(b"stateless reset"))
    }

    /// Key that marks our connection ids. Also made from the party's key: only for ids that it
    /// recognises does a restarted node send a stateless reset.
    pub(crate) fn connection_id_key(&self) -> u64 {
        let mut key = [0; 8];
        key.copy_from_slice(&self.derive(b"connection ids")[..8]);
        u64::from_be_bytes(key)
    }

    fn derive(&self, purpose: &'static [u8]) -> [u8; 32] {
        let mut bytes = [0; 32];
        let filled = self
            .secret
            .expand(&[purpose], hkdf::HKDF_SHA256)
            .and_then(|okm| okm.fill(&mut bytes));
        // HKDF refuses only outputs longer than 255 hashes (RFC 5869 §2.3).
        debug_assert!(filled.is_ok(), "HKDF refuses only very long outputs");
        bytes
    }

    /// Key of the address tokens that we hand out under a flood of dials.
    pub(crate) fn token_key(&self) -> hkdf::Prk {
        let bytes = self.derive(b"address token");
        hkdf::Prk::new_less_safe(hkdf::HKDF_SHA256, &bytes)
    }
}

/// Reads the key out of what TLS calls the certificate.
pub(crate) fn key_of(certificate: &CertificateDer<'_>) -> Option<PartyKey> {
    let (head, key) = certificate.split_at_checked(SPKI_HEAD.len())?;
    if head != SPKI_HEAD {
        return None;
    }
    key.try_into().ok()
}

fn spki(key: &PartyKey) -> Vec<u8> {
    let mut der = SPKI_HEAD.to_vec();
    der.extend_from_slice(key);
    der
}

/// The only application protocol spoken (RFC 7301).
pub(crate) const ALPN: &[u8] = b"parley-line/1";

/// Both ends are ours, so there is one choice of everything. The key exchange is hybrid: what is
/// recorded on the way must stay secret after somebody builds a quantum computer. It costs one
/// more packet in the first flight.
fn line_provider() -> CryptoProvider {
    let mut line = provider::default_provider();
    line.kx_groups = vec![provider::kx_group::X25519MLKEM768];
    line.cipher_suites.retain(|suite| suite.tls13().is_some());
    line
}

#[derive(Debug)]
struct ExpectOne {
    expected: PartyKey,
    pins: Arc<Pins>,
    provider: Arc<CryptoProvider>,
}

#[derive(Debug)]
struct ExpectPinned {
    pins: Arc<Pins>,
    provider: Arc<CryptoProvider>,
}

/// TLS 1.2 never happens on a line.
fn no_tls12() -> Result<HandshakeSignatureValid, TlsError> {
    Err(TlsError::General("TLS 1.3 only".to_owned()))
}

fn check_proof(
    pins: &Pins,
    provider: &CryptoProvider,
    message: &[u8],
    certificate: &CertificateDer<'_>,
    proof: &DigitallySignedStruct,
) -> Result<HandshakeSignatureValid, TlsError> {
    let spki = SubjectPublicKeyInfoDer::from(certificate.as_ref());
    let algorithms = &provider.signature_verification_algorithms;
    verify_tls13_signature_with_raw_key(message, &spki, proof, algorithms)
        .map_err(|_| pins.refuse(Refusal::UnprovenKey, key_of(certificate)))
}

impl ServerCertVerifier for ExpectOne {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        self.pins
            .admit_dialled(&self.expected, key_of(certificate))
            .map(|()| ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        no_tls12()
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        proof: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        check_proof(&self.pins, &self.provider, message, certificate, proof)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}

impl ClientCertVerifier for ExpectPinned {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        certificate: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, TlsError> {
        self.pins
            .admit_dialler(key_of(certificate))
            .map(|()| ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        no_tls12()
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        proof: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        check_proof(&self.pins, &self.provider, message, certificate, proof)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}
