//! An echo for browsers that check their way to us before a call: ICE, DTLS and audio as in a call,
//! without signalling, record or cost.

use std::{sync::Arc, time::Duration};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::media::{Codec, Engine, LegId, LegKind, SdpError};

/// How long one may last. A check takes some seconds for each way it tries.
const LONGEST: Duration = Duration::from_secs(20);
/// How many there may be at once.
const MOST: usize = 100;

/// Why there is no echo.
#[derive(Debug, thiserror::Error)]
pub enum EchoError {
    /// The offer is of no use.
    #[error(transparent)]
    Offer(#[from] SdpError),
    /// All places are taken.
    #[error("too many check their audio at this moment")]
    Busy,
    /// The media plane has ended.
    #[error("the media plane has ended")]
    Ended,
}

/// The places.
pub(super) struct Echoes {
    engine: Engine,
    places: Arc<Semaphore>,
}

impl Echoes {
    pub(super) fn new(engine: Engine) -> Self {
        let places = Arc::new(Semaphore::new(MOST));
        Self { engine, places }
    }

    pub(super) async fn answer(&self, offer: &str) -> Result<String, EchoError> {
        let place = Arc::clone(&self.places);
        let place = place.try_acquire_owned().map_err(|_| EchoError::Busy)?;
        let leg = self.engine.create_leg(LegKind::Browser);
        let leg = leg.map_err(|_| EchoError::Ended)?;
        let answer = self.describe(leg, offer).await;
        match answer {
            Ok(answer) => {
                self.engine.echo(leg);
                tokio::spawn(end_later(self.engine.clone(), leg, place));
                Ok(answer)
            }
            Err(error) => {
                self.engine.close(leg);
                Err(error.into())
            }
        }
    }

    async fn describe(&self, leg: LegId, offer: &str) -> Result<String, SdpError> {
        let theirs = self.engine.accept_offer(leg, offer, &Codec::ALL).await?;
        let first = theirs.first().copied();
        let codec = first.ok_or_else(|| SdpError::NoCommonCodec(String::new()))?;
        self.engine.answer(leg, codec).await
    }
}

async fn end_later(engine: Engine, leg: LegId, _place: OwnedSemaphorePermit) {
    tokio::time::sleep(LONGEST).await;
    engine.close(leg);
}
