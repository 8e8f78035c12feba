//! An import at work: batches, each in one short transaction, so that calls never wait for it.

use std::{
    collections::{HashMap, HashSet},
    fs::OpenOptions,
    io,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use api_types::{
    Event, ImportDuplicates, ImportProblem, ImportProgress, ImportState, Notice, NoticeKind,
};
use csv::StringRecord;
use store::{Author, ContactRow, ImportBatch, fold};
use uuid::Uuid;

use super::{
    Kept, reading, reasons,
    row::{Reading, Row},
    table::Rows,
};
use crate::{
    api::error::Error,
    app::{App, Shared},
    clock::now_ms,
    events::Audience,
    export::Lang,
    services::contained,
    work::notices,
};

/// Rows of a batch: its transaction takes some tens of milliseconds.
const BATCH: usize = 500;
/// Names of companies remembered.
const MOST_COMPANIES: usize = 50_000;
/// How often a batch is tried, if others change its contacts.
const TRIES: usize = 5;
/// How often its state is written down.
const EVERY: Duration = Duration::from_secs(2);

/// Starts it, or goes on with it.
///
/// # Errors
/// When another one runs, or it was started already.
pub(crate) async fn start(app: &Shared, id: Uuid, mut kept: Kept) -> Result<Kept, Error> {
    let conflict = |code, message: &str| Error::Conflict {
        code,
        field: None,
        message: message.to_owned(),
    };
    match kept.import.progress.state {
        ImportState::Ready | ImportState::Stopped => {}
        ImportState::Running | ImportState::Done | ImportState::Undone => {
            return Err(conflict("started", "this import was started already"));
        }
    }
    let reading = reading(app, kept.import.mapping.clone()).await?;
    let mut progress: ImportProgress = match app.store.import_progress(id).await? {
        Some(text) => serde_json::from_str(&text).map_err(Error::internal)?,
        None => ImportProgress::default(),
    };
    progress.state = ImportState::Running;
    if !app.imports.take_place(id, progress.clone()) {
        return Err(conflict(
            "busy",
            "another import goes on; start this one when it is finished",
        ));
    }
    kept.import.progress = progress;
    if let Err(error) = app.imports.keep(id, &kept).await {
        app.imports.set_running(None);
        return Err(error);
    }
    let run = Run {
        app: Arc::clone(app),
        id,
        by: Author {
            id: Some(kept.by),
            name: Some(kept.by_name.clone()),
        },
        reading: Arc::new(reading),
        progress: kept.import.progress.clone(),
        companies: HashMap::new(),
        kept: kept.clone(),
    };
    tokio::spawn(contained("an import", run.through()));
    Ok(kept)
}

struct Run {
    app: Shared,
    id: Uuid,
    by: Author,
    reading: Arc<Reading>,
    progress: ImportProgress,
    /// By folded name.
    companies: HashMap<String, Uuid>,
    kept: Kept,
}

/// The rows of a batch, as they are and as they were understood.
type Read = Vec<(StringRecord, Result<Row, ImportProblem>)>;

/// A row that could not be taken.
struct Failed {
    cells: StringRecord,
    problem: ImportProblem,
}

/// Where a row with this phone or e-mail is.
#[derive(Clone, Copy)]
enum Place {
    /// In the database.
    There(Uuid),
    /// Among the contacts this batch makes.
    New(usize),
}

/// What a batch will write.
#[derive(Default)]
struct Plan {
    companies: Vec<ContactRow>,
    created: Vec<ContactRow>,
    /// By id; whether something was added.
    updated: HashMap<Uuid, (ContactRow, bool)>,
    notes: Vec<(Uuid, String)>,
    failed: Vec<Failed>,
    completed: u64,
    skipped: u64,
    places: HashMap<String, Place>,
}

impl Run {
    async fn through(mut self) {
        // Whatever happens, the place becomes free.
        let _place = Occupied(Arc::clone(&self.app));
        let ended = self.rows().await;
        match ended {
            Ok(()) => self.progress.state = ImportState::Done,
            Err(error) => {
                tracing::error!(%error, "an import stopped");
                self.progress.state = ImportState::Stopped;
                self.progress.note = format!("{error}; start the import again to go on");
            }
        }
        self.kept.import.progress = self.progress.clone();
        if let Err(error) = self.app.imports.keep(self.id, &self.kept).await {
            tracing::error!(%error, "the state of an import could not be written");
        }
        self.app.hub.publish(&Event::Many, Audience::Everyone);
        self.app.calls.contacts_changed().await;
        self.notice().await;
        tracing::info!(
            done = self.progress.done,
            created = self.progress.created,
            failed = self.progress.failed,
            "an import ended"
        );
    }

    /// Whoever uploaded the file is told that it is through.
    async fn notice(&self) {
        let notice = Notice {
            id: String::new(),
            kind: NoticeKind::Imported,
            at: now_ms(),
            seen: false,
            contact: None,
            number: None,
            item: None,
            call: None,
            by: None,
            count: self.progress.created + self.progress.updated,
            on: None,
        };
        let row = notices::row(self.kept.by, &notice);
        match self.app.store.add_notices(std::slice::from_ref(&row)).await {
            Ok(()) => notices::tell(&self.app, &row),
            Err(error) => tracing::error!(%error, "the notice of an import was not written"),
        }
    }

    async fn rows(&mut self) -> Result<(), Error> {
        let began = Instant::now();
        let before = self.progress.done;
        let mut written = began;
        let (table, has_header) = (
            self.app.imports.table(self.id),
            self.reading.mapping.has_header,
        );
        let mut rows = blocking(move || Rows::open(&table, has_header, before)).await?;
        self.app
            .store
            .begin_import(self.id, now_ms(), &self.by)
            .await?;
        loop {
            if self.app.stop.is_cancelled() {
                return Err(Error::Unavailable("the server is being stopped"));
            }
            let reading = Arc::clone(&self.reading);
            let (back, batch) = blocking(move || {
                let batch = rows.next(BATCH)?;
                let read: Vec<_> = batch
                    .into_iter()
                    .map(|cells| {
                        let read = reading.read(&cells);
                        (cells, read)
                    })
                    .collect();
                Ok((rows, read))
            })
            .await?;
            rows = back;
            if batch.is_empty() {
                return Ok(());
            }
            self.batch(batch).await?;
            let secs = began.elapsed().as_secs_f64().max(0.001);
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                clippy::cast_precision_loss,
                reason = "a rate, rounded"
            )]
            let rate = ((self.progress.done - before) as f64 / secs) as u64;
            self.progress.rows_per_sec = rate;
            self.app
                .imports
                .set_running(Some((self.id, self.progress.clone())));
            if written.elapsed() > EVERY {
                written = Instant::now();
                self.kept.import.progress = self.progress.clone();
                self.app.imports.keep(self.id, &self.kept).await?;
            }
        }
    }

    /// Writes a batch; anew, if somebody changed one of its contacts meanwhile.
    async fn batch(&mut self, rows: Read) -> Result<(), Error> {
        for _ in 0..TRIES {
            let now = now_ms();
            let mut plan = self.plan(&rows, now).await?;
            let failed = std::mem::take(&mut plan.failed);
            let mut progress = self.progress.clone();
            progress.done += rows.len() as u64;
            progress.created += plan.created.len() as u64;
            progress.companies += plan.companies.len() as u64;
            progress.updated += plan.completed;
            progress.skipped += plan.skipped;
            progress.failed += failed.len() as u64;
            let changed = plan
                .updated
                .into_values()
                .filter(|(_, is_changed)| *is_changed);
            let batch = ImportBatch {
                created: plan.companies.into_iter().chain(plan.created).collect(),
                updated: changed.map(|(row, _)| row).collect(),
                notes: plan.notes,
                progress: serde_json::to_string(&progress).map_err(Error::internal)?,
            };
            if self
                .app
                .store
                .import_batch(self.id, batch, now, &self.by)
                .await?
            {
                self.progress = progress;
                return self.write_failed(failed).await;
            }
            self.companies.clear();
        }
        Err(Error::Unavailable(
            "somebody keeps changing the contacts of this file",
        ))
    }

    async fn plan(&mut self, rows: &Read, now: i64) -> Result<Plan, Error> {
        let mut plan = Plan::default();
        self.find_places(&mut plan, rows).await?;
        self.find_companies(&mut plan, rows, now).await?;
        for (at, (cells, read)) in (self.progress.done + 1..).zip(rows) {
            match read {
                Ok(row) => self.place(&mut plan, row.clone(), now),
                Err(problem) => plan.failed.push(Failed {
                    cells: cells.clone(),
                    problem: ImportProblem {
                        row: at,
                        ..problem.clone()
                    },
                }),
            }
        }
        Ok(plan)
    }

    /// Where the phones and e-mails of these rows are already.
    async fn find_places(&self, plan: &mut Plan, rows: &Read) -> Result<(), Error> {
        if self.reading.mapping.duplicates == ImportDuplicates::Create {
            return Ok(());
        }
        let read = || rows.iter().filter_map(|(_, read)| read.as_ref().ok());
        let phones =
            read().flat_map(|row| row.contact.phones.iter().map(|phone| phone.e164.clone()));
        let emails =
            read().flat_map(|row| row.contact.emails.iter().map(|email| fold(&email.value)));
        let known = self
            .app
            .store
            .contacts_sharing(phones.collect(), emails.collect())
            .await?;
        if self.reading.mapping.duplicates == ImportDuplicates::Update {
            let ids: HashSet<Uuid> = known.values().copied().collect();
            let found = self
                .app
                .store
                .contacts_of(ids.into_iter().collect())
                .await?;
            plan.updated = found
                .into_iter()
                .map(|row| (row.id, (row, false)))
                .collect();
        }
        plan.places = known
            .into_iter()
            .map(|(key, id)| (key, Place::There(id)))
            .collect();
        Ok(())
    }

    /// The companies named in these rows; those that are not there are made.
    async fn find_companies(
        &mut self,
        plan: &mut Plan,
        rows: &Read,
        now: i64,
    ) -> Result<(), Error> {
        if self.companies.len() > MOST_COMPANIES {
            self.companies.clear();
        }
        let named = rows.iter().filter_map(|(_, read)| read.as_ref().ok());
        let named: HashMap<String, &str> = named
            .filter(|row| !row.company.is_empty())
            .map(|row| (fold(&row.company), row.company.as_str()))
            .filter(|(folded, _)| !self.companies.contains_key(folded))
            .collect();
        let known = self
            .app
            .store
            .companies_named(named.keys().cloned().collect())
            .await?;
        for (folded, name) in named {
            let id = known.get(&folded).copied().unwrap_or_else(|| {
                let company = ContactRow {
                    id: Uuid::now_v7(),
                    kind: "company".to_owned(),
                    name: name.to_owned(),
                    created_at: now,
                    created_by: self.by.id,
                    ..ContactRow::default()
                };
                let id = company.id;
                plan.companies.push(company);
                id
            });
            self.companies.insert(folded, id);
        }
        Ok(())
    }

    /// Decides what becomes of a row.
    fn place(&self, plan: &mut Plan, mut row: Row, now: i64) {
        row.contact.company = self.companies.get(&fold(&row.company)).copied();
        let keys = keys(&row.contact);
        let place = keys.iter().find_map(|key| plan.places.get(key).copied());
        match (place, self.reading.mapping.duplicates) {
            (None, _) | (_, ImportDuplicates::Create) => {
                row.contact.id = Uuid::now_v7();
                row.contact.created_at = now;
                row.contact.updated_at = now;
                row.contact.created_by = self.by.id;
                if !row.note.is_empty() {
                    plan.notes.push((row.contact.id, row.note));
                }
                let at = Place::New(plan.created.len());
                plan.places.extend(keys.into_iter().map(|key| (key, at)));
                plan.created.push(row.contact);
            }
            (Some(_), ImportDuplicates::Skip) => plan.skipped += 1,
            (Some(place), ImportDuplicates::Update) => {
                let (id, is_changed) = match place {
                    Place::New(at) => match plan.created.get_mut(at) {
                        Some(there) => (there.id, complete(there, &row.contact)),
                        None => return plan.skipped += 1,
                    },
                    Place::There(id) => match plan.updated.get_mut(&id) {
                        Some((there, was_changed)) => {
                            let is_changed = complete(there, &row.contact);
                            *was_changed |= is_changed;
                            (id, is_changed)
                        }
                        // Deleted this moment.
                        None => return plan.skipped += 1,
                    },
                };
                let is_changed = is_changed || !row.note.is_empty();
                plan.completed += u64::from(is_changed);
                plan.skipped += u64::from(!is_changed);
                if !row.note.is_empty() {
                    plan.notes.push((id, row.note));
                }
                plan.places.extend(keys.into_iter().map(|key| (key, place)));
            }
        }
    }

    /// Rows that could not be taken, as they were, with the reason behind them: a file for each language.
    async fn write_failed(&self, failed: Vec<Failed>) -> Result<(), Error> {
        if failed.is_empty() {
            return Ok(());
        }
        let files = Lang::ALL.map(|lang| (lang, self.app.imports.errors(self.id, lang)));
        let header = self.kept.import.columns.clone();
        let width = self.kept.import.mapping.columns.len();
        blocking(move || {
            for (lang, file) in files {
                write_reasons(&file, lang, &header, width, &failed)?;
            }
            Ok(())
        })
        .await
    }
}

