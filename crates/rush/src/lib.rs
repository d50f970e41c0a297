//! `ticketing rush`: an on-sale of many buyers against a running system, over HTTP only.
//!
//! Promises: accounts, streams and connections are open before the clock starts, that latencies
//! are measured from the buyer's side, and that the exit code is 0 only when no seat was sold
//! twice and nothing unexplained happened. Never looks inside the system it measures.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may stop at once"))]

mod args;
mod buyer;
mod client;
mod inbox;
mod interrupt;
mod intruder;
mod ledger;
mod listener;
mod market;
mod mix;
mod outline;
mod plan;
mod prepare;
mod progress;
mod report;
mod rng;
mod rush;
mod seller;
mod sse;
mod table;
mod tally;
mod verify;
mod viewer;
mod wire;

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context as _, bail};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

pub use args::{QuantityRange, RushArgs};
pub use mix::Mix;

use buyer::Line;
use client::{Connection, Target};
use interrupt::Interrupts;
use outline::{Counts, EventAnswer, Outline};
use progress::Phase;
use report::{Observed, Report};
use rush::{Buyer, Rush};
use seller::Seller;
use tally::Tally;
use verify::Verdict;

/// How often returned seats are looked for with `--until-sold`.
const LOOK_FOR_RETURNS: Duration = Duration::from_millis(250);
/// Viewers of a real mix.
const VIEWERS: usize = 3;

/// Runs a rush and prints its report; exit code 1 when it is not clean, 130 when Ctrl-C ended it.
///
/// # Errors
/// When the rush could not be carried out: no such event, nobody can sign in, system unreachable.
pub async fn run(args: RushArgs) -> anyhow::Result<ExitCode> {
    let interrupts = Interrupts::listen().context("cannot listen for Ctrl-C")?;
    let Prepared { rush, buyers, seller, before, mut streams, lines, prepare_seconds } = tokio::select! {
        prepared = Prepared::of(args) => prepared?,
        () = interrupts.times(1) => {
            eprintln!("interrupted before the rush began; there is nothing to show");
            return Ok(ExitCode::from(interrupt::EXIT_CODE));
        }
    };
    let cpu_before = cpu_seconds();
    let started_us = rush.now_us();
    let selling = surround(&rush, &mut streams, &buyers, seller.as_ref());
    let stop_early = async {
        interrupts.times(1).await;
        rush.stop();
        eprintln!("stopping: what was asked for is awaited; Ctrl-C again prints what is known now");
        interrupts.times(2).await;
    };
    let (cpu_after, verdict) = tokio::select! {
        settled = settle(&rush, &buyers, seller.as_ref(), before, selling, lines) => settled?,
        () = stop_early => (cpu_seconds(), verify::known(&buyers, before)),
    };
    streams.abort_all();
    while streams.join_next().await.is_some() {}
    let generator_cpu_seconds = cpu_before.zip(cpu_after).map(|(before, after)| after - before);
    let interrupted = interrupts.any();
    let times = Times { started_us, prepare_seconds, generator_cpu_seconds, interrupted };
    let report = sum_up(&rush, &buyers, &verdict, times);
    print(&rush, &report)?;
    Ok(match (report.is_clean(), interrupted) {
        (true, false) => ExitCode::SUCCESS,
        (true, true) => ExitCode::from(interrupt::EXIT_CODE),
        (false, _) => ExitCode::FAILURE,
    })
}

/// Everything that stands before the clock starts.
struct Prepared {
    rush: Arc<Rush>,
    buyers: Vec<Arc<Buyer>>,
    seller: Option<Arc<Seller>>,
    before: Counts,
    streams: JoinSet<()>,
    lines: Vec<Line>,
    prepare_seconds: f64,
}

