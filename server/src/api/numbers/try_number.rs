//! `Try a number`.

use api_types::{LineRef, NumberTried, NumberTry, TryVerdict};
use axum::extract::State;
use uuid::Uuid;

use crate::{
    api::{
        error::Error,
        extract::{Json, parse_id},
    },
    app::Shared,
    auth::Viewer,
    routing::{End, KnownLine, Office, Outgoing, Wish, outgoing},
};

/// Says what would become of a number: each step, the line chosen and the Request-URI, or the rule
/// that forbids it. Nothing is called.
#[utoipa::path(
    post, path = "/numbers/try", tag = "numbers", request_body = NumberTry,
    responses((status = 200, body = NumberTried), (status = 404, body = api_types::ApiError), (status = 422, body = api_types::ApiError)),
)]
pub(crate) async fn try_number(
    State(app): State<Shared>,
    viewer: Viewer,
    Json(wanted): Json<NumberTry>,
) -> Result<axum::Json<NumberTried>, Error> {
    let user = match &wanted.user {
        Some(id) => parse_id(id).ok_or(Error::NotFound("user"))?,
        None => viewer.id(),
    };
    let mut office = (*app.switchboard.office()).clone();
    if let Some(settings) = wanted.settings {
        let tried = Office::new(settings)
            .map_err(|problem| Error::invalid(problem.code, problem.field, problem.message))?;
        office.settings = tried.settings;
        office.rules = tried.rules;
    }
    let line = match &wanted.line {
        Some(id) => {
            let id: Uuid = parse_id(id).ok_or(Error::NotFound("line"))?;
            Some(office.line(id).ok_or(Error::NotFound("line"))?.id)
        }
        None => None,
    };
    let wish = Wish {
        caller: office.by_user(user),
        dialled: &wanted.dialled,
        line,
        number: None,
    };
    Ok(axum::Json(show(&office, outgoing(&office, wish))))
}

fn show(office: &Office, decided: Outgoing) -> NumberTried {
    let reason = decided.reason();
    let number = decided
        .number
        .as_deref()
        .map(|number| office.numbers().read(number));
    let mut tried = NumberTried {
        verdict: TryVerdict::Refused,
        steps: decided.steps,
        number,
        extension: None,
        line: None,
        then: Vec::new(),
        request_uri: None,
        caller_number: None,
        minute_micros: None,
        currency: None,
        reason,
    };
    match decided.end {
        End::Refused => {}
        End::Inside(extension) => {
            tried.verdict = TryVerdict::Inside;
            tried.extension = Some(extension);
        }
        End::Lines { attempts, .. } => {
            tried.verdict = TryVerdict::Out;
            let lines: Vec<&KnownLine> = attempts
                .iter()
                .filter_map(|attempt| office.line(attempt.line))
                .collect();
            if let (Some(line), Some(attempt)) = (lines.first(), attempts.first()) {
                let host = &line.domain;
                tried.request_uri = Some(format!("sip:{}@{host}", attempt.number));
                let shown = attempt.caller_id.as_deref();
                tried.caller_number = Some(shown.map_or_else(
                    || line.number.clone(),
                    |number| office.numbers().read(number),
                ));
                let price = tried
                    .number
                    .as_ref()
                    .and_then(|number| line.price(&number.e164));
                tried.minute_micros = price.map(|(_, row)| row.minute_micros);
                tried.currency = price.map(|(currency, _)| currency.to_owned());
                tried.line = Some(named(line));
            }
            tried.then = lines.iter().skip(1).map(|line| named(line)).collect();
        }
    }
    tried
}

fn named(line: &KnownLine) -> LineRef {
    LineRef {
        id: line.id.to_string(),
        label: line.label.clone(),
        number: line.number.clone(),
    }
}
