//! Notices to one employee: kept for thirty days, shown at once.

use api_types::{Event, Notice};
use store::entity::notice;
use uuid::Uuid;

use crate::{app::App, clock::DAY, events::Audience};

/// How long they are kept, ms.
pub(crate) const KEPT: i64 = 30 * DAY;

/// A notice to this user; its id is made here.
pub(crate) fn row(user: Uuid, notice: &Notice) -> notice::Model {
    let id = Uuid::now_v7();
    let body = Notice {
        id: id.to_string(),
        ..notice.clone()
    };
    notice::Model {
        id,
        user_id: user,
        at: notice.at,
        seen: false,
        body: serde_json::to_string(&body).unwrap_or_default(),
    }
}

/// As the API shows it; none when it was written by another version and cannot be read.
pub(crate) fn shown(row: &notice::Model) -> Option<Notice> {
    let notice: Notice = serde_json::from_str(&row.body).ok()?;
    Some(Notice {
        seen: row.seen,
        ..notice
    })
}

/// Shows it to him.
pub(crate) fn tell(app: &App, row: &notice::Model) {
    if let Some(notice) = shown(row) {
        let audience = Audience::User(row.user_id);
        app.hub.publish(&Event::Notice(notice), audience);
    }
}
