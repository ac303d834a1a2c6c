//! One conversation with a git server: what references there are, and packs of objects.

use std::io::{self, BufRead, Read};
use std::sync::atomic::AtomicBool;

use gix_error::{Error, Result};
use gix_hash::ObjectId;
use gix_object::bstr::BString;
use gix_protocol::handshake::Ref;
use gix_protocol::ls_refs::RefPrefixes;
use gix_protocol::{Command, Handshake, LsRefsCommand};
use gix_transport::client::blocking_io::Transport;
use gix_transport::{Protocol, Service};
use gix_utils::progress::Discard;

/// More references than anyone has.
const MAX_REFERENCES: usize = 2_000_000;

/// A reference and the object that it leads to in the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Head {
    /// Its whole name, such as `refs/heads/main`.
    pub(crate) name: String,
    pub(crate) object: ObjectId,
}

/// What to ask a server for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Wanted<'ids> {
    /// The state of a commit without the history before it, and, where the server can, without the contents of files.
    Commit { id: ObjectId, without_files: bool },
    /// The contents of files.
    Contents(&'ids [ObjectId]),
}

/// A server that has said hello.
pub(crate) struct Session {
    transport: Box<dyn Transport>,
    handshake: Handshake,
}

impl Session {
    /// Says hello.
    pub(crate) fn begin(mut transport: Box<dyn Transport>) -> Result<Self> {
        let nobody_to_ask = |_| Ok(None);
        let handshake =
            gix_protocol::handshake(&mut transport, Service::UploadPack, nobody_to_ask, Vec::new(), &mut Discard)?;
        Ok(Self { transport, handshake })
    }

    /// Whether the server gives any object by its name, and trees without their files.
    pub(crate) fn gives_single_objects(&self) -> bool {
        self.handshake.server_protocol_version == Protocol::V2
            && self
                .handshake
                .capabilities
                .capability("fetch")
                .is_some_and(|fetch| fetch.supports("filter").unwrap_or_default())
    }

    /// The references whose whole names begin with one of the prefixes. Older servers tell all of them.
    pub(crate) fn references(&mut self, prefixes: &[String]) -> Result<Vec<Head>> {
        let found = match self.handshake.refs.take() {
            Some(references) => references,
            None => {
                let mut wanted = RefPrefixes::new();
                wanted.extend(prefixes.iter().map(|prefix| BString::from(prefix.as_str())));
                LsRefsCommand::new(Some(wanted), &self.handshake.capabilities, agent()).invoke_blocking(
                    &mut self.transport,
                    &mut Discard,
                    false,
                )?
            }
        };
        let heads = found.into_iter().take(MAX_REFERENCES).filter_map(|reference| {
            let (name, object) = match reference {
                Ref::Peeled { full_ref_name, object, .. }
                | Ref::Direct { full_ref_name, object }
                | Ref::Symbolic { full_ref_name, object, .. } => (full_ref_name, object),
                Ref::Unborn { .. } => return None,
            };
            Some(Head { name: String::from_utf8(name.into()).ok()?, object })
        });
        Ok(heads.filter(|head| prefixes.iter().any(|prefix| head.name.starts_with(prefix))).collect())
    }

    /// Asks for objects, and hands the pack that comes to `receive`.
    pub(crate) fn fetch<T>(
        &mut self,
        wanted: Wanted<'_>,
        receive: impl FnOnce(&mut dyn BufRead) -> Result<T>,
    ) -> Result<T> {
        let version = self.handshake.server_protocol_version;
        let mut features = Command::Fetch.default_features(version, &self.handshake.capabilities);
        features.push(agent());
        let mut arguments = gix_protocol::fetch::Arguments::new(version, features, false);
        match wanted {
            Wanted::Commit { id, without_files } => {
                if arguments.can_use_shallow() {
                    arguments.deepen(1);
                }
                if without_files && arguments.can_use_filter() {
                    arguments.filter("blob:none");
                }
                arguments.want(id);
            }
            Wanted::Contents(ids) => ids.iter().for_each(|id| arguments.want(id)),
        }
        let mut reader = arguments.send(&mut self.transport, true).map_err(Error::from_error)?;
        let response = gix_protocol::fetch::Response::from_line_reader(version, &mut reader, true, false)?;
        if !response.has_pack() {
            let error = io::Error::new(io::ErrorKind::UnexpectedEof, "the server sent no objects");
            return Err(Error::from_error(error));
        }
        reader.set_progress_handler(Some(Box::new(|_, _| std::ops::ControlFlow::Continue(()))));
        let received = receive(&mut reader)?;
        // The end of the conversation is read as well, so that the next question has its own answer.
        io::copy(&mut reader.by_ref().take(1 << 20), &mut io::sink()).map_err(Error::from_error)?;
        Ok(received)
    }
}

fn agent() -> (&'static str, Option<String>) {
    ("agent", Some(gix_protocol::agent(crate::USER_AGENT)))
}

/// A switch that stops long work; set by whoever watches the time.
pub(crate) type Stop = std::sync::Arc<AtomicBool>;
