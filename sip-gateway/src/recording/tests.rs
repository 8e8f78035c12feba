//! Recordings through real files: what went in as packets comes out of a decoded mp3.

mod audio;
mod finishing;
mod killing;
mod writing;
