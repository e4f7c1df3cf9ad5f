//! The lines of a node by the party at their far end, and what is asked of them.

use std::{collections::HashMap, time::Instant};

use bytes::Bytes;
use parley_line::{
    Carrier, Lane, LetterId, LineConfig, LineError, LineId, LineStatus, Lines, LinesConfig,
    OurError, party_id,
};
use parley_wire::ids::PartyId;

use crate::{error::EngineError, streams::FarEnd};

/// Lines that are open, with what it takes to open them again.
pub(crate) struct OpenLines {
    pub(crate) lines: Lines,
    key_seed: [u8; 32],
    sockets: usize,
    by_party: HashMap<PartyId, OpenLine>,
    by_line: HashMap<LineId, PartyId>,
}

struct OpenLine {
    id: LineId,
    config: LineConfig,
}

impl OpenLines {
    pub(crate) fn new(
        key_seed: [u8; 32],
        sockets: usize,
        now: Instant,
    ) -> Result<Self, EngineError> {
        let lines = Lines::new(config(key_seed, sockets)?, now)?;
        let (by_party, by_line) = (HashMap::new(), HashMap::new());
        Ok(Self {
            lines,
            key_seed,
            sockets,
            by_party,
            by_line,
        })
    }

    /// Throws the lines' state away and opens them again; letters that waited are lost.
    pub(crate) fn rebuild(&mut self, now: Instant) -> Result<(), EngineError> {
        let configs: Vec<LineConfig> = self.by_party.drain().map(|(_, line)| line.config).collect();
        self.by_line.clear();
        self.lines = Lines::new(config(self.key_seed, self.sockets)?, now)?;
        for config in configs {
            self.open(now, config)?;
        }
        Ok(())
    }

    pub(crate) fn open(
        &mut self,
        now: Instant,
        config: LineConfig,
    ) -> Result<PartyId, EngineError> {
        let party = party_id(&config.remote_key);
        let id = self.lines.open(now, config.clone())?;
        self.by_line.insert(id, party);
        self.by_party.insert(party, OpenLine { id, config });
        Ok(party)
    }

    pub(crate) fn close(&mut self, now: Instant, party: PartyId) -> Result<(), EngineError> {
        let line = self.by_party.remove(&party).ok_or_else(unknown)?;
        self.by_line.remove(&line.id);
        self.lines.close(now, line.id);
        Ok(())
    }

    pub(crate) fn send(
        &mut self,
        now: Instant,
        party: PartyId,
        lane: Lane,
        topic: u16,
        body: Bytes,
    ) -> Result<u64, EngineError> {
        let letter = self.lines.send(now, self.id(party)?, lane, topic, body)?;
        Ok(letter.number())
    }

    pub(crate) fn cancel(&mut self, now: Instant, letter: u64) -> bool {
        self.lines.cancel(now, LetterId::from_number(letter))
    }

    pub(crate) fn status(
        &self,
        now: Instant,
        party: PartyId,
    ) -> Result<Box<LineStatus>, EngineError> {
        let status = self.lines.status(now, self.id(party)?);
        status.map(Box::new).ok_or_else(unknown)
    }

    pub(crate) fn id(&self, party: PartyId) -> Result<LineId, EngineError> {
        self.by_party
            .get(&party)
            .map(|line| line.id)
            .ok_or_else(unknown)
    }

    pub(crate) fn party(&self, line: LineId) -> Option<PartyId> {
        self.by_line.get(&line).copied()
    }

    pub(crate) fn path_name(&self, party: PartyId, path: usize) -> Option<&str> {
        self.by_party
            .get(&party)?
            .config
            .paths
            .get(path)
            .map(|path| path.name.as_str())
    }

    pub(crate) fn parties(&self) -> impl Iterator<Item = (PartyId, LineId)> {
        self.by_party.iter().map(|(party, line)| (*party, line.id))
    }

    /// Where the lines dial by TCP.
    pub(crate) fn dialled(&self) -> impl Iterator<Item = FarEnd> {
        let paths = self.by_party.values().flat_map(|line| &line.config.paths);
        paths
            .filter(|path| path.carrier == Carrier::Tcp)
            .filter_map(|path| path.remote.map(|remote| (path.socket, remote)))
    }
}

fn config(key_seed: [u8; 32], sockets: usize) -> Result<LinesConfig, EngineError> {
    let mut entropy = [0; 32];
    getrandom::fill(&mut entropy).map_err(|error| EngineError::System {
        what: "get random bytes",
        source: error.into(),
    })?;
    Ok(LinesConfig {
        key_seed,
        sockets,
        entropy,
    })
}

fn unknown() -> EngineError {
    EngineError::Line(LineError::Our(OurError::UnknownLine))
}
