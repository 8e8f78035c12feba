//! What the decisions are made from: people, groups, lines and rules, as they are now.

use std::collections::HashSet;

use api_types::{NumberSettings, OutgoingOrder, PhoneNumber, RingPlan, Tariff, Tariffs};
use numbering::{Numbers, Problem, Rewrites, Rules};
use uuid::Uuid;

/// An employee with an extension who may call and be called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Employee {
    /// User id.
    pub user: Uuid,
    /// Extension.
    pub extension: String,
    /// Name.
    pub name: String,
    /// Whether incoming calls ring him.
    pub takes_calls: bool,
    /// His own right to call abroad.
    pub international: bool,
    /// Calls at once.
    pub max_calls: Option<u32>,
}

/// A group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Group {
    /// Id.
    pub id: Uuid,
    /// Name.
    pub name: String,
    /// User ids, in order.
    pub members: Vec<Uuid>,
    /// Whether members may call abroad.
    pub international: bool,
}

/// A further number of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KnownNumber {
    /// The number.
    pub number: PhoneNumber,
    /// Shown on the card.
    pub label: String,
    /// Who rings; none: as for the line.
    pub plan: Option<RingPlan>,
    /// Whether it may be shown to those who are called.
    pub caller_id: bool,
}

/// A line, as far as decisions and records need it.
#[derive(Clone, Debug)]
pub(crate) struct KnownLine {
    /// Line id.
    pub id: Uuid,
    /// Name people see.
    pub label: String,
    /// Its number.
    pub number: PhoneNumber,
    /// Domain, for the Request-URI.
    pub domain: String,
    /// Whether outgoing calls use it unless told otherwise.
    pub default_outgoing: bool,
    /// Whether emergency numbers can be called over it.
    pub emergency: bool,
    /// Further numbers.
    pub numbers: Vec<KnownNumber>,
    /// Dial rules, where they differ from the installation's.
    pub rules: Option<Rules>,
    /// Auto-replace.
    pub rewrites: Rewrites,
    /// Who rings; none: everybody.
    pub plan: Option<RingPlan>,
    /// Prices.
    pub tariffs: Option<Tariffs>,
}

impl KnownLine {
    /// The price of a number, and its currency.
    pub(crate) fn price(&self, e164: &str) -> Option<(&str, &Tariff)> {
        let tariffs = self.tariffs.as_ref()?;
        let row = numbering::price_of(&tariffs.rows, e164)?;
        Some((&tariffs.currency, row))
    }

    /// The further number that was called.
    pub(crate) fn called(&self, number: &PhoneNumber) -> Option<&KnownNumber> {
        self.numbers
            .iter()
            .find(|known| known.number.e164 == number.e164)
    }
}

/// Everything.
#[derive(Clone, Debug)]
pub(crate) struct Office {
    /// Those who may call.
    pub employees: Vec<Employee>,
    /// Groups.
    pub groups: Vec<Group>,
    /// Lines, in the order they were added.
    pub lines: Vec<KnownLine>,
    /// What is set about numbers.
    pub settings: NumberSettings,
    /// The same, ready for use.
    pub rules: Rules,
    /// Over which lines calls go out.
    pub order: OutgoingOrder,
    /// Numbers in E.164 whose calls are refused.
    pub blocked: HashSet<String>,
}

impl Office {
    /// With nobody and nothing but rules.
    pub(crate) fn new(settings: NumberSettings) -> Result<Self, Problem> {
        Ok(Self {
            employees: Vec::new(),
            groups: Vec::new(),
            lines: Vec::new(),
            rules: Rules::new(&settings)?,
            settings,
            order: OutgoingOrder::default(),
            blocked: HashSet::new(),
        })
    }

    /// How numbers are read here.
    pub(crate) fn numbers(&self) -> Numbers {
        self.rules.numbers()
    }

    /// Whose extension it is.
    pub(crate) fn by_extension(&self, extension: &str) -> Option<&Employee> {
        self.employees
            .iter()
            .find(|employee| employee.extension == extension)
    }

    /// The employee with this user id.
    pub(crate) fn by_user(&self, user: Uuid) -> Option<&Employee> {
        self.employees.iter().find(|employee| employee.user == user)
    }

    /// A line.
    pub(crate) fn line(&self, id: Uuid) -> Option<&KnownLine> {
        self.lines.iter().find(|line| line.id == id)
    }

    /// A group.
    pub(crate) fn group(&self, id: Uuid) -> Option<&Group> {
        self.groups.iter().find(|group| group.id == id)
    }

    /// The group that lets this user call abroad.
    pub(crate) fn group_for_abroad(&self, user: Uuid) -> Option<&Group> {
        self.groups
            .iter()
            .find(|group| group.international && group.members.contains(&user))
    }

    /// The rules of a line.
    pub(crate) fn rules_of<'a>(&'a self, line: Option<&'a KnownLine>) -> &'a Rules {
        line.and_then(|line| line.rules.as_ref())
            .unwrap_or(&self.rules)
    }
}