fn write_reasons(
    file: &Path,
    lang: Lang,
    header: &[String],
    width: usize,
    failed: &[Failed],
) -> io::Result<()> {
    let is_new = !file.exists();
    let opened = OpenOptions::new().create(true).append(true).open(file)?;
    let mut out = ::csv::WriterBuilder::new()
        .flexible(true)
        .from_writer(opened);
    if is_new && !header.is_empty() {
        let header = header.iter().map(String::as_str).chain(["!"]);
        out.write_record(header).map_err(io::Error::other)?;
    }
    for one in failed {
        let blanks = width.saturating_sub(one.cells.len());
        let cells = one.cells.iter().map(crate::export::safe);
        let reason = std::iter::once(reasons::said(&one.problem, lang));
        let cells = cells
            .chain(std::iter::repeat_n("".into(), blanks))
            .chain(reason);
        let cells: Vec<_> = cells.collect();
        out.write_record(cells.iter().map(AsRef::<str>::as_ref))
            .map_err(io::Error::other)?;
    }
    out.flush()
}

/// The place of the import that runs; it becomes free with the value.
struct Occupied(Shared);

impl Drop for Occupied {
    fn drop(&mut self) {
        self.0.imports.set_running(None);
    }
}

/// What a contact is told from others by.
fn keys(contact: &ContactRow) -> Vec<String> {
    let phones = contact.phones.iter().map(|phone| phone.e164.clone());
    let emails = contact.emails.iter().map(|email| fold(&email.value));
    phones.chain(emails).collect()
}

