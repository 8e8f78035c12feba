//! The machine against a second user agent on a virtual clock.

mod calls_in;
mod calls_out;
mod coming_back;
mod connection;
mod devices;
mod handing_on;
mod relays;
mod several;
mod silence;
mod sounding;
mod talking;
mod world;

use world::World;
