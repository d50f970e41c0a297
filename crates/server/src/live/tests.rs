//! A viewer that applies deltas sees what a fresh snapshot shows, whatever happens and however slow
//! it is.

use std::{collections::BTreeMap, sync::Arc};

use api::seats::Counts;
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use bytes::Bytes;
use futures::FutureExt as _;
use kernel::{
    BookingId, EventId, Money, Timestamp, UserId, limits,
    message::Hold,
    plan::{SectionOutline, SubsectionOutline},
    topic::Lane,
};
use proptest::prelude::*;
use seat_reservation::row::{Holder, SeatRow, Seats as SeatsRow, Section as SectionRow};
use serde_json::Value;
use stream::{
    Put, Row,
    port::{Changelog, ChangelogFeed},
};
use tokio::sync::mpsc;
use uuid::Uuid;

use super::{
    seat_maps::{SeatMaps, SeatStream, Seats},
    sse::Source as _,
};

const ROWS: u16 = 3;
const PER_ROW: u16 = 5;

pub(crate) fn event() -> EventId {
    EventId::new(Uuid::from_u128(1))
}

pub(crate) fn section(name: &str, price: i64) -> SeatRow {
    let subsections = [1, 2].map(|number| SubsectionOutline::new(number, ROWS, PER_ROW));
    let price = Money::new(price, "TWD".parse().unwrap());
    let outline = SectionOutline::new(name.parse().unwrap(), 0, price, subsections);
    SeatRow::Section(SectionRow { event_id: event(), lane: Lane::Shared, outline })
}

/// A row of seats: for each seat 0 free, 1 reserved, 2 sold.
fn seats(name: &str, subsection: u16, row: u16, states: &[u8]) -> SeatRow {
    let held = (1_u16..).zip(states).filter(|(_, state)| **state > 0);
    let holders = held.map(|(seat, &state)| Holder {
        hold: Hold { booking_id: BookingId::new(Uuid::from_u128(9)), number: seat.into() },
        buyer_id: UserId::new(Uuid::from_u128(8)),
        at: Timestamp::from_millis(0),
        sold: state == 2,
        seats: vec![seat],
    });
    let section = name.parse().unwrap();
    SeatRow::Seats(SeatsRow { event_id: event(), section, subsection, row, holders: holders.collect() })
}

/// A changelog whose commits a test makes.
struct Commits(std::sync::Mutex<Option<(Vec<Row>, Feed)>>);

struct Feed(mpsc::UnboundedReceiver<Vec<Put>>);

impl Changelog for Commits {
    type Feed = Feed;

    async fn follow(&self) -> Result<(Vec<Row>, Feed), kernel::Fault> {
        Ok(self.0.lock().unwrap().take().unwrap())
    }
}

impl ChangelogFeed for Feed {
    async fn next(&mut self) -> Result<Option<Vec<Put>>, kernel::Fault> {
        Ok(self.0.recv().await)
    }
}

pub(crate) struct Rig {
    pub(crate) maps: Arc<SeatMaps>,
    commits: mpsc::UnboundedSender<Vec<Put>>,
}

impl Rig {
    fn start(rows: &[SeatRow]) -> Self {
        let (commits, feed) = mpsc::unbounded_channel();
        let maps = Arc::new(SeatMaps::default());
        let rows = rows.iter().map(SeatRow::encode).collect();
        let changelog = Commits(Some((rows, Feed(feed))).into());
        tokio::spawn(Arc::clone(&maps).follow(changelog));
        tokio::spawn(Arc::clone(&maps).make_frames());
        Self { maps, commits }
    }

    pub(crate) async fn open(rows: &[SeatRow], sections: usize) -> Self {
        let rig = Self::start(rows);
        assert!(rig.maps.wait_until_open(event(), sections, std::time::Duration::from_secs(9)).await);
        rig
    }

    fn commit(&self, rows: &[SeatRow]) {
        let put = |row: &SeatRow| {
            let (key, value) = row.encode();
            Put { key, value: Some(value) }
        };
        self.commits.send(rows.iter().map(put).collect()).unwrap();
    }

