//! Prices out of a CSV.

use api_types::{CsvProblem, Tariff, TariffImport, Tariffs};
use axum::{Json, body::Bytes, extract::State};
use serde::Deserialize;

use super::{find, set_tariffs};
use crate::{
    api::{
        error::Error,
        extract::{Id, Query},
    },
    app::Shared,
};

/// Rows of one file at most.
const MOST_ROWS: usize = 200_000;
/// Problems told at most.
const MOST_PROBLEMS: usize = 20;
/// Names of the columns in the first line; the order when there is no such line.
const COLUMNS: [&str; 5] = ["prefix", "label", "minute", "call", "round"];

/// What is asked for beside the file.
#[derive(Deserialize)]
pub(crate) struct Asked {
    currency: String,
}

/// Replaces the prices of a line by a CSV with the columns prefix, label, minute, call and round
/// (seconds), by these names in the first line or in this order; commas, semicolons or tabs. With
/// a row that cannot be read nothing is changed.
#[utoipa::path(
    post, path = "/lines/{id}/tariffs/import", tag = "lines",
    params(("id" = String, Path), ("currency" = String, Query, description = "ISO 4217")),
    request_body(content = String, content_type = "text/csv"),
    responses((status = 200, body = TariffImport), (status = 404, body = api_types::ApiError), (status = 422, body = api_types::ApiError)),
)]
pub(crate) async fn import_tariffs(
    State(app): State<Shared>,
    Id(id): Id,
    Query(asked): Query<Asked>,
    body: Bytes,
) -> Result<Json<TariffImport>, Error> {
    find(&app, id).await?;
    let text = std::str::from_utf8(&body)
        .map_err(|_| Error::invalid("not_utf8", "file", "the file is not UTF-8"))?;
    let (rows, problems) = read(text);
    let import = TariffImport {
        rows: rows.len(),
        problems,
    };
    if import.problems.is_empty() {
        let tariffs = Tariffs {
            currency: asked.currency,
            rows,
        };
        set_tariffs::put(&app, id, &tariffs).await?;
    }
    Ok(Json(import))
}

fn read(text: &str) -> (Vec<Tariff>, Vec<CsvProblem>) {
    let text = text.trim_start_matches('\u{feff}');
    let first = text.lines().next().unwrap_or_default();
    let delimiter = [b';', b'\t', b',']
        .into_iter()
        .find(|d| first.as_bytes().contains(d))
        .unwrap_or(b',');
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let mut places: Vec<Option<usize>> = (0..COLUMNS.len()).map(Some).collect();
    let (mut rows, mut problems) = (Vec::new(), Vec::new());
    let mut seen = std::collections::HashSet::new();
    for (at, record) in reader.records().enumerate() {
        let line = at as u64 + 1;
        let problem = |column: &str, value: &str| CsvProblem {
            line,
            column: column.to_owned(),
            value: value.chars().take(60).collect(),
        };
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                problems.push(problem("", &error.to_string()));
                break;
            }
        };
        if at == 0
            && record
                .iter()
                .any(|cell| cell.eq_ignore_ascii_case("prefix"))
        {
            let named = |name: &&str| {
                record
                    .iter()
                    .position(|cell| cell.eq_ignore_ascii_case(name))
            };
            places = COLUMNS.iter().map(named).collect();
            continue;
        }
        let cell = |column: usize| places[column].and_then(|at| record.get(at)).unwrap_or("");
        match tariff(&cell) {
            Ok(row) if seen.insert(row.prefix.clone()) => rows.push(row),
            Ok(row) => problems.push(problem("prefix", &row.prefix)),
            Err(column) => problems.push(problem(COLUMNS[column], cell(column))),
        }
        if problems.len() >= MOST_PROBLEMS || rows.len() >= MOST_ROWS {
            break;
        }
    }
    (rows, problems)
}

/// A row, or the column that cannot be read.
fn tariff<'a>(cell: &impl Fn(usize) -> &'a str) -> Result<Tariff, usize> {
    let digits: String = cell(0).chars().filter(|c| !" ()-".contains(*c)).collect();
    let row = Tariff {
        prefix: format!("+{}", digits.trim_start_matches('+')),
        label: cell(1).chars().take(200).collect(),
        minute_micros: micros(cell(2)).ok_or(2_usize)?,
        call_micros: match cell(3) {
            "" => 0,
            text => micros(text).ok_or(3_usize)?,
        },
        round_secs: match cell(4) {
            "" => 60,
            text => text
                .parse()
                .ok()
                .filter(|secs| (1..=3600).contains(secs))
                .ok_or(4_usize)?,
        },
    };
    if set_tariffs::is_sane(&row) {
        Ok(row)
    } else {
        Err(0)
    }
}

/// `1.4`, `1,40` → 1 400 000.
fn micros(text: &str) -> Option<i64> {
    let text = text.trim().replace(',', ".");
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.len() > 9 || part.len() > 6 || !digits(whole) || !digits(part) {
        return None;
    }
    let part = format!("{part:0<6}");
    Some(whole.parse::<i64>().ok()? * 1_000_000 + part.parse::<i64>().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_several_kinds_are_read() {
        for text in [
            "prefix,label,minute,call,round\n+7495,Moscow,1.40,0,60\n+44,UK,2,0.5,1\n",
            "\u{feff}Prefix;Minute;Label;Call;Round\n7495;1,4;Moscow;;\n44;2,000;UK;0,5;1",
            "+7 (495)\tMoscow\t1.4\n44\tUK\t2\t0.5\t1",
        ] {
            let (rows, problems) = read(text);
            assert_eq!(problems, [], "{text}");
            assert_eq!(rows.len(), 2, "{text}");
            assert_eq!(rows[0].prefix, "+7495");
            assert_eq!((rows[0].minute_micros, rows[0].round_secs), (1_400_000, 60));
            assert_eq!(
                (rows[1].label.as_str(), rows[1].call_micros),
                ("UK", 500_000)
            );
        }
    }

    #[test]
    fn a_bad_row_is_named_with_its_column() {
        let (_, problems) =
            read("prefix,label,minute\n+7495,Moscow,dear\nabc,X,1\n+44,UK,1\n+44,UK,2\n=1+1,X,-1");
        let told: Vec<_> = problems
            .iter()
            .map(|one| (one.line, one.column.as_str()))
            .collect();
        assert_eq!(
            told,
            [(2, "minute"), (3, "prefix"), (5, "prefix"), (6, "minute")]
        );
    }
}
