//! The browser's telephone.

pub(crate) mod credentials;
pub(crate) mod echo;
pub(crate) mod lines;
