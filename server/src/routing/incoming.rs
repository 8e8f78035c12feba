//! Who rings when a call comes in.

use std::collections::HashMap;

use api_types::{
    AnonymousCallers, Availability, CallStepKind, Forward, PlanRule, RingPlan, RingStage,
};
use numbering::Rights;
use sip_gateway::ports::{ForwardTo, IncomingPlan, RingOrder, RingStage as Stage};
use uuid::Uuid;

use super::{
    Employee, KnownLine, Office,
    outgoing::{candidates, over_lines},
    write_rule,
};

/// Seconds everybody rings where no plan is set.
const RING_SECS: u32 = 60;
/// Seconds the responsible employee rings first where no plan is set.
const RESPONSIBLE_SECS: u32 = 10;

/// A call that came.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrival<'a> {
    /// Over which line.
    pub line: Uuid,
    /// Which further number of it was called, as the line has it.
    pub number: Option<&'a str>,
    /// The caller in E.164; none: he hides his number.
    pub caller: Option<&'a str>,
    /// The user responsible for the caller.
    pub responsible: Option<Uuid>,
    /// Users who are not available, and what they said.
    pub absent: &'a HashMap<Uuid, Availability>,
}

/// What is done.
#[derive(Clone, Debug)]
pub(crate) struct Incoming {
    /// The plan.
    pub plan: IncomingPlan,
    /// What led to it, for the call's path: why it is refused, who is passed over.
    pub steps: Vec<Step>,
}

/// A step of deciding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// What.
    pub kind: CallStepKind,
    /// Whom it is about.
    pub extensions: Vec<String>,
    /// What he said ([`Availability`]), if that is why.
    pub said: Option<Availability>,
}

impl Step {
    fn refused(kind: CallStepKind) -> Self {
        Self {
            kind,
            extensions: Vec::new(),
            said: None,
        }
    }
}

/// Who may be rung, and who was passed over on the way.
struct Desk<'a> {
    office: &'a Office,
    absent: &'a HashMap<Uuid, Availability>,
    steps: Vec<Step>,
}

impl<'a> Desk<'a> {
    /// This one, if he takes calls now.
    fn available(&mut self, user: Uuid) -> Option<&'a Employee> {
        let employee = self.office.by_user(user).filter(|one| one.takes_calls)?;
        let Some(said) = self.absent.get(&user) else {
            return Some(employee);
        };
        // One step for all who said the same: a path has room for 200.
        let extension = &employee.extension;
        match self.steps.iter_mut().find(|step| step.said == Some(*said)) {
            // He may stand in several stages of the plan.
            Some(step) if step.extensions.contains(extension) => {}
            Some(step) => step.extensions.push(extension.clone()),
            None => self.steps.push(Step {
                kind: CallStepKind::Absent,
                extensions: vec![extension.clone()],
                said: Some(*said),
            }),
        }
        None
    }

    fn everybody(&mut self) -> Option<Stage> {
        let all = self.office.employees.iter();
        let extensions: Vec<String> = all
            .filter_map(|one| self.available(one.user))
            .map(|one| one.extension.clone())
            .collect();
        let rule = write_rule(PlanRule::Everybody, "");
        (!extensions.is_empty()).then(|| stage(extensions, RingOrder::AtOnce, RING_SECS, rule))
    }

    /// A stage with those who take calls; none: nobody of it does.
    fn staff(&mut self, wanted: &RingStage) -> Option<Stage> {
        let group = wanted
            .group
            .as_ref()
            .and_then(|id| self.office.group(id.parse().ok()?));
        let named = wanted.users.iter().filter_map(|id| id.parse().ok());
        let members = group.map(|group| group.members.clone()).unwrap_or_default();
        let mut extensions: Vec<String> = Vec::new();
        for employee in named.chain(members).filter_map(|user| self.available(user)) {
            if !extensions.contains(&employee.extension) {
                extensions.push(employee.extension.clone());
            }
        }
        let how = match wanted.order {
            api_types::RingOrder::Together => RingOrder::AtOnce,
            api_types::RingOrder::InTurn => RingOrder::InTurn,
        };
        let rule = match group {
            Some(group) => write_rule(PlanRule::Group, &group.name),
            None => write_rule(PlanRule::Employees, ""),
        };
        (!extensions.is_empty()).then(|| stage(extensions, how, wanted.secs, rule))
    }
}

