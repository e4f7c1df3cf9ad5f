//! Parity for video: how much, and the arithmetic around Reed-Solomon.

use bytes::{BufMut, Bytes, BytesMut};
use parley_wire::line::{SHARDS_MAX, ShardFlags};
use reed_solomon_simd::{ReedSolomonDecoder, ReedSolomonEncoder};

/// Loss below which no parity is sent. Less spends rate on paths that lose nothing worth noticing.
const LOSS_IGNORED: f64 = 0.002;

/// Loss is rounded up to the next of these: what was measured is old by a round trip.
const STEPS: [f64; 9] = [0.01, 0.02, 0.05, 0.08, 0.12, 0.17, 0.23, 0.3, 0.4];

/// Most parity per source shard. More than a copy of everything is better spent on a lower layer.
const SHARE_MAX: f64 = 1.0;

/// Bytes that parity covers before the payload of each source shard: its flags and its length.
pub(crate) const COVERED_HEAD_BYTES: usize = 3;

/// How many parity shards protect `sources` shards against `loss`, so that a block fails at most
/// once in `1 / failure` times.
pub(crate) fn parities(sources: u8, loss: f64, failure: f64) -> u8 {
    if loss < LOSS_IGNORED || sources == 0 {
        return 0;
    }
    let step = STEPS.into_iter().find(|step| *step >= loss).unwrap_or(0.4);
    let most = (f64::from(sources) * SHARE_MAX).ceil();
    (1..SHARDS_MAX)
        .take_while(|count| f64::from(*count) <= most)
        .find(|count| failure_of(sources, *count, step) <= failure)
        .unwrap_or_else(|| sources.min(SHARDS_MAX))
}

/// Chance that more than `parities` of all shards are lost, each with chance `loss`.
fn failure_of(sources: u8, parities: u8, loss: f64) -> f64 {
    let total = u32::from(sources) + u32::from(parities);
    let mut term = (1.0 - loss).powi(i32::try_from(total).unwrap_or(i32::MAX));
    let mut kept = term;
    for lost in 1..=u32::from(parities) {
        term *= f64::from(total - lost + 1) / f64::from(lost) * loss / (1.0 - loss);
        kept += term;
    }
    1.0 - kept
}

/// A source shard as parity sees it.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) flags: ShardFlags,
    pub(crate) payload: Bytes,
}

/// Encoder and decoder with their working memory, used for one block after another.
#[derive(Default)]
pub(crate) struct ParityWork {
    encoder: Option<ReedSolomonEncoder>,
    decoder: Option<ReedSolomonDecoder>,
    padded: Vec<u8>,
}

impl ParityWork {
    /// Makes `count` parity shards; empty when the arithmetic does not apply.
    pub(crate) fn protect(&mut self, sources: &[Source], count: u8) -> Vec<Bytes> {
        self.try_protect(sources, count).unwrap_or_default()
    }

    fn try_protect(&mut self, sources: &[Source], count: u8) -> Option<Vec<Bytes>> {
        let longest = sources.iter().map(|source| source.payload.len()).max()?;
        let size = (longest + COVERED_HEAD_BYTES).next_multiple_of(2);
        let (originals, count) = (sources.len(), usize::from(count));
        match &mut self.encoder {
            Some(encoder) => encoder.reset(originals, count, size).ok()?,
            None => self.encoder = Some(ReedSolomonEncoder::new(originals, count, size).ok()?),
        }
        let encoder = self.encoder.as_mut()?;
        for source in sources {
            pad(&mut self.padded, source, size)?;
            encoder.add_original_shard(&self.padded).ok()?;
        }
        let made = encoder.encode().ok()?;
        Some(made.recovery_iter().map(Bytes::copy_from_slice).collect())
    }

    /// Rebuilds the missing source shards of a block, as `(index, shard)`.
    ///
    /// `sources` has an entry for each of the block's source shards, `parities` the parity shards
    /// that came, of `parity_count` that were made. The shards come from the other party: parity
    /// that does not fit them rebuilds nothing.
    pub(crate) fn rebuild(
        &mut self,
        sources: &[Option<Source>],
        parities: &[(u8, Bytes)],
        parity_count: u8,
    ) -> Vec<(u8, Source)> {
        self.try_rebuild(sources, parities, parity_count)
            .unwrap_or_default()
    }

    fn try_rebuild(
        &mut self,
        sources: &[Option<Source>],
        parities: &[(u8, Bytes)],
        parity_count: u8,
    ) -> Option<Vec<(u8, Source)>> {
        let size = parities.first()?.1.len();
        let counts = (sources.len(), usize::from(parity_count));
        match &mut self.decoder {
            Some(decoder) => decoder.reset(counts.0, counts.1, size).ok()?,
            None => self.decoder = Some(ReedSolomonDecoder::new(counts.0, counts.1, size).ok()?),
        }
        let decoder = self.decoder.as_mut()?;
        for (index, source) in sources.iter().enumerate() {
            if let Some(source) = source {
                pad(&mut self.padded, source, size)?;
                decoder.add_original_shard(index, &self.padded).ok()?;
            }
        }
        for (index, parity) in parities {
            decoder
                .add_recovery_shard(usize::from(*index), parity)
                .ok()?;
        }
        let rebuilt = decoder.decode().ok()?;
        let shards = rebuilt.restored_original_iter();
        Some(
            shards
                .filter_map(|(index, shard)| Some((u8::try_from(index).ok()?, unpad(shard)?)))
                .collect(),
        )
    }
}

/// Writes flags, length and payload, then zeros up to `size`; `None` if it does not fit.
fn pad(padded: &mut Vec<u8>, source: &Source, size: usize) -> Option<()> {
    let length = u16::try_from(source.payload.len()).ok()?;
    padded.clear();
    padded.put_u8(source.flags.0);
    padded.put_u16(length);
    padded.put_slice(&source.payload);
    if padded.len() > size {
        return None;
    }
    padded.resize(size, 0);
    Some(())
}

fn unpad(shard: &[u8]) -> Option<Source> {
    let (head, rest) = shard.split_at_checked(COVERED_HEAD_BYTES)?;
    let length = usize::from(u16::from_be_bytes([head[1], head[2]]));
    let payload = BytesMut::from(rest.get(..length)?).freeze();
    Some(Source {
        flags: ShardFlags(head[0]),
        payload,
    })
}
