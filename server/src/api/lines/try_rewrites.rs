//! Auto-replace's live example.

use api_types::{RewriteExample, RewriteTry};
use axum::extract::State;
use numbering::Rewrites;

use crate::{
    api::{error::Error, extract::Json},
    app::Shared,
};

/// Numbers tried where none is given.
const SAMPLES: [&str; 6] = [
    "+74951234567",
    "+79161234567",
    "+442079460018",
    "+12025550143",
    "600",
    "112",
];
/// Rules and numbers at most.
const MOST: usize = 200;

/// Shows what auto-replace makes of numbers: for each number given, else for each rule one number
/// it changes.
#[utoipa::path(
    post, path = "/lines/rewrites/try", tag = "lines", request_body = RewriteTry,
    responses((status = 200, body = Vec<RewriteExample>)),
)]
pub(crate) async fn try_rewrites(
    State(app): State<Shared>,
    Json(body): Json<RewriteTry>,
) -> Result<axum::Json<Vec<RewriteExample>>, Error> {
    if body.rewrites.len() > MOST || body.numbers.len() > MOST {
        return Err(Error::invalid("too_many", "rewrites", "at most 200"));
    }
    let each = body.rewrites.iter().enumerate();
    if body.numbers.is_empty() {
        let examples = each.map(
            |(rule, one)| match Rewrites::new(std::slice::from_ref(one)) {
                Ok(rules) => sample(&rules, rule),
                Err(mut problem) => {
                    problem.rule = rule;
                    RewriteExample {
                        problem: Some(problem),
                        ..nothing()
                    }
                }
            },
        );
        return Ok(axum::Json(examples.collect()));
    }
    let rules = Rewrites::new(&body.rewrites);
    let numbers = app.numbers();
    let example = |spelled: &String| {
        let before = numbers.read(spelled).e164;
        match &rules {
            Ok(rules) => example(rules, before),
            Err(problem) => RewriteExample {
                before: Some(before),
                problem: Some(problem.clone()),
                ..nothing()
            },
        }
    };
    Ok(axum::Json(body.numbers.iter().map(example).collect()))
}

fn nothing() -> RewriteExample {
    RewriteExample {
        before: None,
        after: None,
        rule: None,
        problem: None,
    }
}

fn example(rules: &Rewrites, before: String) -> RewriteExample {
    let made = rules.apply(&before);
    RewriteExample {
        rule: made.as_ref().map(|made| made.rule),
        after: Some(made.map_or_else(|| before.clone(), |made| made.number)),
        before: Some(before),
        problem: None,
    }
}

fn sample(one: &Rewrites, rule: usize) -> RewriteExample {
    let found = SAMPLES.iter().find(|number| one.apply(number).is_some());
    match found {
        Some(number) => RewriteExample {
            rule: Some(rule),
            ..example(one, (*number).to_owned())
        },
        None => nothing(),
    }
}
