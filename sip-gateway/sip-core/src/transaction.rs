//! placeholder
#[allow(dead_code)]
pub const MAGIC_COOKIE: &str = "z9hG4bK";