/// Whether a call over this line, to this number of it, rings the responsible employee first: only
/// then they are looked for.
pub(crate) fn asks_for_responsible(office: &Office, line: Uuid, number: Option<&str>) -> bool {
    let plan = plan_for(office, office.line(line), number);
    plan.responsible_secs.is_some()
}

/// Decides.
pub(crate) fn incoming(office: &Office, call: Arrival<'_>) -> Incoming {
    if call.caller.is_none() && office.settings.anonymous == AnonymousCallers::Refuse {
        // RFC 5079
        return refuse(
            433,
            "Anonymity Disallowed",
            vec![Step::refused(CallStepKind::Anonymous)],
        );
    }
    if call
        .caller
        .is_some_and(|caller| office.blocked.contains(caller))
    {
        return refuse(603, "Decline", vec![Step::refused(CallStepKind::Blocked)]);
    }
    let mut desk = Desk {
        office,
        absent: call.absent,
        steps: Vec::new(),
    };
    let line = office.line(call.line);
    let plan = plan_for(office, line, call.number);
    let mut stages = Vec::new();
    let responsible = call.responsible.and_then(|user| desk.available(user));
    if let (Some(secs), Some(employee)) = (plan.responsible_secs, responsible) {
        let who = vec![employee.extension.clone()];
        let rule = write_rule(PlanRule::Responsible, &employee.name);
        stages.push(stage(who, RingOrder::AtOnce, secs, rule));
    }
    match plan.stages.is_empty() {
        true if plan.forward.is_none() => stages.extend(desk.everybody()),
        true => {}
        false => stages.extend(plan.stages.iter().filter_map(|stage| desk.staff(stage))),
    }
    let forward = plan.forward.and_then(|to| forward_to(office, line, &to));
    if stages.is_empty() && forward.is_none() {
        return refuse(480, "Nobody takes calls", desk.steps);
    }
    Incoming {
        plan: IncomingPlan::Ring { stages, forward },
        steps: desk.steps,
    }
}

fn refuse(code: u16, reason: &str, steps: Vec<Step>) -> Incoming {
    let plan = IncomingPlan::Refuse {
        code,
        reason: reason.to_owned(),
    };
    Incoming { plan, steps }
}

/// The plan of the number, else of the line, else: the responsible employee, then everybody.
fn plan_for(office: &Office, line: Option<&KnownLine>, number: Option<&str>) -> RingPlan {
    let called = line.zip(number).and_then(|(line, number)| {
        let read = office.numbers().read(number);
        line.called(&read)?.plan.clone()
    });
    called
        .or_else(|| line?.plan.clone())
        .unwrap_or_else(|| RingPlan {
            responsible_secs: Some(RESPONSIBLE_SECS),
            ..RingPlan::default()
        })
}

fn stage(extensions: Vec<String>, how: RingOrder, ring_secs: u32, rule: String) -> Stage {
    Stage {
        extensions,
        how,
        ring_secs,
        rule,
    }
}

/// The number is set by an administrator: only forbidden codes and directions hold it back.
fn forward_to(office: &Office, line: Option<&KnownLine>, to: &Forward) -> Option<ForwardTo> {
    let number = office.rules_of(line).read(&to.number).number?;
    let rights = Rights {
        user: true,
        ..Rights::default()
    };
    let lines = candidates(office, &[], &number);
    let attempts = over_lines(office, &lines, &number, &rights, None, &mut Vec::new());
    let shown = number.e164.as_ref().unwrap_or(&number.number);
    let rule = write_rule(PlanRule::Forward, shown);
    (!attempts.is_empty()).then_some(ForwardTo {
        attempts,
        ring_secs: to.secs,
        rule,
    })
}

#[cfg(test)]
#[path = "incoming_tests.rs"]
mod tests;
