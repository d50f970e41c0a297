//! "A 2xx answer is given only after what it says is synced to disk": watched from below, at the
//! calls of the C library.
//!
//! A library between the program and the C library (`synced.c`) writes down every write to the data
//! folder, every sync that has returned and every answer, in one order. Each story then looks for
//! the write of what was acknowledged, a sync of that file behind it, and the answer behind the
//! sync. A power cut cannot be made here; this is what decides whether it would cost anything.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;
use tempfile::TempDir;
use tests::api::Api;
use tests::program::Start;
use tests::shop::{self, Plan};

/// What the library saw, in its order.
enum Seen {
    Write { file: String, bytes: Vec<u8> },
    Sync { file: String },
    Answer { bytes: Vec<u8> },
}

fn compile(folder: &Path) -> PathBuf {
    let library = folder.join("synced.so");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults/synced.c");
    let compiled =
        Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(source).status();
    assert!(compiled.unwrap().success(), "the C compiler that links Rust programs compiles this too");
    library
}

fn read(log: &Path) -> Vec<Seen> {
    let bytes = fs::read(log).unwrap();
    let (mut rest, mut seen) = (&bytes[..], Vec::new());
    while let Some((kind, tail)) = rest.split_first() {
        let length = |at: usize| u32::from_ne_bytes(tail[at..at + 4].try_into().unwrap()) as usize;
        let (path, data) = (length(0), length(4));
        let (path, tail) = tail[8..].split_at(path);
        let (data, tail) = tail.split_at(data);
        let file = || Path::new(std::str::from_utf8(path).unwrap()).file_name().unwrap();
        let file = || file().to_string_lossy().into_owned();
        seen.push(match kind {
            b'w' => Seen::Write { file: file(), bytes: data.to_vec() },
            b's' => Seen::Sync { file: file() },
            _ => Seen::Answer { bytes: data.to_vec() },
        });
        rest = tail;
    }
    seen
}

fn holds(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|window| window == what)
}

/// The log of RocksDB.
const LOG: &str = ".log";

/// Which write before the answer is the one that it says.
enum Of {
    /// The row was made. SQLite writes its page again for every row beside it.
    First,
    /// What was there changed. RocksDB appends a request, then its decision. SQLite writes the page
    /// of the row with each change, and no other row changes between that and the answer.
    Last,
}

/// Checks one acknowledgement: `stored` was written to a file whose name ends so, that file was
/// synced, and only then the first 2xx answer was sent that holds every one of `said`.
fn acknowledged_after_its_sync(seen: &[Seen], ends: &str, stored: &[u8], of: Of, said: &[&str]) {
    let answered = seen.iter().position(|event| {
        matches!(event, Seen::Answer { bytes } if bytes.starts_with(b"HTTP/1.1 2")
            && said.iter().all(|said| holds(bytes, said.as_bytes())))
    });
    let answered = answered.unwrap_or_else(|| panic!("{said:?} was never answered"));
    let mut writes = seen[..answered].iter().enumerate().filter_map(|(at, event)| match event {
        Seen::Write { file, bytes } if file.ends_with(ends) && holds(bytes, stored) => Some((at, file)),
        _ => None,
    });
    let written = match of {
        Of::First => writes.next(),
        Of::Last => writes.next_back(),
    };
    let (written, name) =
        written.unwrap_or_else(|| panic!("{said:?} was answered before it was written to a file …{ends}"));
    let synced =
        seen[written..answered].iter().any(|event| matches!(event, Seen::Sync { file } if file == name));
    assert!(
        synced,
        "{said:?} was answered before {name} was synced: a power cut would lose what was acknowledged"
    );
}

/// The sync of a request is none of its decision.
#[test]
#[should_panic(expected = "was answered before 1.log was synced")]
fn a_decision_that_is_not_synced_is_seen() {
    let write = |bytes: &str| Seen::Write { file: "1.log".to_owned(), bytes: bytes.into() };
    let answer = Seen::Answer { bytes: "HTTP/1.1 200 id pending_payment".into() };
    let seen = [write("id asks"), Seen::Sync { file: "1.log".to_owned() }, write("id gets"), answer];
    acknowledged_after_its_sync(&seen, LOG, b"id", Of::Last, &["id", "pending_payment"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_comes_before_the_sync_of_what_it_says() {
    let folder = TempDir::new().unwrap();
    let (data, log) = (folder.path().join("data"), folder.path().join("seen"));
    let library = compile(folder.path());
    let program = Start::on(&data)
        .set("LD_PRELOAD", library.to_str().unwrap())
        .set("SYNCED_UNDER", data.to_str().unwrap())
        .set("SYNCED_LOG", log.to_str().unwrap());
    let program = program.start().await.unwrap();
    let api = Api::new(program.address());
    let shop = shop::open(&api, Plan { sections: 2, rows: 10, seats_per_row: 10 }, 1).await;
    let buyer = &shop.buyers[0];
    let mut bookings = Vec::new();
    for n in 0..5 {
        let body = json!({"event_id": shop.event, "section": "A", "mode": "best_available", "quantity": 2});
        let booked = shop::book(&api, buyer, &format!("key-{n}"), &body).await.unwrap();
        let id = booked.expect(200)["id"].as_str().unwrap().to_owned();
        let held = api.get(&format!("/v1/bookings/{id}?wait=20")).token(Some(buyer)).send().await.expect(200);
        assert_eq!(held["status"], "pending_payment", "{held}");
        let pay = api.post(&format!("/v1/bookings/{id}/pay"), &json!({"payment_method": "sandbox_success"}));
        let paid = pay.token(Some(buyer)).header("idempotency-key", &format!("pay-{n}")).send().await;
        assert_eq!(paid.expect(200)["status"], "paid");
        bookings.push(id);
    }
    assert_eq!(program.terminate().await.code(), Some(0));

    let seen = read(&log);
    let made = |file, row: &str| acknowledged_after_its_sync(&seen, file, row.as_bytes(), Of::First, &[row]);
    made("accounts.sqlite-wal", "buyer1@example.org");
    made("event_ticketing.sqlite-wal", &shop.event);
    for id in &bookings {
        // Records of the log carry the 16 bytes that the text after `_` spells.
        let of_the_log = u128::from_str_radix(id.split_once('_').unwrap().1, 16).unwrap().to_be_bytes();
        made("booking.sqlite-wal", id);
        acknowledged_after_its_sync(&seen, LOG, &of_the_log, Of::Last, &[id, "pending_payment"]);
        let paid = |file, of| acknowledged_after_its_sync(&seen, file, id.as_bytes(), of, &[id, "\"paid\""]);
        paid("payment_sandbox.sqlite-wal", Of::First);
        paid("booking.sqlite-wal", Of::Last);
    }
}