/// Adds to `there` what it does not have; whether there was anything.
fn complete(there: &mut ContactRow, new: &ContactRow) -> bool {
    let before = there.clone();
    for (old, new) in [
        (&mut there.surname, &new.surname),
        (&mut there.first_name, &new.first_name),
        (&mut there.patronymic, &new.patronymic),
        (&mut there.position, &new.position),
        (&mut there.status, &new.status),
    ] {
        if old.is_empty() {
            old.clone_from(new);
        }
    }
    // A contact named by its number gets its name.
    let is_number = there
        .phones
        .iter()
        .any(|phone| phone.display == there.name || phone.e164 == there.name);
    let has_name = !new.phones.iter().any(|phone| phone.display == new.name);
    if there.name.is_empty() || (is_number && has_name) {
        there.name.clone_from(&new.name);
    }
    for phone in &new.phones {
        if !there.phones.iter().any(|known| known.e164 == phone.e164) {
            there.phones.push(phone.clone());
        }
    }
    for (old, new) in [
        (&mut there.emails, &new.emails),
        (&mut there.addresses, &new.addresses),
    ] {
        for one in new {
            if !old
                .iter()
                .any(|known| fold(&known.value) == fold(&one.value))
            {
                old.push(one.clone());
            }
        }
    }
    for tag in &new.tags {
        if !there.tags.contains(tag) {
            there.tags.push(tag.clone());
        }
    }
    for (key, value) in &new.fields {
        let field = there.fields.entry(key.clone()).or_default();
        if field.is_empty() {
            field.clone_from(value);
        }
    }
    there.company = there.company.or(new.company);
    there.responsible = there.responsible.or(new.responsible);
    *there != before
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, Error> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(Error::internal)?.map_err(Error::internal)
}

/// Takes an import back.
///
/// # Errors
/// When it goes on, was never started, or was taken back already.
pub(crate) async fn undo(app: &App, id: Uuid, kept: &mut Kept, by: &Author) -> Result<u64, Error> {
    let conflict = |code, message: &str| Error::Conflict {
        code,
        field: None,
        message: message.to_owned(),
    };
    match kept.import.progress.state {
        ImportState::Done | ImportState::Stopped => {}
        ImportState::Running => {
            return Err(conflict(
                "busy",
                "this import goes on; wait until it is finished",
            ));
        }
        ImportState::Ready | ImportState::Undone => {
            return Err(conflict(
                "nothing_to_undo",
                "there is nothing of this import to take back",
            ));
        }
    }
    let (changed, stayed) = app.store.undo_import(id, now_ms(), by).await?;
    kept.import.progress.state = ImportState::Undone;
    kept.import.progress.kept = stayed;
    app.imports.keep(id, kept).await?;
    app.hub.publish(&Event::Many, Audience::Everyone);
    app.calls.contacts_changed().await;
    Ok(changed)
}
