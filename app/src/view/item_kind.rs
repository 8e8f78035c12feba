//! What an item is, in a word and a sign.

use api_types::ItemKind;

phrases! {
    /// The word.
    pub enum KindWords {
        /// Goes through a pipeline.
        Deal => client.deal,
        /// To be done.
        Task => client.task_new,
        /// With others.
        Meeting => item_kind.meeting,
        /// What was said.
        Interaction => client.interaction,
        /// Sold.
        Order => client.order_new,
        /// Of an order.
        Invoice => item_kind.invoice,
        /// Of an invoice.
        Payment => item_kind.payment,
        /// Asked for help.
        Request => client.request_new,
        /// Nobody has taken care of it.
        Unsorted => item_kind.unsorted,
        /// A text.
        Note => item_kind.note,
        /// Of the house's own tables.
        Own => item_kind.own,
    }
}

impl KindWords {
    /// Of a kind.
    pub fn of(kind: ItemKind) -> Self {
        match kind {
            ItemKind::Deal => Self::Deal,
            ItemKind::Task => Self::Task,
            ItemKind::Meeting => Self::Meeting,
            ItemKind::Interaction => Self::Interaction,
            ItemKind::Order => Self::Order,
            ItemKind::Invoice => Self::Invoice,
            ItemKind::Payment => Self::Payment,
            ItemKind::Request => Self::Request,
            ItemKind::Unsorted => Self::Unsorted,
            ItemKind::Note => Self::Note,
            ItemKind::Own => Self::Own,
        }
    }

    /// Name of its icon.
    pub fn icon(self) -> &'static str {
        match self {
            Self::Deal => "square-kanban",
            Self::Task | Self::Meeting => "square-check",
            Self::Interaction | Self::Note => "message-square",
            Self::Order | Self::Invoice | Self::Payment => "receipt",
            Self::Request => "life-buoy",
            Self::Unsorted => "bell",
            Self::Own => "list-checks",
        }
    }
}
