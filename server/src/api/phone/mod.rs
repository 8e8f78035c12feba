//! The browser's telephone.

pub(crate) mod credentials;
pub(crate) mod lines;
