//! Care of clients: duplicates, merging, handing over, erasing, export.

pub(super) mod duplicates;
pub(super) mod erase;
pub(super) mod export;
pub(super) mod hand_over;
pub(super) mod merge;
mod vcard;

use std::collections::HashMap;

use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{error::Error, extract::parse_id};
use crate::app::{App, Shared};

/// All of it.
pub(super) fn endpoints() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(duplicates::duplicates))
        .routes(routes!(merge::merge))
        .routes(routes!(hand_over::hand_over))
        .routes(routes!(erase::erase))
        .routes(routes!(export::export))
}

/// Contact ids of a request, each once, 1 to `most`.
fn contact_ids(ids: &[String], field: &'static str, most: usize) -> Result<Vec<Uuid>, Error> {
    let mut read = Vec::with_capacity(ids.len());
    for id in ids {
        let id = parse_id(id).ok_or(Error::NotFound("contact"))?;
        if !read.contains(&id) {
            read.push(id);
        }
    }
    if read.is_empty() || read.len() > most {
        let message = format!("give 1 to {most} contacts");
        return Err(Error::invalid("bad_ids", field, message));
    }
    Ok(read)
}

/// Names of everybody.
async fn people(app: &App) -> Result<HashMap<Uuid, String>, Error> {
    let users = app.store.users().await?;
    Ok(users.into_iter().map(|user| (user.id, user.name)).collect())
}
