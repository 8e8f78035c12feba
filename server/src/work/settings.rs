//! Whether settings of work make sense, before they are in force.

use std::collections::HashSet;

use api_types::{Choice, FieldDef, FieldKind, Pipeline, StageKind, WorkSettings};

use super::Problem;

/// Entries of a list at most.
const MOST: usize = 100;
/// Characters of a name or label at most.
const LONGEST: usize = 100;
/// Characters of a script.
const LONGEST_SCRIPT: usize = 4000;
/// Tables whose records have custom fields.
const TABLES: [&str; 6] = [
    "contacts",
    "companies",
    "deals",
    "orders",
    "requests",
    "tasks",
];
/// Fields of a card that are not custom ones.
const CARD: [&str; 6] = [
    "company", "status", "email", "manager", "position", "address",
];

/// The settings without spaces around names, or what is wrong with them.
pub(crate) fn check(mut settings: WorkSettings) -> Result<WorkSettings, Problem> {
    currency(&settings.currency)?;
    let WorkSettings {
        pipelines,
        results,
        reasons,
        statuses,
        order_states,
        fields,
        tables,
        ..
    } = &mut settings;
    if pipelines.is_empty() {
        let message = "keep at least one pipeline: deals go through it";
        return Err(Problem::new("no_pipeline", "pipelines", message));
    }
    keys(
        "pipelines",
        pipelines.iter().map(|pipeline| pipeline.key.as_str()),
    )?;
    for pipeline in pipelines {
        check_pipeline(pipeline)?;
    }
    for (name, list) in [
        ("results", results),
        ("reasons", reasons),
        ("statuses", statuses),
        ("order_states", order_states),
    ] {
        choices(name, list)?;
    }
    keys("tables", tables.iter().map(|table| table.key.as_str()))?;
    for table in tables.iter_mut() {
        table.name = name("tables", &table.name)?;
        if TABLES.contains(&table.key.as_str()) {
            let message = format!(
                "{:?} is one of Trubka's own tables; choose another key",
                table.key
            );
            return Err(Problem::new("key_taken", "tables", message));
        }
    }
    let own: HashSet<String> = tables.iter().map(|table| table.key.clone()).collect();
    check_fields(fields, &own)?;
    lookup(&settings, &own)?;
    card(&settings)?;
    if settings.order_states.is_empty() {
        let message = "keep at least one state: new orders begin in the first";
        return Err(Problem::new("no_states", "order_states", message));
    }
    Ok(settings)
}

fn currency(code: &str) -> Result<(), Problem> {
    if code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase()) {
        return Ok(());
    }
    let message =
        format!("{code:?} is no currency; give its three letters, for example RUB or EUR");
    Err(Problem::new("bad_currency", "currency", message))
}

fn check_pipeline(pipeline: &mut Pipeline) -> Result<(), Problem> {
    pipeline.name = name_or_none("pipelines", &pipeline.name)?;
    keys(
        "pipelines",
        pipeline.stages.iter().map(|stage| stage.key.as_str()),
    )?;
    for stage in &mut pipeline.stages {
        stage.name = name_or_none("pipelines", &stage.name)?;
        stage.script = super::short(&stage.script, LONGEST_SCRIPT, "pipelines", "the script")?;
    }
    let has = |kind| pipeline.stages.iter().any(|stage| stage.kind == kind);
    if [StageKind::Open, StageKind::Won, StageKind::Lost]
        .into_iter()
        .all(has)
    {
        return Ok(());
    }
    let message =
        "a pipeline needs at least one stage that goes on, one that is won and one that is lost";
    Err(Problem::new("stages_missing", "pipelines", message))
}

fn choices(field: &'static str, list: &mut [Choice]) -> Result<(), Problem> {
    keys(field, list.iter().map(|choice| choice.key.as_str()))?;
    for choice in list {
        choice.name = name_or_none(field, &choice.name)?;
    }
    Ok(())
}

fn check_fields(fields: &mut [FieldDef], own: &HashSet<String>) -> Result<(), Problem> {
    if fields.len() > MOST {
        return Err(too_many("fields"));
    }
    let mut seen = HashSet::new();
    for def in fields {
        key("fields", &def.key)?;
        if !seen.insert((def.table.clone(), def.key.clone())) {
            return Err(twice("fields", &def.key));
        }
        def.label = name("fields", &def.label)?;
        if !TABLES.contains(&def.table.as_str()) && !own.contains(&def.table) {
            let message = format!(
                "the field {:?} stands in a table {:?} that does not exist",
                def.label, def.table
            );
            return Err(Problem::new("no_table", "fields", message));
        }
        def.choices.retain(|choice| !choice.trim().is_empty());
        if def.kind == FieldKind::Choice && def.choices.is_empty() {
            let message = format!("give the field {:?} something to choose from", def.label);
            return Err(Problem::new("no_choices", "fields", message));
        }
    }
    Ok(())
}