    /// Waits until the map has these counts.
    async fn until(&self, expect: Counts) {
        while self.maps.total(event()) != Some(expect) {
            tokio::task::yield_now().await;
        }
    }

    fn watch(&self, last_seen: Option<&str>) -> Viewer {
        Viewer { stream: self.maps.watch(event(), last_seen).unwrap(), page: Page::default(), frames: 0 }
    }
}

/// What a page in a browser would know.
#[derive(Debug, Default, Clone, PartialEq)]
struct Page {
    seats: BTreeMap<String, String>,
    counts: BTreeMap<(String, u64), (u64, u64, u64)>,
    last_id: Option<String>,
    snapshots: usize,
}

struct Viewer {
    stream: SeatStream,
    page: Page,
    frames: usize,
}

impl Viewer {
    async fn read(&mut self) {
        let frame = self.stream.next().await.unwrap();
        self.frames += 1;
        self.page.take(&frame);
    }

    fn read_all_waiting(&mut self) {
        while let Some(frame) = self.stream.next().now_or_never() {
            self.frames += 1;
            self.page.take(&frame.unwrap());
        }
    }

    fn same_seats(&self, other: &Self) -> bool {
        (&self.page.seats, &self.page.counts) == (&other.page.seats, &other.page.counts)
    }
}

impl Page {
    fn take(&mut self, frame: &Bytes) {
        let text = std::str::from_utf8(frame).unwrap();
        assert!(text.ends_with("\n\n"), "{text}");
        for block in text.split("\n\n").filter(|block| !block.is_empty()) {
            let field =
                |name: &str| block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
            let data: Value = serde_json::from_str(field("data").unwrap()).unwrap();
            match field("event").unwrap() {
                "snapshot" => self.take_snapshot(&data),
                "subsection" => {
                    self.counts.insert(subsection(&data), counts(&data));
                }
                "seats" => {
                    for change in data["changes"].as_array().unwrap() {
                        self.seats.insert(text_of(&change["id"]), text_of(&change["status"]));
                    }
                }
                other => panic!("unknown event {other}"),
            }
            if let Some(id) = field("id") {
                self.last_id = Some(id.to_owned());
            }
        }
    }

    fn take_snapshot(&mut self, data: &Value) {
        self.snapshots += 1;
        self.seats.clear();
        self.counts.clear();
        for section in data["sections"].as_array().unwrap() {
            for sub in section["subsections"].as_array().unwrap() {
                let (name, number) = (text_of(&section["name"]), sub["number"].as_u64().unwrap());
                self.counts.insert((name.clone(), number), counts(sub));
                let states = sub["states"].as_str().map(|packed| BASE64.decode(packed).unwrap());
                for n in 0..usize::from(ROWS * PER_ROW) {
                    let bits = states.as_ref().map_or(0, |bytes| bytes[n / 4] >> (n % 4 * 2) & 3);
                    let status = ["available", "reserved", "sold"][usize::from(bits)];
                    let (row, seat) = (n / usize::from(PER_ROW) + 1, n % usize::from(PER_ROW) + 1);
                    self.seats.insert(format!("{name}-{number}-{row}-{seat}"), status.to_owned());
                }
            }
        }
    }
}

