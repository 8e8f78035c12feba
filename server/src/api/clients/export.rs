//! Contacts as a file.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use api_types::{FieldDef, WorkSettings};
use axum::{
    body::{Body, Bytes},
    extract::State,
    response::Response,
};
use futures_util::{Stream, StreamExt, stream};
use serde::Deserialize;
use store::{AddressRow, ContactCursor, ContactFilter, ContactOrder, ContactRow, PhoneRow};
use utoipa::IntoParams;
use uuid::Uuid;

use super::{people, vcard};
use crate::{
    api::{
        contacts::list::{Search, filter, order},
        error::Error,
        extract::Query,
    },
    app::{App, Shared},
    auth::Viewer,
    export::{self, Batch, Cell, Format},
};

/// Rows read at once.
const BATCH: u64 = 500;
/// What stands above the columns.
const COLUMNS: [(&str, &str); 15] = [
    ("Name", "ФИО или название"),
    ("Surname", "Фамилия"),
    ("First name", "Имя"),
    ("Patronymic", "Отчество"),
    ("Kind", "Вид"),
    ("Phone", "Телефон"),
    ("Email", "Почта"),
    ("Address", "Адрес"),
    ("Company", "Компания"),
    ("Position", "Должность"),
    ("Status", "Статус"),
    ("Tags", "Теги"),
    ("Responsible", "Ответственный"),
    ("Created", "Создан"),
    ("Id", "Номер записи"),
];

/// What kind of file.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// `csv` (unless told), `xlsx` or `vcf`.
    #[serde(default)]
    format: String,
    /// Language of the columns' names: `en` (unless told) or `ru`.
    #[serde(default)]
    lang: String,
}

/// All contacts of a filtered list (the same filter and order as `GET /contacts`) as CSV, XLSX or vCard. No
/// cell of a CSV is taken for a formula.
#[utoipa::path(
    get, path = "/contacts/export", tag = "contacts", params(Wanted, Search),
    responses((status = 200, content_type = "text/csv"), (status = 422, body = api_types::ApiError)),
)]
pub(crate) async fn export(
    State(app): State<Shared>,
    viewer: Viewer,
    Query(wanted): Query<Wanted>,
    Query(search): Query<Search>,
    Query(all): Query<BTreeMap<String, String>>,
) -> Result<Response, Error> {
    let filter = filter(&search, &all, &viewer)?;
    let order = order(&app, search.sort.as_deref()).await?;
    let read = Reader {
        app: Arc::clone(&app),
        filter,
        order,
    };
    let format = match wanted.format.as_str() {
        "" | "csv" => Format::Csv,
        "xlsx" => Format::Xlsx,
        "vcf" => {
            let cards = read.rows().map(|batch| Ok::<_, Error>(cards(&batch?)));
            let body = Body::from_stream(cards);
            return Ok(export::download(
                body,
                "text/vcard; charset=utf-8",
                "contacts.vcf",
            ));
        }
        _ => {
            let message = "choose csv, xlsx or vcf";
            return Err(Error::invalid("bad_format", "format", message));
        }
    };
    let names = Names {
        people: people(&app).await?,
        work: (*app.work.now()).clone(),
    };
    let is_russian = wanted.lang == "ru";
    let known = COLUMNS
        .iter()
        .map(|(en, ru)| if is_russian { *ru } else { *en });
    let header = known
        .map(str::to_owned)
        .chain(names.fields().map(|def| def.label.clone()));
    let header = header.collect();
    let table = read.rows().map(move |batch| Ok(names.table(batch?)));
    export::table(&app.config.data, format, "contacts", header, table).await
}

/// What is read.
struct Reader {
    app: Shared,
    filter: ContactFilter,
    order: (ContactOrder, bool),
}

/// Rows with the names of their companies.
type Rows = Vec<(ContactRow, String)>;

impl Reader {
    fn rows(self) -> impl Stream<Item = Result<Rows, Error>> + Send + 'static {
        let begin = (Arc::new(self), None, false);
        stream::unfold(begin, |(read, after, is_over)| async move {
            if is_over {
                return None;
            }
            match read.batch(after.as_ref()).await {
                Ok((rows, _)) if rows.is_empty() => None,
                Ok((rows, after)) => {
                    let is_last = (rows.len() as u64) < BATCH;
                    Some((Ok(rows), (read, after, is_last)))
                }
                Err(error) => Some((Err(error), (read, None, true))),
            }
        })
    }

    async fn batch(
        &self,
        after: Option<&ContactCursor>,
    ) -> Result<(Rows, Option<ContactCursor>), Error> {
        let app: &App = &self.app;
        let (order, descending) = &self.order;
        let found = app
            .store
            .find_contacts(&self.filter, (order, *descending), after, BATCH)
            .await?;
        let last = found.last().map(|(_, cursor)| cursor.clone());
        let companies: Vec<Uuid> = found.iter().filter_map(|(row, _)| row.company).collect();
        let names = app.store.contact_names(&companies).await?;
        let rows = found.into_iter().map(|(row, _)| {
            let company = row.company.and_then(|id| names.get(&id).cloned());
            (row, company.unwrap_or_default())
        });
        Ok((rows.collect(), last))
    }
}

fn cards(rows: &Rows) -> Bytes {
    let cards: Vec<String> = rows
        .iter()
        .map(|(row, company)| vcard::card(row, company))
        .collect();
    cards.concat().into()
}

/// What ids and keys are called.
struct Names {
    people: HashMap<Uuid, String>,
    work: WorkSettings,
}

impl Names {
    /// Custom fields, those of people before those of companies.
    fn fields(&self) -> impl Iterator<Item = &FieldDef> {
        let of = |table: &'static str| {
            self.work
                .fields
                .iter()
                .filter(move |def| def.table == table)
        };
        of("contacts").chain(of("companies"))
    }

    fn table(&self, rows: Rows) -> Batch {
        rows.into_iter()
            .map(|(row, company)| self.cells(row, company))
            .collect()
    }

    fn cells(&self, row: ContactRow, company: String) -> Vec<Cell> {
        let phone = |phone: &PhoneRow| phone.display.clone();
        let value = |one: &AddressRow| one.value.clone();
        let lines = |lines: Vec<String>| lines.join("\n");
        let status = self
            .work
            .statuses
            .iter()
            .find(|status| status.key == row.status);
        let status = status
            .map(|status| status.name.clone())
            .filter(|name| !name.is_empty());
        let responsible = row.responsible.and_then(|id| self.people.get(&id).cloned());
        let fields: Vec<String> = self
            .fields()
            .map(|def| row.fields.get(&def.key).cloned().unwrap_or_default())
            .collect();
        [
            row.name,
            row.surname,
            row.first_name,
            row.patronymic,
            row.kind,
            lines(row.phones.iter().map(phone).collect()),
            lines(row.emails.iter().map(value).collect()),
            lines(row.addresses.iter().map(value).collect()),
            company,
            row.position,
            status.unwrap_or(row.status),
            row.tags.join(", "),
            responsible.unwrap_or_default(),
            day(row.created_at),
            row.id.to_string(),
        ]
        .into_iter()
        .chain(fields)
        .map(Cell::Text)
        .collect()
    }
}

/// `2026-12-31` (UTC).
fn day(at: i64) -> String {
    let date = time::OffsetDateTime::from_unix_timestamp(at.div_euclid(1000));
    date.map(|date| date.date().to_string()).unwrap_or_default()
}
