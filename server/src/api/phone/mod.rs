//! The browser's telephone.

pub(crate) mod credentials;
