//! Lists kept by name; each user has his own.

use api_types::{SavedView, SavedViewDraft};
use axum::{Json as Answer, extract::State, http::StatusCode};
use serde::Deserialize;
use store::entity::saved_view;
use utoipa::IntoParams;
use uuid::Uuid;

use super::{
    error::Error,
    extract::{Id, Json, Query},
};
use crate::{
    app::Shared,
    auth::Viewer,
    work::{Problem, short},
};

/// Views of one user at most.
const MOST: u64 = 200;
/// Octets of a query at most.
const LONGEST: usize = 2000;

/// Which page.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct OfPage {
    /// Only views of this page.
    page: Option<String>,
}

/// The viewer's own, in order.
#[utoipa::path(get, path = "/views", tag = "views", params(OfPage), responses((status = 200, body = Vec<SavedView>)))]
pub(crate) async fn list(
    State(app): State<Shared>,
    viewer: Viewer,
    Query(of): Query<OfPage>,
) -> Result<Answer<Vec<SavedView>>, Error> {
    let rows = app
        .store
        .saved_views(viewer.id(), of.page.as_deref())
        .await?;
    Ok(Answer(rows.into_iter().map(to_view).collect()))
}

/// Keeps a list.
#[utoipa::path(
    post, path = "/views", tag = "views", request_body = SavedViewDraft,
    responses((status = 201, body = SavedView), (status = 422, body = api_types::ApiError)),
)]
pub(crate) async fn create(
    State(app): State<Shared>,
    viewer: Viewer,
    Json(draft): Json<SavedViewDraft>,
) -> Result<(StatusCode, Answer<SavedView>), Error> {
    let draft = check(draft)?;
    if draft.page.is_empty() {
        return Err(Error::invalid("no_page", "page", "say which page it is of"));
    }
    let count = app.store.count_saved_views(viewer.id()).await?;
    if count >= MOST {
        let message = format!("you keep {MOST} lists; delete one you do not need");
        return Err(Error::invalid("too_many", "name", message));
    }
    let row = saved_view::Model {
        id: Uuid::now_v7(),
        user_id: viewer.id(),
        page: draft.page,
        name: draft.name,
        query: draft.query,
        position: i32::try_from(count).unwrap_or(0),
    };
    app.store.add_saved_view(row.clone()).await?;
    Ok((StatusCode::CREATED, Answer(to_view(row))))
}

/// Gives one another name or query.
#[utoipa::path(
    put, path = "/views/{id}", tag = "views", params(("id" = String, Path)), request_body = SavedViewDraft,
    responses((status = 200, body = SavedView), (status = 404, body = api_types::ApiError), (status = 422, body = api_types::ApiError)),
)]
pub(crate) async fn update(
    State(app): State<Shared>,
    viewer: Viewer,
    Id(id): Id,
    Json(draft): Json<SavedViewDraft>,
) -> Result<Answer<SavedView>, Error> {
    let draft = check(draft)?;
    let (user, store) = (viewer.id(), &app.store);
    store
        .update_saved_view(user, id, &draft.name, &draft.query)
        .await?;
    let rows = store.saved_views(user, None).await?;
    let row = rows.into_iter().find(|row| row.id == id);
    row.map(|row| Answer(to_view(row)))
        .ok_or(Error::NotFound("view"))
}

/// Removes one.
#[utoipa::path(
    delete, path = "/views/{id}", tag = "views", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = api_types::ApiError)),
)]
pub(crate) async fn remove(
    State(app): State<Shared>,
    viewer: Viewer,
    Id(id): Id,
) -> Result<StatusCode, Error> {
    match app.store.remove_saved_view(viewer.id(), id).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(Error::NotFound("view")),
    }
}

fn check(draft: SavedViewDraft) -> Result<SavedViewDraft, Error> {
    let name = short(&draft.name, 60, "name", "the name")?;
    if name.is_empty() {
        return Err(Problem::new("no_name", "name", "give the list a name").into());
    }
    if draft.query.len() > LONGEST {
        let message = "there is too much in the filter to keep it; take some of it out";
        return Err(Problem::new("too_long", "query", message).into());
    }
    let page = short(&draft.page, 60, "page", "the page")?;
    Ok(SavedViewDraft {
        name,
        page,
        ..draft
    })
}

fn to_view(row: saved_view::Model) -> SavedView {
    SavedView {
        id: row.id.to_string(),
        page: row.page,
        name: row.name,
        query: row.query,
    }
}
