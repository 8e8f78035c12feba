//! Names of a plan's rules on their way through the gateway and back.

use api_types::PlanRule;

/// `group:Sales`
pub(crate) fn write_rule(rule: PlanRule, detail: &str) -> String {
    let word = match rule {
        PlanRule::Responsible => "responsible",
        PlanRule::Employees => "employees",
        PlanRule::Group => "group",
        PlanRule::Everybody => "everybody",
        PlanRule::Forward => "forward",
    };
    format!("{word}:{detail}")
}

/// The rule and its detail.
pub(crate) fn read_rule(text: &str) -> (Option<PlanRule>, &str) {
    let (word, detail) = text.split_once(':').unwrap_or((text, ""));
    let rule = match word {
        "responsible" => PlanRule::Responsible,
        "employees" => PlanRule::Employees,
        "group" => PlanRule::Group,
        "everybody" => PlanRule::Everybody,
        "forward" => PlanRule::Forward,
        _ => return (None, text),
    };
    (Some(rule), detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_comes_back_as_it_went() {
        for (rule, detail) in [
            (PlanRule::Group, "Sales: north"),
            (PlanRule::Responsible, ""),
            (PlanRule::Forward, "+79215550010"),
        ] {
            assert_eq!(read_rule(&write_rule(rule, detail)), (Some(rule), detail));
        }
        assert_eq!(read_rule("odd"), (None, "odd"));
    }
}
