//! A cursor over foreign bytes that refuses instead of panicking.

use super::RoomFrameError;

pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], RoomFrameError> {
        let (taken, rest) = self
            .rest
            .split_at_checked(count)
            .ok_or(RoomFrameError::Short)?;
        self.rest = rest;
        Ok(taken)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], RoomFrameError> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or(RoomFrameError::Short)?;
        self.rest = rest;
        Ok(*taken)
    }

    pub(super) fn u8(&mut self) -> Result<u8, RoomFrameError> {
        self.array::<1>().map(|[byte]| byte)
    }

    pub(super) fn u16(&mut self) -> Result<u16, RoomFrameError> {
        self.array().map(u16::from_be_bytes)
    }

    pub(super) fn u32(&mut self) -> Result<u32, RoomFrameError> {
        self.array().map(u32::from_be_bytes)
    }

    pub(super) fn u64(&mut self) -> Result<u64, RoomFrameError> {
        self.array().map(u64::from_be_bytes)
    }

    /// Everything not read yet.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub(super) fn finish(&self) -> Result<(), RoomFrameError> {
        match self.rest.len() {
            0 => Ok(()),
            left => Err(RoomFrameError::Trailing(left)),
        }
    }
}
