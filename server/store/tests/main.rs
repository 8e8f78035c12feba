//! The store against real SQLite files, and against a real PostgreSQL.
#![expect(clippy::unwrap_used, reason = "tests")]

mod calls;
mod care;
mod contacts;
mod lookup;
mod people;
mod place;
mod rulings;
mod work;

use place::Place;
use store::Store;

/// A fresh database; it goes with the guard.
async fn fresh() -> (Store, Place) {
    let place = Place::fresh().await;
    (place.open().await, place)
}
