//! What each check promises, in words for people who operate the system.
//!
//! Promises: a name is an identity that reports and documents keep; the order here is the order of
//! a report. Never: checks anything.

/// The words of one check.
#[derive(Debug)]
pub(super) struct Promise {
    pub(super) name: &'static str,
    /// What holds, without the number of the name.
    pub(super) words: &'static str,
    /// What one check looks at; several of them, where there can be several.
    pub(super) looked_at: &'static str,
}

const fn promise(name: &'static str, words: &'static str, looked_at: &'static str) -> Promise {
    Promise { name, words, looked_at }
}

/// Place and words of a check; one without words stands last under its name.
pub(super) fn of(name: &'static str) -> (usize, Promise) {
    match PROMISES.iter().position(|promise| promise.name == name) {
        Some(place) => (place, Promise { ..PROMISES[place] }),
        None => (PROMISES.len(), promise(name, name, "checks")),
    }
}

/// The number that a name begins with, such as `I10`.
pub(super) fn number(name: &str) -> Option<&str> {
    let (first, _) = name.split_once(' ')?;
    first.strip_prefix('I').is_some_and(|digits| digits.parse::<u8>().is_ok()).then_some(first)
}

/// All, by their numbers.
pub(super) const PROMISES: &[Promise] = &[
    promise(
        "I1 no seat twice",
        "no seat passes to another booking before it was given back",
        "seats granted again",
    ),
    promise(
        "I1 one living booking per seat",
        "a seat is in one living booking at most",
        "comparison of all bookings",
    ),
    promise("I1 one living ticket per seat", "a seat has one ticket at most", "comparison of all tickets"),
    promise(
        "I2 seats conserved",
        "each seat held or sold is of the plan and has one holder",
        "seats held or sold",
    ),
    promise("I3 rows are in order", "rows of seats are in order and within the plan", "rows of seats"),
    promise("I3 seat store = log", "the seats stored are those that the log says", "seats"),
    promise(
        "I3 stored sections = log",
        "the sections stored are those opened in the log, at its last price",
        "sections",
    ),
    promise("I3 stored versions = log", "each section has as many holds as the log says", "sections"),
    promise(
        "I3 checkpoints = log",
        "checkpoints hold what the changelog says",
        "comparison of all checkpoints",
    ),
    promise(
        "I4 bookings = seat store",
        "seats of living bookings are held by them in the seat store",
        "seats",
    ),
    promise("I4 tickets = seat store", "seats with tickets are held or sold in the seat store", "seats"),
    promise("I4 every open section has an event", "each open section belongs to an event", "sections"),
    promise("I4 what is on sale can be booked", "each section on sale is open", "sections on sale"),
    promise("I4 sales figures = tickets", "a seller's figures are the sums of the tickets", "sections"),
    promise("I4 sales by minute = log", "sales by minute are what was paid in it", "minutes"),
    promise(
        "I6 only what was given back is released",
        "only seats that were given back are released",
        "releases",
    ),
    promise("I6 only what was paid is sold", "only seats that were paid are sold", "sales"),
    promise("I6 bookings = log", "each booking is as far as the log says", "bookings"),
    promise("I6 tickets = log", "each ticket is as far as the log says", "tickets"),
    promise("I6 holds followed = log", "every hold was followed to its end", "holds"),
    promise("I7 paid or given back, never both", "a hold is paid or given back, never both", "holds paid"),
    promise("I8 the price in force", "each grant has the price in force at its place in the log", "grants"),
    promise("I8 bookings = grants", "each booking has the seats and the price of its grant", "bookings"),
    promise("I8 tickets = grants", "each ticket has the seat and the price of its grant", "tickets"),
    promise(
        "I8 the seat engine has the seller's price",
        "the seat engine sells at the seller's price",
        "sections on sale",
    ),
    promise(
        "I9 a charge pays its booking or goes back",
        "every charge pays its booking or is refunded",
        "bookings",
    ),
    promise("I9 a refund is of one charge", "every refund is of one charge", "refunds"),
    promise("I9 attempts = ledger", "every attempt to pay is as the provider says", "attempts"),
    promise("I9 money = paid bookings", "the money that was kept is what paid bookings cost", "bookings"),
    promise(
        "I9 no money without a booking",
        "no charge is without a booking",
        "bookings that are not stored",
    ),
    promise(
        "I9 no money without an attempt",
        "no charge is without an attempt to pay",
        "entries of the ledger",
    ),
    promise("I10 one answer per request", "each request for seats has one answer", "requests"),
    promise("I10 no answer without a request", "no answer is without a request", "answers"),
    promise(
        "I10 no reader ahead of the log",
        "nobody has read further than the log",
        "comparison of all readers",
    ),
    promise(
        "I10 records lie in the lane of their event",
        "records are in the topics of their event",
        "records",
    ),
    promise(
        "I10 sections share the partitions",
        "the sections of an event are spread over the partitions",
        "events",
    ),
    promise("I11 holds are numbered in order", "the holds of a section are numbered 1, 2, 3 …", "holds"),
    promise("I11 answers follow the requests' order", "answers come in the order of the requests", "answers"),
    promise(
        "I12 a repeated request has the first answer",
        "a repeated request has the first answer again",
        "requests",
    ),
    promise(
        "I12 answers are kept for repeated requests",
        "answers are kept while a request may be repeated",
        "bookings",
    ),
    promise(
        "I12 a key names what its request made",
        "each idempotency key names what its request made",
        "keys",
    ),
    promise("I12 keys are remembered", "idempotency keys are remembered for their time", "attempts"),
    promise("I14 no hold ends before its time", "no hold ended before its time", "expired bookings"),
    promise("I14 no payment begins after the deadline", "no payment began after the deadline", "attempts"),
    promise("I14 money that counts came in time", "money that pays a booking came in time", "charges"),
    promise("I15 no false refusal", "nobody was refused while there were seats to give", "requests"),
    promise("I15 a party sits side by side", "a party was split only where no row had room", "grants"),
    promise(
        "I15 half of a party sits side by side",
        "half a party was split only where no row had room",
        "grants",
    ),
    promise("I16 every request has its booking", "every request in the log has its booking", "bookings"),
    promise("I18 dead letters", "every record can be read", "look for dead letters"),
    promise(
        "a grant is of the plan and of the request",
        "each grant is of the plan and of its request",
        "grants",
    ),
];
