//! How long recordings and records of calls are kept: which day each goes, and what takes them away.

use api_types::{Notice, NoticeKind, Role, WorkSettings};
use store::{StoreError, entity::call};
use uuid::Uuid;

use super::notices;
use crate::{
    api::files,
    app::App,
    auth::viewer::role,
    clock::{DAY, now_ms},
    routing::Office,
};

/// The setting with when the rules in force came into force.
pub(super) const SINCE: &str = "retention_since";
/// The setting with until when administrators were warned.
const WARNED: &str = "retention_warned";
/// Calls and files looked at at once.
const BATCH: u64 = 500;
/// How long a deleted file can be brought back.
const FILES_KEPT: i64 = 30 * DAY;

/// When a call's recording goes; never while it is under legal hold, and not before administrators could
/// be warned of rules that came into force at `since`.
pub(crate) fn kept_until(
    settings: &WorkSettings,
    since: i64,
    office: &Office,
    call: &call::Model,
) -> Option<i64> {
    if call.legal_hold {
        return None;
    }
    let days = i64::from(days(settings, office, call)?);
    let warned = since + i64::from(settings.retention.warn_days) * DAY;
    Some((call.started_at + days * DAY).max(warned))
}

/// Rules of its line or its employee's groups come before that for all; the longest counts.
fn days(settings: &WorkSettings, office: &Office, call: &call::Model) -> Option<u32> {
    let rules = &settings.retention;
    let is_line = |id: &str| id.parse().ok() == call.line_id && call.line_id.is_some();
    let is_member = |id: &str| {
        let group = id.parse().ok().and_then(|id: Uuid| office.group(id));
        let employee = call.employee_id;
        group.is_some_and(|group| employee.is_some_and(|one| group.members.contains(&one)))
    };
    let lines = rules.recording_lines.iter().filter(|(id, _)| is_line(id));
    let groups = rules
        .recording_groups
        .iter()
        .filter(|(id, _)| is_member(id));
    let own = lines.chain(groups).map(|(_, days)| *days).max();
    own.or(rules.recording_days)
}

/// Takes away what is over its time, and warns of what will be soon.
pub(crate) async fn tidy(app: &App) -> Result<(), StoreError> {
    let now = now_ms();
    let settings = app.work.now();
    let since = app.work.retention_since(&app.store, now).await?;
    let rules = &settings.retention;
    let office = app.switchboard.office();
    let soon = now + i64::from(rules.warn_days) * DAY;
    let has_rules = rules.recording_days.is_some()
        || !rules.recording_lines.is_empty()
        || !rules.recording_groups.is_empty();
    let mut going: Vec<i64> = Vec::new();
    let mut after = None;
    loop {
        let calls = match has_rules {
            true => app.store.recorded_calls(after, BATCH).await?,
            false => Vec::new(),
        };
        let Some(last) = calls.last() else { break };
        after = Some((last.started_at, last.id));
        for call in &calls {
            match kept_until(&settings, since, &office, call) {
                Some(until) if until <= now => {
                    app.forget_recording(call.id).await?;
                }
                Some(until) if until <= soon => going.push(until),
                _ => {}
            }
        }
    }
    if let Some(days) = rules.record_days {
        let warned = since + i64::from(rules.warn_days) * DAY;
        if warned <= now {
            app.store.purge_calls(now - i64::from(days) * DAY).await?;
        }
    }
    forget_files(app, now - FILES_KEPT).await?;
    warn(app, &going, soon).await
}

/// Takes files that were deleted before off the disk.
async fn forget_files(app: &App, before: i64) -> Result<(), StoreError> {
    loop {
        let gone = app.store.purge_files(before, BATCH).await?;
        if gone.is_empty() {
            return Ok(());
        }
        for id in gone {
            if let Err(error) = tokio::fs::remove_file(files::path(app, id)).await {
                tracing::warn!(%error, file.id = %id, "a deleted file was not taken off the disk");
            }
        }
    }
}