impl Prepared {
    async fn of(args: RushArgs) -> anyhow::Result<Self> {
        let begun = Instant::now();
        let target = Arc::new(Target::parse(&args.url, args.patience())?);
        let seller = match (args.mix, &args.event) {
            (Mix::Real, None) => Some(Arc::new(seller::open(&target, &args, &Tally::default()).await?)),
            _ => None,
        };
        let wanted = seller.as_ref().map(|seller| seller.event.as_str()).or(args.event.as_deref());
        let event = prepare::event(&target, wanted, &Tally::default()).await?;
        let before = Counts::of(&event);
        let outline = Outline::new(event);
        let most = outline.max_seats_per_booking;
        if args.quantity.most > most {
            bail!("--quantity: the event allows at most {most} seats per booking");
        }
        eprintln!("{}", taken(&outline, before, wanted.is_some()));
        let buyers = prepare::buyers(&target, &args, &Arc::new(Tally::default())).await?;
        let prices = seller.as_ref().map(|seller| Arc::clone(&seller.prices));
        let rush = Arc::new(Rush::new(args, target, outline, prices, run_name()));
        let (streams, lines) = line_up(&rush, &buyers).await?;
        let prepare_seconds = begun.elapsed().as_secs_f64();
        Ok(Self { rush, buyers, seller, before, streams, lines, prepare_seconds })
    }
}

/// The rush, and what comes to rest after it; with the processor time at the end of the rush.
async fn settle(
    rush: &Arc<Rush>,
    buyers: &[Arc<Buyer>],
    seller: Option<&Arc<Seller>>,
    before: Counts,
    mut selling: JoinSet<()>,
    lines: Vec<Line>,
) -> anyhow::Result<(Option<f64>, Verdict)> {
    sell(rush, lines).await;
    rush.stop();
    while selling.join_next().await.is_some() {}
    let settled_by = Instant::now() + rush.args.settle();
    let cpu_after = cpu_seconds();
    if rush.args.mix == Mix::Real {
        verify::open_money(rush, buyers, settled_by).await;
    }
    let verdict = verify::verify(rush, buyers, before, settled_by).await?;
    if let Some(seller) = seller {
        seller::check_figures(rush, seller, &verdict.records, settled_by).await;
    }
    Ok((cpu_after, verdict))
}

/// The event that is bought, and whether this program chose it.
fn taken(outline: &Outline, before: Counts, wanted: bool) -> String {
    let choice = if wanted { "" } else { "no --event: taking the first on sale, " };
    let Outline { event_name, event_id, .. } = outline;
    format!("{choice}{event_name} ({event_id}), {} of {} seats free", before.available, outline.capacity())
}

/// Opens every buyer's stream and every line's connection.
async fn line_up(rush: &Arc<Rush>, buyers: &[Arc<Buyer>]) -> anyhow::Result<(JoinSet<()>, Vec<Line>)> {
    let phase = Phase::begin("streams", buyers.len() as u64);
    let mut streams = JoinSet::new();
    let mut lines = Vec::new();
    for buyer in buyers {
        let (ready, stands) = oneshot::channel();
        streams.spawn(listener::listen(Arc::clone(rush), Arc::clone(buyer), ready));
        if stands.await.is_err() {
            let why = rush.tally.errors().into_values().next().map(|met| met.example).unwrap_or_default();
            bail!("a buyer's live stream does not open: {why}");
        }
        for number in 0..rush.args.in_flight {
            let mut line = Line::new(Arc::clone(rush), Arc::clone(buyer), number);
            line.warm_up().await;
            lines.push(line);
        }
        phase.step();
    }
    phase.end(&format!("{} streams and {} connections open", buyers.len(), lines.len()));
    Ok((streams, lines))
}

/// Who is about while the buyers buy: viewers, a stranger, and a seller who changes prices. The
/// viewers stay as long as the streams.
fn surround(
    rush: &Arc<Rush>,
    streams: &mut JoinSet<()>,
    buyers: &[Arc<Buyer>],
    seller: Option<&Arc<Seller>>,
) -> JoinSet<()> {
    let mut selling = JoinSet::new();
    if rush.args.mix == Mix::Real {
        selling.spawn(intruder::intrude(Arc::clone(rush), buyers.to_vec(), seller.is_some()));
        for _ in 0..VIEWERS {
            streams.spawn(viewer::watch(Arc::clone(rush)));
        }
    }
    if let Some(seller) = seller {
        selling.spawn(seller::change_prices(Arc::clone(rush), Arc::clone(seller)));
    }
    selling
}