fn lookup(settings: &WorkSettings, own: &HashSet<String>) -> Result<(), Problem> {
    for table in &settings.lookup {
        let has_phone = |def: &FieldDef| def.table == *table && def.kind == FieldKind::Phone;
        let found = match table.as_str() {
            "contacts" | "companies" => true,
            table => own.contains(table) && settings.fields.iter().any(has_phone),
        };
        if !found {
            let message = format!(
                "callers cannot be looked up in {table:?}: give that table a field for phone numbers first"
            );
            return Err(Problem::new("no_phone_field", "lookup", message));
        }
    }
    Ok(())
}

fn card(settings: &WorkSettings) -> Result<(), Problem> {
    let is_known = |shown: &String| {
        CARD.contains(&shown.as_str())
            || settings.fields.iter().any(|def| {
                def.key == *shown && matches!(def.table.as_str(), "contacts" | "companies")
            })
    };
    if let Some(unknown) = settings.card_fields.iter().find(|shown| !is_known(shown)) {
        let message = format!("the card cannot show {unknown:?}: clients have no such field");
        return Err(Problem::new("no_field", "card_fields", message));
    }
    if settings.card_orders > 20 {
        let message = "the card shows at most 20 orders";
        return Err(Problem::new("too_many", "card_orders", message));
    }
    Ok(())
}

fn keys<'a>(
    field: &'static str,
    all: impl ExactSizeIterator<Item = &'a str>,
) -> Result<(), Problem> {
    if all.len() > MOST {
        return Err(too_many(field));
    }
    let mut seen = HashSet::new();
    for one in all {
        key(field, one)?;
        if !seen.insert(one) {
            return Err(twice(field, one));
        }
    }
    Ok(())
}

fn key(field: &'static str, key: &str) -> Result<(), Problem> {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    if (1..=40).contains(&key.len()) && key.bytes().all(fits) {
        return Ok(());
    }
    let message =
        format!("{key:?} cannot be a key; use up to 40 small Latin letters, digits and _");
    Err(Problem::new("bad_key", field, message))
}

fn name(field: &'static str, name: &str) -> Result<String, Problem> {
    let name = name_or_none(field, name)?;
    if name.is_empty() {
        return Err(Problem::new("no_name", field, "give it a name"));
    }
    Ok(name)
}

fn name_or_none(field: &'static str, name: &str) -> Result<String, Problem> {
    super::short(name, LONGEST, field, "a name")
}

fn too_many(field: &'static str) -> Problem {
    Problem::new("too_many", field, format!("keep it to {MOST} entries"))
}

fn twice(field: &'static str, key: &str) -> Problem {
    Problem::new(
        "twice",
        field,
        format!("{key:?} is there twice; remove one of them"),
    )
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use api_types::TableDef;

    use super::*;

    fn with(change: impl Fn(&mut WorkSettings)) -> Option<(&'static str, &'static str)> {
        let mut settings = WorkSettings::default();
        change(&mut settings);
        let problem = check(settings).err()?;
        match problem.field {
            Cow::Borrowed(field) => Some((problem.code, field)),
            Cow::Owned(_) => None,
        }
    }

    fn field(table: &str, kind: FieldKind) -> FieldDef {
        FieldDef {
            key: "f".to_owned(),
            table: table.to_owned(),
            label: "F".to_owned(),
            kind,
            choices: Vec::new(),
            required: false,
        }
    }

    #[test]
    fn what_is_set_at_the_beginning_is_right() {
        assert_eq!(with(|_| {}), None);
    }

    #[test]
    fn what_would_break_records_is_refused() {
        let garages = || TableDef {
            key: "garages".to_owned(),
            name: "Garages".to_owned(),
        };
        assert_eq!(
            with(|s| s.currency = "rub".to_owned()),
            Some(("bad_currency", "currency"))
        );
        assert_eq!(
            with(|s| s.pipelines.clear()),
            Some(("no_pipeline", "pipelines"))
        );
        let lost = |s: &mut WorkSettings| s.pipelines[0].stages.truncate(2);
        assert_eq!(with(lost), Some(("stages_missing", "pipelines")));
        assert_eq!(
            with(|s| s.results[1].key = s.results[0].key.clone()),
            Some(("twice", "results"))
        );
        assert_eq!(
            with(|s| s.reasons[0].key = "Не то".to_owned()),
            Some(("bad_key", "reasons"))
        );
        assert_eq!(
            with(|s| s.order_states.clear()),
            Some(("no_states", "order_states"))
        );
        assert_eq!(
            with(|s| s.fields.push(field("planets", FieldKind::Text))),
            Some(("no_table", "fields"))
        );
        assert_eq!(
            with(|s| s.fields.push(field("deals", FieldKind::Choice))),
            Some(("no_choices", "fields"))
        );
        assert_eq!(
            with(|s| s.card_fields.push("f".to_owned())),
            Some(("no_field", "card_fields"))
        );
        let own = |s: &mut WorkSettings| {
            s.tables.push(garages());
            s.lookup.push("garages".to_owned());
        };
        assert_eq!(with(own), Some(("no_phone_field", "lookup")));
        let with_phone = |s: &mut WorkSettings| {
            own(s);
            s.fields.push(field("garages", FieldKind::Phone));
        };
        assert_eq!(with(with_phone), None);
    }
}