/// Tells administrators of recordings that will go and were not told of, at most once a day.
async fn warn(app: &App, going: &[i64], soon: i64) -> Result<(), StoreError> {
    let warned: i64 = app.store.setting(WARNED).await?.unwrap_or_default();
    let new = going.iter().filter(|until| **until > warned);
    let (Some(on), count) = (new.clone().min(), new.count()) else {
        return Ok(());
    };
    if soon < warned + DAY {
        return Ok(());
    }
    let notice = Notice {
        id: String::new(),
        kind: NoticeKind::GoingSoon,
        at: now_ms(),
        seen: false,
        contact: None,
        number: None,
        item: None,
        call: None,
        by: None,
        count: count as u64,
        on: Some(*on),
    };
    let users = app.store.users().await?;
    let admins = users.iter().filter(|user| role(&user.role) == Role::Admin);
    let rows: Vec<_> = admins.map(|user| notices::row(user.id, &notice)).collect();
    app.store.add_notices(&rows).await?;
    app.store.set_setting(WARNED, &soon).await?;
    rows.iter().for_each(|row| notices::tell(app, row));
    Ok(())
}

impl App {
    /// A recording goes: its row first, so that nobody is offered what is not there.
    pub(crate) async fn forget_recording(&self, call: Uuid) -> Result<Option<u64>, StoreError> {
        let Some(row) = self.store.remove_recording(call).await? else {
            return Ok(None);
        };
        for name in [&row.mp3, &row.peaks].into_iter().flatten() {
            if name.contains(['/', '\\']) || name.starts_with('.') {
                continue;
            }
            if let Err(error) = tokio::fs::remove_file(self.recordings.join(name)).await {
                tracing::warn!(%error, call.id = %call, "a file of a recording was not removed");
            }
        }
        Ok(Some(u64::try_from(row.bytes).unwrap_or(0)))
    }
}

#[cfg(test)]
mod tests {
    use api_types::Retention;

    use super::*;
    use crate::{calls::blank, routing::Group};

    const LINE: Uuid = Uuid::from_u128(1);
    const ANNA: Uuid = Uuid::from_u128(2);
    const GROUP: Uuid = Uuid::from_u128(3);

    #[test]
    fn the_day_a_recording_goes_follows_line_group_and_hold() {
        let mut office = Office::new(numbering::defaults("RU")).unwrap();
        office.groups = vec![Group {
            id: GROUP,
            name: String::new(),
            members: vec![ANNA],
            international: false,
        }];
        let settings = WorkSettings {
            retention: Retention {
                recording_days: Some(30),
                recording_lines: vec![(LINE.to_string(), 10)],
                recording_groups: vec![(GROUP.to_string(), 20)],
                record_days: None,
                warn_days: 7,
            },
            ..WorkSettings::default()
        };
        let call = |line, employee, legal_hold| call::Model {
            line_id: line,
            employee_id: employee,
            legal_hold,
            ..blank(Uuid::nil(), 100 * DAY)
        };
        for (line, employee, hold, day) in [
            (None, None, false, Some(130)),
            (Some(LINE), None, false, Some(110)),
            (Some(LINE), Some(ANNA), false, Some(120)),
            (None, Some(ANNA), false, Some(120)),
            (Some(GROUP), Some(LINE), false, Some(130)),
            (None, None, true, None),
        ] {
            let call = call(line, employee, hold);
            let until = kept_until(&settings, 0, &office, &call);
            assert_eq!(until, day.map(|day| day * DAY), "{call:?}");
        }
        // New rules leave time for the warning.
        let call = call(None, None, false);
        let until = kept_until(&settings, 200 * DAY, &office, &call);
        assert_eq!(until, Some(207 * DAY));
        let for_ever = WorkSettings::default();
        assert_eq!(kept_until(&for_ever, 0, &office, &call), None);
    }
}
