//! The rounds: which fault comes when, and how long it takes until every stream continues; then the
//! last look at everything.

use std::{
    collections::BTreeMap,
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use adapters::log::{
    Log as _,
    kafka::{Inspection, KafkaLog},
};
use anyhow::{Context as _, ensure};
use rig::{Kafka, KafkaOptions};
use rustix::process::Signal;
use tokio::time::{sleep, timeout};

use crate::{
    config,
    counter::{Count, Stream},
    load::{Load, own_lane},
    member::Member,
    watch::Watch,
};

/// The longest wait until all streams continue after a fault. What takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(90);
/// Beyond the session time-out of 3 s, so that the frozen member is replaced.
const FROZEN: Duration = Duration::from_secs(5);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub(crate) enum Disturbance {
    KilledMember,
    FrozenMember,
    StoppedMember,
    KilledBroker,
}

impl Disturbance {
    /// Of ten rounds, five kill a member, three freeze one, one stops one in order and one kills
    /// the broker.
    const fn of_round(round: u32) -> Self {
        match round % 10 {
            1 | 4 | 7 => Self::FrozenMember,
            5 => Self::StoppedMember,
            9 => Self::KilledBroker,
            _ => Self::KilledMember,
        }
    }
}

impl fmt::Display for Disturbance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::KilledMember => "member killed (SIGKILL)",
            Self::FrozenMember => "member frozen (SIGSTOP, SIGCONT)",
            Self::StoppedMember => "member stopped (SIGTERM)",
            Self::KilledBroker => "broker killed (SIGKILL)",
        })
    }
}

struct Gate {
    kafka: Kafka,
    members: [Member; 2],
    load: Arc<Load>,
    watch: Arc<Watch>,
    rng: u64,
    /// From each fault until every stream was answered beyond it.
    recovered: BTreeMap<Disturbance, Vec<Duration>>,
}

/// Disturbs in so many rounds: as [`Disturbance::of_round`] has it, or always in the same way.
pub(crate) async fn run(rounds: u32, seed: u64, only: Option<Disturbance>) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let options = KafkaOptions { data: Some(folder.path().join("kafka")), ..KafkaOptions::default() };
    let kafka = Kafka::start(&options).await?;
    let log = KafkaLog::open(config(&kafka.address())).await?;
    let (load, watch) = (Load::new(log.clone()), Arc::new(Watch::default()));
    let watching = tokio::spawn(Arc::clone(&watch).run(log.clone()));
    let loading = tokio::spawn(Arc::clone(&load).run());
    let member = |name: &str| Member::start(&kafka.address(), folder.path().join(name));
    let members = [member("a")?, member("b")?];
    let mut gate = Gate {
        members,
        kafka,
        load,
        watch,
        rng: seed.wrapping_mul(2).wrapping_add(1),
        recovered: BTreeMap::new(),
    };

    let begun = Instant::now();
    gate.all_go_on().await.context("before the first fault")?;
    for round in 0..rounds {
        let disturbance = only.unwrap_or_else(|| Disturbance::of_round(round));
        if let Err(error) = gate.round(round, disturbance).await {
            let kept = folder.keep();
            let context =
                format!("in round {}; broker, members and their words: {}", round + 1, kept.display());
            return Err(error.context(context));
        }
    }
    gate.load.stop();
    loading.await?;
    gate.all_reach(gate.load.sent()).await.context("after the last fault")?;
    for member in &mut gate.members {
        member.stop().await?;
    }
    log.shutdown().await;
    watching.await?;
    gate.report(rounds, begun.elapsed());
    gate.check().await
}

impl Gate {
    async fn round(&mut self, round: u32, disturbance: Disturbance) -> anyhow::Result<()> {
        if round % 7 == 3 {
            self.load.add_lane(own_lane(2 + u128::from(round / 7 % 4)));
        }
        sleep(Duration::from_millis(self.next_chance() % 700)).await;
        let victim = usize::try_from(self.next_chance() % 2)?;
        let member = &mut self.members[victim];
        let begun = Instant::now();
        match disturbance {
            Disturbance::KilledMember => member.kill().await?,
            Disturbance::FrozenMember => member.signal(Signal::STOP)?,
            Disturbance::StoppedMember => member.stop().await?,
            Disturbance::KilledBroker => {
                self.kafka.kill();
                self.kafka.start_again().await?;
            }
        }
        self.all_go_on().await.with_context(|| disturbance.to_string())?;
        let took = begun.elapsed();
        self.recovered.entry(disturbance).or_default().push(took);
        println!("round {:>3}: {disturbance}: all went on after {:.1} s", round + 1, took.as_secs_f64());
        let member = &mut self.members[victim];
        match disturbance {
            Disturbance::KilledMember | Disturbance::StoppedMember => member.start_again()?,
            Disturbance::FrozenMember => {
                sleep(FROZEN.saturating_sub(took)).await;
                member.signal(Signal::CONT)?;
            }
            Disturbance::KilledBroker => {}
        }
        // The returned member gets its share back under load.
        self.all_go_on().await.context("after the return")?;
        self.members.iter_mut().try_for_each(Member::must_run)
    }

