//! Apache Kafka: a broker, and the controller that it reports to (KRaft), run by Java from the
//! packages that `scripts/setup-cluster` fetched.
//!
//! Where those are: `TICKETING_KAFKA_LIBS`, or `~/.cache/ticketing/kafka/libs`.
//!
//! Promises: the controller outlives the broker, and a broker comes back only when the controller
//! knows that it was gone. A node that is both, or comes back sooner, leads its partitions as if
//! nothing had been, loses them and leads them again within a second; Kafka 4.4.0 then leaves
//! transactions open for ever (KAFKA-20734) and loads its groups twice at once. In a real cluster
//! other brokers lead meanwhile.

use std::{
    fmt::Write as _,
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, bail, ensure};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rustix::process::Signal;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    process::Command,
    time::{sleep, timeout},
    try_join,
};
use uuid::Uuid;

use crate::{
    Folder, free_port,
    process::{Launch, Process, signals},
};

/// The settings of both beyond their addresses: single node, short timeouts, little memory.
const SETTINGS: &str = "\
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=5
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=5
share.coordinator.state.topic.replication.factor=1
group.initial.rebalance.delay.ms=0
group.consumer.min.session.timeout.ms=3000
group.consumer.session.timeout.ms=5000
group.consumer.min.heartbeat.interval.ms=500
group.consumer.heartbeat.interval.ms=1000
group.consumer.assignment.interval.ms=100
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
log.cleaner.dedupe.buffer.size=33554432
log.index.size.max.bytes=1048576
";

const BROKER: u32 = 1;
const CONTROLLER: u32 = 2;
/// Memory of the controller in MiB.
const CONTROLLER_HEAP_MB: u32 = 192;

/// Log4j prints only errors by default. The controller also logs which brokers are registered and
/// fenced.
const LOGGING: &str = "\
rootLogger.level=${sys:level}
logger.registrations.name=org.apache.kafka.controller.ClusterControlManager
logger.registrations.level=info
rootLogger.appenderRef.out.ref=out
appender.out.type=Console
appender.out.name=out
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=%d{ISO8601} %-5p %c{1}: %m%n
";

const KAFKA_LOG: &str = "kafka.log";
const CONTROLLER_LOG: &str = "controller.log";

/// The pause between two reads of the controller's log, and how long it may take to notice a death:
/// its session timeout and a moment.
const LOOK: Duration = Duration::from_millis(50);
const NOTICED: Duration = Duration::from_secs(20);

/// An answer must come within this time; a frozen broker still takes connections.
const ANSWER: Duration = Duration::from_secs(2);

/// How a broker is started.
#[derive(Clone, Debug)]
pub struct KafkaOptions {
    /// Kept when it ends; without one, the data goes with it.
    pub data: Option<PathBuf>,
    /// Where it listens; without one, on a free port.
    pub port: Option<u16>,
    /// Where its controller listens; without one, on a free port.
    pub controller_port: Option<u16>,
    /// Memory of the broker in MiB.
    pub heap_mb: u32,
    /// Settings of the broker beyond ours; they win.
    pub properties: Vec<(String, String)>,
}

impl Default for KafkaOptions {
    fn default() -> Self {
        Self { data: None, port: None, controller_port: None, heap_mb: 512, properties: Vec::new() }
    }
}

/// A broker with its controller. What is killed, frozen and stopped is the broker.
#[derive(Debug)]
pub struct Kafka {
    process: Process,
    controller: Process,
    port: u16,
    folder: Folder,
}

signals!(Kafka);

impl Kafka {
    /// Starts both and waits until the broker answers clients.
    ///
    /// # Errors
    /// When the packages are missing, one does not start, or the data was made by a version that
    /// had no controller of its own.
    pub async fn start(options: &KafkaOptions) -> anyhow::Result<Self> {
        let folder = Folder::new(options.data.as_deref())?;
        let port = options.port.map_or_else(free_port, Ok)?;
        let controller_port = options.controller_port.map_or_else(free_port, Ok)?;
        let (broker, controller) = (
            Node { id: BROKER, role: "broker", listener: "PLAINTEXT", port, data: "data" },
            Node {
                id: CONTROLLER,
                role: "controller",
                listener: "CONTROLLER",
                port: controller_port,
                data: "controller",
            },
        );
        let classes = classes()?;
        let path = folder.path();
        fs::write(path.join("log4j2.properties"), LOGGING)?;
        let formatted =
            [&broker, &controller].map(|node| path.join(node.data).join("meta.properties").exists());
        ensure!(
            formatted[0] == formatted[1],
            "{} has no controller's data: begin anew, such as by make cluster FRESH=1",
            path.display()
        );
        for node in [&broker, &controller] {
            fs::write(node.properties(path), node.settings(options, path, controller_port)?)?;
        }
        if !formatted[0] {
            let id = URL_SAFE_NO_PAD.encode(Uuid::new_v4().as_bytes());
            let properties = [&broker, &controller].map(|node| node.properties(path));
            try_join!(format(&classes, &id, &properties[0]), format(&classes, &id, &properties[1]))?;
        }
        let kafka = Self {
            process: broker.process(path, &classes, options.heap_mb, "info", KAFKA_LOG),
            controller: controller.process(path, &classes, CONTROLLER_HEAP_MB, "warn", CONTROLLER_LOG),
            port,
            folder,
        };
        let address = SocketAddr::from(([127, 0, 0, 1], controller_port));
        kafka.controller.start(async || answers(address).await).await?;
        kafka.start_again().await?;
        Ok(kafka)
    }

