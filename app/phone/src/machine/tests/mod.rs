//! The machine against a second user agent on a virtual clock.

mod calls_in;
mod calls_out;
mod connection;
mod talking;
mod world;

use world::World;
