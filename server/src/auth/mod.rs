//! Who asks: sessions, passwords, limits, rights, origins.

pub(crate) mod cookie;
pub(crate) mod limits;
pub(crate) mod origin;
pub(crate) mod password;
mod peer;
pub(crate) mod rights;
pub(crate) mod viewer;

pub(crate) use peer::Peer;
pub(crate) use viewer::Viewer;