/// The measured part: all lines run until nothing is left, or time is up.
async fn sell(rush: &Arc<Rush>, lines: Vec<Line>) {
    let phase = Phase::begin("rush", u64::from(rush.outline.capacity()));
    let mut running = JoinSet::new();
    for line in lines {
        running.spawn(line.run());
    }
    let deadline = tokio::time::sleep(rush.args.longest());
    tokio::pin!(deadline);
    let mut look = tokio::time::interval(LOOK_FOR_RETURNS);
    let mut connection = Connection::new(Arc::clone(&rush.target), None);
    loop {
        tokio::select! {
            ended = running.join_next() => if ended.is_none() { break },
            () = &mut deadline, if !rush.is_stopped() => rush.stop(),
            _ = look.tick() => {
                show(rush, &phase);
                if rush.args.until_sold && !rush.is_stopped() {
                    look_for_returns(rush, &mut connection).await;
                }
            }
        }
    }
    let tally = &rush.tally;
    phase.end(&format!(
        "{} bookings accepted, {} seats paid",
        tally.accepted.load(Relaxed),
        tally.sold_seats.load(Relaxed)
    ));
}

fn show(rush: &Rush, phase: &Phase) {
    let tally = &rush.tally;
    let (accepted, sold) = (tally.accepted.load(Relaxed), tally.sold_seats.load(Relaxed));
    phase.show(tally.granted_seats.load(Relaxed), format!("seats, {sold} paid, {accepted} bookings"));
}

/// Stops the rush when everything is sold; opens again what has seats.
async fn look_for_returns(rush: &Rush, connection: &mut Connection) {
    let open = |event: &EventAnswer| rush.market.reopen(event);
    match prepare::read_event(connection, &rush.outline.event_id, &rush.tally).await {
        Ok(event) if Counts::of(&event).sold == u64::from(rush.outline.capacity()) => rush.stop(),
        Ok(event) if open(&event) => rush.seats_are_back(),
        Ok(_) => {}
        Err(error) => rush.tally.error(tally::Trouble::new("event-unreadable", format!("{error:#}"))),
    }
}

/// When the rush was, and what it cost this program.
struct Times {
    started_us: u64,
    prepare_seconds: f64,
    generator_cpu_seconds: Option<f64>,
    interrupted: bool,
}

fn sum_up(rush: &Rush, buyers: &[Arc<Buyer>], verdict: &Verdict, times: Times) -> Report {
    let tally = &rush.tally;
    let Times { started_us, prepare_seconds, generator_cpu_seconds, interrupted } = times;
    let observed = Observed {
        event_id: rush.outline.event_id.clone(),
        buyers: u32::try_from(buyers.len()).unwrap_or(u32::MAX),
        capacity: u64::from(rush.outline.capacity()),
        started_us,
        offered: tally.offered.load(Relaxed),
        late_payments: tally.late_payments.load(Relaxed),
        dropped_streams: tally.dropped_streams.load(Relaxed),
        errors: tally.errors().into_iter().map(|(kind, met)| (kind, met.times)).collect(),
        retried: tally.retried(),
        double_sold_received: verdict.double_sold_received,
        server_sold: verdict.server_sold,
        sold_out: verdict.counts.available == 0,
        interrupted,
        unchecked: verdict.unchecked,
        mix: (rush.args.mix == Mix::Real).then(|| tally.mix.report()),
        prepare_seconds,
        generator_cpu_seconds,
    };
    Report::of(&verdict.records, observed)
}

fn print(rush: &Rush, report: &Report) -> anyhow::Result<()> {
    use std::io::Write as _;
    let text = if rush.args.json {
        serde_json::to_string(report)?
    } else {
        table::table(report, &rush.tally.errors())
    };
    if rush.args.json {
        for (kind, met) in rush.tally.errors() {
            eprintln!("error {kind}: {} times, such as: {}", met.times, met.example);
        }
    }
    writeln!(std::io::stdout(), "{text}").context("cannot write the report")
}

/// A name that no other rush has had, for the Idempotency-Keys.
fn run_name() -> String {
    let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    format!("rush-{:x}-{:x}", since_epoch.as_micros(), std::process::id())
}

/// CPU time of this process so far, user and system; `None` where the kernel does not say.
fn cpu_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The second field may hold spaces; the fields after its bracket are plain.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<f64>().ok();
    // Linux shows these times to programs in hundredths of a second.
    Some((ticks()? + ticks()?) / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_that_nobody_named_is_said_to_be_chosen() {
        let (outline, before) = (outline::tests::small(), Counts { available: 30, reserved: 3, sold: 3 });
        assert_eq!(taken(&outline, before, true), "Small (evt_1), 30 of 36 seats free");
        let chosen = "no --event: taking the first on sale, Small (evt_1), 30 of 36 seats free";
        assert_eq!(taken(&outline, before, false), chosen);
    }
}