    /// Where clients reach it, such as `127.0.0.1:23001`.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Where the data of both are, and their logs `kafka.log` and `controller.log`.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Asks both to end and waits for that.
    ///
    /// # Errors
    /// When one had to be killed.
    pub async fn stop(&self) -> anyhow::Result<()> {
        let stopped = self.process.stop(Signal::TERM).await;
        self.controller.stop(Signal::TERM).await?;
        stopped
    }

    /// Starts the broker after a stop or a kill, on the same data and port, and waits until it
    /// answers clients.
    ///
    /// # Errors
    /// When it runs or does not start.
    pub async fn start_again(&self) -> anyhow::Result<()> {
        let gone = async {
            while !self.is_gone()? {
                sleep(LOOK).await;
            }
            anyhow::Ok(())
        };
        timeout(NOTICED, gone).await.context("the controller does not notice that the broker is gone")??;
        let address = SocketAddr::from(([127, 0, 0, 1], self.port));
        self.process.start(async || answers(address).await).await
    }

    /// Whether the controller knows that there is no broker: it says of each change that it fenced
    /// one (1) or lets one in (-1).
    fn is_gone(&self) -> anyhow::Result<bool> {
        let said = fs::read_to_string(self.folder.path().join(CONTROLLER_LOG))?;
        let change = said.lines().rev().find_map(|line| {
            let (_, change) =
                line.split_once("Replayed BrokerRegistrationChangeRecord")?.1.split_once(" fenced=")?;
            change.split(',').next().filter(|change| *change != "0")
        });
        Ok(change.is_none_or(|change| change == "1"))
    }
}

impl Drop for Kafka {
    fn drop(&mut self) {
        if !self.folder.is_temporary() {
            self.process.stop_blocking(Signal::TERM);
            self.controller.stop_blocking(Signal::TERM);
        }
    }
}

/// One of the two, before it runs.
struct Node {
    id: u32,
    role: &'static str,
    listener: &'static str,
    port: u16,
    /// Its folder within that of both.
    data: &'static str,
}

impl Node {
    fn properties(&self, folder: &Path) -> PathBuf {
        folder.join(format!("{}.properties", self.role))
    }

    fn settings(&self, options: &KafkaOptions, folder: &Path, controller: u16) -> anyhow::Result<String> {
        let mut text = SETTINGS.to_owned();
        writeln!(text, "process.roles={}", self.role)?;
        writeln!(text, "node.id={}", self.id)?;
        writeln!(text, "listeners={}://127.0.0.1:{}", self.listener, self.port)?;
        writeln!(text, "controller.quorum.voters={CONTROLLER}@127.0.0.1:{controller}")?;
        writeln!(text, "log.dirs={}", folder.join(self.data).display())?;
        for (key, value) in &options.properties {
            writeln!(text, "{key}={value}")?;
        }
        Ok(text)
    }

    fn process(&self, folder: &Path, classes: &str, heap_mb: u32, level: &str, log: &str) -> Process {
        let arguments = [
            format!("-Xms{}m", heap_mb / 2),
            format!("-Xmx{heap_mb}m"),
            // Two cores gain nothing from collecting beside the work.
            "-XX:+UseSerialGC".to_owned(),
            // Compiling hot code a second time costs more than a rush wins by it: 44 s of processor
            // against 25.
            "-XX:TieredStopAtLevel=1".to_owned(),
            format!("-Dlog4j2.configurationFile={}", folder.join("log4j2.properties").display()),
            format!("-Dlevel={level}"),
            "-cp".to_owned(),
            classes.to_owned(),
            "kafka.Kafka".to_owned(),
            self.properties(folder).display().to_string(),
        ];
        Process::new(Launch {
            name: "kafka",
            program: "java".into(),
            arguments: arguments.map(Into::into).into(),
            environment: Vec::new(),
            user: None,
            log: folder.join(log),
            output: None,
            farewell: "KILL",
        })
    }
}

/// The class path of both.
fn classes() -> anyhow::Result<String> {
    let libs = if let Some(named) = std::env::var_os("TICKETING_KAFKA_LIBS") {
        PathBuf::from(named)
    } else {
        std::env::home_dir().context("there is no home folder")?.join(".cache/ticketing/kafka/libs")
    };
    if !libs.exists() {
        bail!("no packages of Kafka at {}: run `make setup-cluster`", libs.display());
    }
    Ok(format!("{}/*", libs.display()))
}

/// Makes a node's data folder for a new cluster of this id.
async fn format(classes: &str, id: &str, properties: &Path) -> anyhow::Result<()> {
    let output = Command::new("java")
        .args(["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx128m", "-cp", classes])
        .args(["kafka.tools.StorageTool", "format", &format!("--cluster-id={id}"), "--config"])
        .arg(properties)
        .output()
        .await
        .context("cannot run java")?;
    if !output.status.success() {
        bail!("the data folder of kafka cannot be made: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}

/// Whether the broker serves clients: it answers which requests it understands. It does so only
/// when it has joined its cluster. The broker brings no client that starts faster than the broker
/// itself, so this one request is written by hand.
async fn answers(address: SocketAddr) -> bool {
    const API_VERSIONS: [u8; 14] = [0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 0xff, 0xff];
    let ask = async {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(&API_VERSIONS).await?;
        // The size, the number of the request, the error code.
        let mut head = [0; 10];
        stream.read_exact(&mut head).await?;
        std::io::Result::Ok(head[4..] == [0, 0, 0, 1, 0, 0])
    };
    matches!(timeout(ANSWER, ask).await, Ok(Ok(true)))
}