    /// Waits until every stream was answered beyond now.
    async fn all_go_on(&self) -> anyhow::Result<()> {
        // The next number may be on its way; the one behind it is sent after now.
        self.all_reach(self.load.sent().into_iter().map(|(stream, number)| (stream, number + 2)).collect())
            .await
    }

    /// Waits until every stream was answered up to its number.
    async fn all_reach(&self, numbers: BTreeMap<Stream, u64>) -> anyhow::Result<()> {
        if timeout(PATIENCE, self.watch.reached(&numbers)).await.is_err() {
            let last = |stream: &Stream| {
                self.watch.with(|seen| seen.counts.get(stream).map_or(0, |count| count.last))
            };
            let behind: Vec<_> = numbers
                .iter()
                .filter(|(stream, number)| last(stream) < **number)
                .map(|(stream, number)| format!("{stream}: {} of {number}", last(stream)))
                .collect();
            anyhow::bail!("{} streams do not go on: {}", behind.len(), behind.join(", "));
        }
        Ok(())
    }

    fn next_chance(&mut self) -> u64 {
        self.rng = self.rng.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.rng >> 33
    }

    fn report(&self, rounds: u32, took: Duration) {
        let inputs: u64 = self.load.sent().values().sum();
        println!("\n{rounds} rounds in {:.0} s", took.as_secs_f64());
        println!("{:<34} {:>6} {:>9} {:>9}", "fault", "times", "median s", "longest s");
        for (disturbance, times) in &self.recovered {
            let mut times: Vec<_> = times.iter().map(Duration::as_secs_f64).collect();
            times.sort_by(f64::total_cmp);
            let (median, longest) = (times[times.len() / 2], times[times.len() - 1]);
            println!("{disturbance:<34} {:>6} {median:>9.1} {longest:>9.1}", times.len());
        }
        self.watch.with(|seen| {
            println!(
                "{} streams, {inputs} inputs ({} sent again), {} answers: {} twice, {} out of order, {} wrong",
                self.load.sent().len(),
                self.load.repeated(),
                seen.answers,
                seen.twice,
                seen.early,
                seen.wrong
            );
        });
    }

    /// Everything as the broker and the members' disks have it, against what was sent.
    async fn check(&self) -> anyhow::Result<()> {
        let sent = self.load.sent();
        let expected: BTreeMap<Stream, Count> = sent
            .iter()
            .map(|(&stream, &number)| (stream, (0..number).fold(Count::default(), |count, _| count.next())))
            .collect();
        self.watch.with(|seen| {
            ensure!(seen.twice + seen.early + seen.wrong == 0, "answers came twice, out of order or wrong");
            ensure!(seen.answers == sent.values().sum::<u64>(), "there are {} answers", seen.answers);
            ensure!(seen.counts == expected, "the answers do not add up");
            Ok(())
        })?;
        let inspection = Inspection::open(&config(&self.kafka.address())).await?;
        let mut state = BTreeMap::new();
        inspection
            .state(|row| {
                state.insert((row.partition, row.key.clone()), row.value.clone());
            })
            .await?;
        let rows = expected
            .iter()
            .map(|(stream, count)| ((stream.partition, stream.to_string().into()), count.encode()));
        ensure!(state == rows.collect(), "the changelog does not say what was counted");
        let letters = inspection.dead_letters().await?;
        ensure!(letters.is_empty(), "gaps in the inputs: {letters:?}");
        for member in &self.members {
            let unlike = inspection.unlike_changelog(member.folder()).await?;
            ensure!(unlike.is_empty(), "a checkpoint differs from the changelog: {unlike:?}");
        }
        println!("0 lost, 0 twice, order kept; both members' state equals the changelog, byte for byte");
        Ok(())
    }
}
