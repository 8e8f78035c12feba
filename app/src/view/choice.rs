//! Names of results, reasons, statuses and stages: the house's own, else what the app knows the key as.

phrases! {
    /// A choice the app has words for.
    pub enum KnownChoice {
        /// A result of calls.
        Sale => choice.sale,
        /// A result of calls.
        Appointment => choice.appointment,
        /// A result of calls.
        Quote => choice.quote,
        /// A result of calls.
        Thinking => choice.thinking,
        /// A result of calls.
        Refusal => choice.refusal,
        /// A result of calls.
        WrongNumber => choice.wrong_number,
        /// A reason of calls.
        Order => choice.order,
        /// A reason of calls.
        Question => choice.question,
        /// A reason of calls.
        Complaint => choice.complaint,
        /// A reason of calls.
        Delivery => choice.delivery,
        /// A reason of calls.
        Other => choice.other,
        /// A status of clients, a state of orders.
        New => choice.new,
        /// A status of clients.
        Regular => choice.regular,
        /// A status of clients.
        KeyAccount => choice.key_account,
        /// A status of clients.
        Former => choice.former,
        /// A state of orders and invoices.
        Paid => choice.paid,
        /// A state of orders.
        Shipped => choice.shipped,
        /// A state of orders.
        Delivered => choice.delivered,
        /// A state of orders, a stage of deals.
        Cancelled => choice.cancelled,
        /// A stage of deals.
        InProgress => choice.in_progress,
        /// A stage of deals.
        Won => choice.won,
        /// A pipeline.
        Sales => choice.sales,
        /// Of tasks, requests, invoices.
        Open => choice.open,
        /// Of tasks.
        Done => choice.done,
        /// Of requests.
        Closed => choice.closed,
        /// Of entries of Unsorted.
        Accepted => choice.accepted,
        /// Of entries of Unsorted.
        Dismissed => choice.dismissed,
    }
}

impl KnownChoice {
    /// Of a key, if the app has words for it.
    pub fn of(key: &str) -> Option<Self> {
        let is_it = |choice: &&Self| {
            let name = choice.key().rsplit('.').next().unwrap_or_default();
            name.trim() == key
        };
        Self::ALL.iter().find(is_it).copied()
    }
}

/// The house's own name, else the app's word for the key, else the key.
#[cfg(target_arch = "wasm32")]
pub fn say(i18n: crate::i18n::I18n, name: &str, key: &str) -> String {
    match (name, KnownChoice::of(key)) {
        ("", Some(known)) => known.say(i18n).to_owned(),
        ("", None) => key.to_owned(),
        (name, _) => name.to_owned(),
    }
}

/// The name of a key in a list of choices.
#[cfg(target_arch = "wasm32")]
pub fn say_of(i18n: crate::i18n::I18n, choices: &[api_types::Choice], key: &str) -> String {
    let name = choices.iter().find(|choice| choice.key == key);
    say(i18n, name.map_or("", |choice| choice.name.as_str()), key)
}

#[cfg(test)]
mod tests {
    use api_types::WorkSettings;

    use super::*;

    #[test]
    fn every_choice_a_new_house_has_is_known() {
        let work = WorkSettings::default();
        let lists = [work.results, work.reasons, work.statuses, work.order_states];
        for choice in lists.iter().flatten() {
            assert!(KnownChoice::of(&choice.key).is_some(), "{}", choice.key);
        }
        for pipeline in &work.pipelines {
            assert!(KnownChoice::of(&pipeline.key).is_some());
            for stage in &pipeline.stages {
                assert!(KnownChoice::of(&stage.key).is_some(), "{}", stage.key);
            }
        }
        assert_eq!(KnownChoice::of("barista"), None);
    }
}