fn text_of(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn subsection(data: &Value) -> (String, u64) {
    (text_of(&data["section"]), data["subsection"].as_u64().unwrap())
}

fn counts(data: &Value) -> (u64, u64, u64) {
    let count = |name: &str| data[name].as_u64().unwrap();
    (count("available"), count("reserved"), count("sold"))
}

#[tokio::test(start_paused = true)]
async fn a_viewer_hears_of_each_seat_and_of_new_sections() {
    let rig = Rig::open(&[section("A", 100), seats("A", 1, 1, &[0, 2, 0, 0, 0])], 1).await;
    let mut viewer = rig.watch(None);
    viewer.read().await;
    assert_eq!(viewer.page.seats["A-1-1-2"], "sold");
    assert_eq!(viewer.page.counts[&("A".to_owned(), 1)], (14, 0, 1));
    rig.commit(&[seats("A", 1, 1, &[1, 2, 0, 0, 0])]);
    viewer.read().await;
    assert_eq!(viewer.page.seats["A-1-1-1"], "reserved");
    assert_eq!(viewer.page.counts[&("A".to_owned(), 1)], (13, 1, 1));
    rig.commit(&[section("B", 50)]);
    viewer.read().await;
    assert_eq!(viewer.page.seats["B-2-3-5"], "available");
    assert_eq!(viewer.page.snapshots, 2);
}

#[tokio::test(start_paused = true)]
async fn who_comes_back_gets_what_was_missed_and_who_was_away_long_a_snapshot() {
    let rig = Rig::open(&[section("A", 100)], 1).await;
    let mut stays = rig.watch(None);
    let mut leaves = rig.watch(None);
    stays.read().await;
    leaves.read().await;
    let id = leaves.page.last_id.clone();
    rig.commit(&[seats("A", 2, 2, &[1, 1, 0, 0, 0])]);
    stays.read().await;
    let mut back = rig.watch(id.as_deref());
    back.page = leaves.page.clone();
    back.read().await;
    assert_eq!(back.page.snapshots, 1, "what was missed is kept, no second snapshot");
    assert!(back.same_seats(&stays));
    for id in ["", "rubbish", "ffffffff.1", "00000000.0"] {
        let mut stranger = rig.watch(Some(id));
        stranger.read().await;
        assert_eq!(stranger.page.snapshots, 1, "{id}");
        assert!(stranger.same_seats(&stays));
    }
}

/// Where the stream of the event stands; at `0.0` there is none.
fn position(rig: &Rig) -> String {
    match rig.maps.seats(event(), &"A".parse().unwrap(), 1, false) {
        Some(Seats::Json(seats)) => seats.position,
        _ => panic!("no subsection"),
    }
}

#[tokio::test(start_paused = true)]
async fn the_stream_of_a_quiet_event_is_forgotten_after_a_while() {
    let rig = Rig::open(&[section("A", 100)], 1).await;
    let viewer = rig.watch(None);
    tokio::time::sleep(3 * limits::FRAMES_KEPT_FOR).await;
    assert_ne!(position(&rig), "0.0", "somebody watches");
    drop(viewer);
    tokio::time::sleep(3 * limits::FRAMES_KEPT_FOR).await;
    assert_eq!(position(&rig), "0.0", "nobody has watched for minutes");
}

#[tokio::test(start_paused = true)]
async fn at_most_ten_frames_a_second_however_many_commits() {
    let rig = Rig::open(&[section("A", 100)], 1).await;
    let mut viewer = rig.watch(None);
    viewer.read().await;
    let begun = tokio::time::Instant::now();
    for n in 0..500_u16 {
        let state = u8::from(n % 2 == 0);
        rig.commit(&[seats("A", 1, n % ROWS + 1, &[state, 1 - state, 0, 0, 0])]);
        tokio::time::sleep(std::time::Duration::from_millis(4)).await;
        viewer.read_all_waiting();
    }
    let seconds = begun.elapsed().as_secs_f64();
    assert!(viewer.frames > 10, "{} frames", viewer.frames);
    #[expect(clippy::cast_precision_loss, reason = "a few frames")]
    let per_second = viewer.frames as f64 / seconds;
    assert!(per_second <= 11.0, "{per_second} frames a second");
}

#[tokio::test(start_paused = true)]
async fn a_slow_viewer_skips_to_a_snapshot() {
    let rig = Rig::open(&[section("A", 100)], 1).await;
    let mut slow = rig.watch(None);
    let mut quick = rig.watch(None);
    slow.read().await;
    quick.read().await;
    for n in 0..100_u16 {
        let state = u8::from(n % 2 == 0);
        rig.commit(&[seats("A", 1, n % ROWS + 1, &[state, 0, 0, 0, 1])]);
        quick.read().await;
    }
    slow.read_all_waiting();
    assert!(slow.frames < 60, "{} frames were kept for it", slow.frames);
    assert_eq!(slow.page.snapshots, 2);
    assert!(slow.same_seats(&quick));
}

#[tokio::test]
async fn both_forms_of_a_subsection_say_the_same() {
    let rig = Rig::open(&[section("A", 100), seats("A", 2, 3, &[0, 1, 2, 0, 0])], 1).await;
    let name = "A".parse().unwrap();
    let Some(Seats::Json(all)) = rig.maps.seats(event(), &name, 2, false) else { panic!("no subsection") };
    let all = serde_json::to_value(all).unwrap();
    let Some(Seats::Compact(bytes)) = rig.maps.seats(event(), &name, 2, true) else {
        panic!("no subsection")
    };
    assert_eq!(bytes[..16], [0, 3, 0, 5, 0, 0, 0, 13, 0, 0, 0, 1, 0, 0, 0, 1]);
    for (n, seat) in all["seats"].as_array().unwrap().iter().enumerate() {
        let status = ["available", "reserved", "sold"][usize::from(bytes[16 + n / 4] >> (n % 4 * 2) & 3)];
        assert_eq!(seat["status"], status, "{seat}");
    }
    assert_eq!(all["seats"][11]["id"], "A-2-3-2");
    assert!(rig.maps.seats(event(), &name, 3, false).is_none());
    assert!(rig.maps.seats(event(), &"B".parse().unwrap(), 1, false).is_none());
}

/// One step of a story: a commit of a row, or a viewer that leaves and comes back.
#[derive(Debug, Clone)]
enum Step {
    Commit { section: bool, subsection: u16, row: u16, states: Vec<u8> },
    ComeBack,
    Read,
    Pause(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let states = prop::collection::vec(0..3_u8, usize::from(PER_ROW));
    prop_oneof![
        6 => (any::<bool>(), 1..3_u16, 1..=ROWS, states)
            .prop_map(|(section, subsection, row, states)| Step::Commit { section, subsection, row, states }),
        1 => Just(Step::ComeBack),
        2 => Just(Step::Read),
        2 => (0..300_u64).prop_map(Step::Pause),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn deltas_give_what_a_snapshot_shows(steps in prop::collection::vec(step(), 1..80)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let rig = Rig::open(&[section("A", 100), section("B", 50)], 2).await;
            let mut viewer = rig.watch(None);
            let mut truth: BTreeMap<(bool, u16, u16), Vec<u8>> = BTreeMap::new();
            for step in steps {
                match step {
                    Step::Commit { section, subsection, row, states } => {
                        rig.commit(&[seats(if section { "A" } else { "B" }, subsection, row, &states)]);
                        truth.insert((section, subsection, row), states);
                    }
                    Step::ComeBack => {
                        let page = viewer.page.clone();
                        viewer = rig.watch(page.last_id.as_deref());
                        viewer.page = page;
                    }
                    Step::Read => viewer.read_all_waiting(),
                    Step::Pause(ms) => tokio::time::sleep(std::time::Duration::from_millis(ms)).await,
                }
            }
            let count = |wanted: u8| {
                let all = truth.values().flatten().filter(|&&state| state == wanted).count();
                u32::try_from(all).unwrap()
            };
            let (reserved, sold) = (count(1), count(2));
            let all = u32::from(4 * ROWS * PER_ROW);
            rig.until(Counts { available: all - reserved - sold, reserved, sold }).await;
            tokio::time::sleep(std::time::Duration::from_secs(3)).await;
            viewer.read_all_waiting();
            let mut fresh = rig.watch(None);
            fresh.read_all_waiting();
            assert_eq!(viewer.page.seats, fresh.page.seats);
            assert_eq!(viewer.page.counts, fresh.page.counts);
            for ((section, subsection, row), states) in truth {
                for (seat, state) in (1..).zip(states) {
                    let id = format!("{}-{subsection}-{row}-{seat}", if section { "A" } else { "B" });
                    assert_eq!(viewer.page.seats[&id], ["available", "reserved", "sold"][usize::from(state)], "{id}");
                }
            }
        });
    }
}
