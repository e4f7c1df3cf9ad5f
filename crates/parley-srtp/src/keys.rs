//! The SRTP keys of a connection that str0m has made.
//!
//! str0m keeps the keys to itself. A relay or a generator has to read and write a hundred thousand
//! packets a second, far more than a whole stack can on one core, so the keys are taken from the
//! DTLS implementation underneath as they are handed up (RFC 5764 §4.2).

use std::{
    cell::RefCell,
    fmt,
    sync::{Arc, OnceLock},
    time::Instant,
};

use str0m::{
    RtcConfig,
    crypto::{
        CryptoError, CryptoProvider,
        dtls::{
            DtlsCert, DtlsImplError, DtlsInstance, DtlsOutput, DtlsProvider, DtlsVersion,
            ProtocolVersion, SrtpProfile,
        },
        from_feature_flags,
    },
};

/// What the two ends of a connection agreed upon.
#[derive(Clone)]
pub struct Keys {
    /// The agreed protection profile (RFC 5764 §4.1.2).
    pub profile: SrtpProfile,
    /// Key of the DTLS client, key of the other, salt of the client, salt of the other.
    pub material: Vec<u8>,
    /// Whether we are the DTLS client.
    pub is_active: bool,
}

impl fmt::Debug for Keys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Keys")
            .field("profile", &self.profile)
            .finish_non_exhaustive()
    }
}

/// Empty until the handshake is done.
pub type KeySlot = Arc<OnceLock<Keys>>;

/// Runs `make` with a configuration whose keys go into the returned slot.
pub fn with_key_slot<T>(make: impl FnOnce(RtcConfig) -> T) -> (T, KeySlot) {
    let slot = KeySlot::default();
    LATEST.with_borrow_mut(|latest| *latest = Some(Arc::clone(&slot)));
    let result = make(RtcConfig::new().set_crypto_provider(Arc::new(provider().clone())));
    LATEST.with_borrow_mut(|latest| *latest = None);
    (result, slot)
}

/// The cryptography that str0m uses, with our tap in its DTLS.
pub fn provider() -> &'static CryptoProvider {
    static PROVIDER: OnceLock<CryptoProvider> = OnceLock::new();
    static TAP: OnceLock<Tap> = OnceLock::new();
    PROVIDER.get_or_init(|| {
        let plain = from_feature_flags();
        let tap = TAP.get_or_init(|| Tap {
            plain: plain.dtls_provider,
        });
        CryptoProvider {
            dtls_provider: tap,
            ..plain
        }
    })
}

thread_local! {
    /// The slot of the connection that is being built on this thread.
    static LATEST: RefCell<Option<KeySlot>> = const { RefCell::new(None) };
}

#[derive(Debug)]
struct Tap {
    plain: &'static dyn DtlsProvider,
}

impl DtlsProvider for Tap {
    fn generate_certificate(&self) -> Option<DtlsCert> {
        self.plain.generate_certificate()
    }

    fn new_dtls(
        &self,
        cert: &DtlsCert,
        now: Instant,
        dtls_version: DtlsVersion,
        mtu: Option<usize>,
    ) -> Result<Box<dyn DtlsInstance>, CryptoError> {
        let plain = self.plain.new_dtls(cert, now, dtls_version, mtu)?;
        let slot = LATEST.with_borrow_mut(Option::take).unwrap_or_default();
        Ok(Box::new(TappedDtls { plain, slot }))
    }
}

#[derive(Debug)]
struct TappedDtls {
    plain: Box<dyn DtlsInstance>,
    slot: KeySlot,
}

impl DtlsInstance for TappedDtls {
    fn set_active(&mut self, active: bool) {
        self.plain.set_active(active);
    }

    fn handle_packet(&mut self, packet: &[u8]) -> Result<(), DtlsImplError> {
        self.plain.handle_packet(packet)
    }

    fn poll_output<'a>(&mut self, buf: &'a mut [u8]) -> DtlsOutput<'a> {
        let is_active = self.plain.is_active();
        let output = self.plain.poll_output(buf);
        if let DtlsOutput::KeyingMaterial(material, profile) = &output {
            let keys = Keys {
                profile: *profile,
                material: material.to_vec(),
                is_active,
            };
            // A second handshake on one connection does not happen; the first keys stay.
            let _ = self.slot.set(keys);
        }
        output
    }

    fn handle_timeout(&mut self, now: Instant) -> Result<(), DtlsImplError> {
        self.plain.handle_timeout(now)
    }

    fn send_application_data(&mut self, data: &[u8]) -> Result<(), DtlsImplError> {
        self.plain.send_application_data(data)
    }

    fn is_active(&self) -> bool {
        self.plain.is_active()
    }

    fn protocol_version(&self) -> Option<ProtocolVersion> {
        self.plain.protocol_version()
    }

    fn is_closing(&self) -> bool {
        self.plain.is_closing()
    }

    fn is_closed(&self) -> bool {
        self.plain.is_closed()
    }

    fn close(&mut self) -> Result<(), DtlsImplError> {
        self.plain.close()
    }
}
