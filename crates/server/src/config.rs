//! The settings: what can be configured, where each value comes from, and what is in force.
//!
//! Promises: it starts with nothing (every key has a default here); a flag wins over `TICKETING_…`,
//! that over the file, that over the default. A key that the file misspells is refused. Never:
//! prints a password, which only the addresses of databases hold.

use std::{
    fmt::{self, Display, Write as _},
    net::IpAddr,
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

use anyhow::{Context, anyhow, bail};
use clap::{ArgMatches, Args, ValueEnum as _, parser::ValueSource};
use kernel::limits;
use serde::{Deserialize, Serialize};

use crate::{listen::Listen, secret::Secret, telemetry::LogFormat, wiring::Role};

/// The Kafka client logs every fetch as information.
const DEFAULT_LOG: &str = "info,confluent_kafka=warn,fetch_diag=off";

/// Where the help lists what not everybody sets. Rows of one heading stand together in the table.
const PROXY: &str = "Settings behind a proxy";
const SEVERAL: &str = "Settings of several processes";

/// The table of settings: what a flag's help says; the key, which is also the flag and the TOML
/// key; its type; its default, or none where it may be unset; and what the command line needs to
/// know. A setting is a row here and nothing else.
macro_rules! settings {
    ($($(#[doc = $help:tt])+ $key:ident: $kind:ty $(= $default:expr)?, $env:tt [$($flag:tt)*];)+) => {
        /// The flags, which `TICKETING_…` variables and the file's keys mirror.
        #[derive(Debug, Clone, Default, Args)]
        pub struct ConfigArgs {
            /// File with any of these settings (TOML; keys as `ticketing config` prints them)
            #[arg(long, env = "TICKETING_CONFIG", value_name = "FILE")]
            pub config: Option<PathBuf>,
            $($(#[doc = $help])+ #[arg(long, env = $env, $($flag)*)] pub $key: Option<$kind>,)+
        }

        /// The same settings in a file.
        #[derive(Debug, Default, Deserialize)]
        #[serde(deny_unknown_fields)]
        struct File {
            $($key: Option<$kind>,)+
        }

        /// What is in force.
        #[derive(Debug, Clone, Serialize)]
        pub struct Config {
            $(pub $key: Setting<in_force!($kind $(, $default)?)>,)+
        }

        /// The keys in the order in which they are printed.
        const KEYS: &[&str] = &[$(stringify!($key)),+];

        impl Config {
            fn of(from: &Sources<'_>, args: ConfigArgs, file: File) -> Self {
                Self { $($key: settle!(from, stringify!($key), args.$key, file.$key $(, $default)?),)+ }
            }
        }
    };
}

/// The type of a value in force: one without a default may be unset.
macro_rules! in_force {
    ($kind:ty) => { Option<$kind> };
    ($kind:ty, $default:expr) => { $kind };
}

macro_rules! settle {
    ($from:ident, $key:expr, $given:expr, $file:expr) => {
        $from.settle($key, $given.map(Some), $file.map(Some), None)
    };
    ($from:ident, $key:expr, $given:expr, $file:expr, $default:expr) => {
        $from.settle($key, $given, $file, $default)
    };
}

settings! {
    /// Address or name to listen on, and a port, such as `localhost:8080`; port 0 takes a free one
    /// [default: 127.0.0.1:8080]
    listen: Listen = Listen::default(), "TICKETING_LISTEN" [value_name = "ADDR"];

    /// Folder that holds everything the server keeps [default: ./data]
    data: PathBuf = PathBuf::from("data"), "TICKETING_DATA" [value_name = "DIR"];

    /// How long a buyer has to pay, such as `15m` or `2s` [default: 15m]
    payment_window: Span = Span(limits::PAYMENT_WINDOW), "TICKETING_PAYMENT_WINDOW" [value_name = "DURATION"];

    /// Log level, or levels by target, such as `info,request=debug` [default: info, and of the
    /// Kafka client warnings only]
    log: String = DEFAULT_LOG.to_owned(), "TICKETING_LOG" [value_name = "FILTER"];

    /// How log lines look [default: text]
    log_format: LogFormat = LogFormat::Text, "TICKETING_LOG_FORMAT" [value_enum];

    /// Address of a proxy in front whose X-Forwarded-For is believed; may be repeated
    trusted_proxies: Vec<IpAddr> = Vec::new(), "TICKETING_TRUSTED_PROXIES" [value_name = "IP", value_delimiter = ',', help_heading = PROXY];

    /// Send session cookies over TLS only: for a server behind a TLS proxy [default: false]
    secure_cookies: bool = false, "TICKETING_SECURE_COOKIES" [num_args = 0..=1, default_missing_value = "true", help_heading = PROXY];

    /// What this process does, in a cluster; may be repeated [default: everything]
    role: Vec<Role> = Role::value_variants().to_vec(), "TICKETING_ROLE" [value_enum, value_delimiter = ',', help_heading = SEVERAL];

    /// Kafka brokers, such as `127.0.0.1:9092`; with them this is a process of a cluster
    kafka: String, "TICKETING_KAFKA" [value_name = "ADDRS", help_heading = SEVERAL];

    /// Copies of each record that the brokers keep [default: 3]
    kafka_replication: u16 = 3, "TICKETING_KAFKA_REPLICATION" [value_name = "N", help_heading = SEVERAL];

    /// Name of the cluster, which never changes: it is part of the names of consumer groups
    /// [default: ticketing]
    deployment: String = "ticketing".to_owned(), "TICKETING_DEPLOYMENT" [value_name = "NAME", help_heading = SEVERAL];

    /// Redis, such as `redis://127.0.0.1:6379` (role booking)
    redis: Secret, "TICKETING_REDIS" [value_name = "URL", hide_env_values = true, help_heading = SEVERAL];

    /// PostgreSQL database of the accounts (every role)
    database_accounts: Secret, "TICKETING_DATABASE_ACCOUNTS" [value_name = "URL", hide_env_values = true, help_heading = SEVERAL];

    /// PostgreSQL database of bookings (role booking)
    database_booking: Secret, "TICKETING_DATABASE_BOOKING" [value_name = "URL", hide_env_values = true, help_heading = SEVERAL];

    /// PostgreSQL database of events and tickets (role event-ticketing)
    database_event_ticketing: Secret, "TICKETING_DATABASE_EVENT_TICKETING" [value_name = "URL", hide_env_values = true, help_heading = SEVERAL];

    /// Payment provider: the PostgreSQL database of the sandbox's ledger (role booking) [default
    /// without Kafka: a file]
    payment_provider: Secret, "TICKETING_PAYMENT_PROVIDER" [value_name = "URL", hide_env_values = true, help_heading = SEVERAL];
}

/// A length of time as people write it: `15m`, `2s`, `1h 30m`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span(pub Duration);

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let refusal = || "expected a duration such as 15m or 2s".to_owned();
        let span: jiff::SignedDuration = text.parse().map_err(|_| refusal())?;
        let span = Duration::try_from(span).map_err(|_| refusal())?;
        if !limits::PAYMENT_WINDOWS.contains(&span) {
            return Err("must be from 1s to 24h".to_owned());
        }
        Ok(Self(span))
    }
}

impl Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let span = jiff::SignedDuration::try_from(self.0).unwrap_or(jiff::SignedDuration::MAX);
        write!(f, "{span:#}")
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl Serialize for Span {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Where a value in force comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Origin {
    #[serde(rename = "default")]
    Default,
    #[serde(rename = "file")]
    File(PathBuf),
    #[serde(rename = "environment")]
    Environment(String),
    #[serde(rename = "flag")]
    Flag(String),
}

/// A value in force, and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Setting<T> {
    pub value: T,
    pub origin: Origin,
}

impl Config {
    /// Settles each value. `matches` are those that `args` were read from.
    ///
    /// # Errors
    /// When the file cannot be read or understood.
    pub fn settle(args: ConfigArgs, matches: &ArgMatches) -> anyhow::Result<Self> {
        let (file, path) = match &args.config {
            Some(path) => (read(path)?, path.clone()),
            None => (File::default(), PathBuf::new()),
        };
        let from = Sources { matches, path };
        Ok(Self::of(&from, args, file))
    }

    /// As TOML that could be a file (but for passwords), with each value's origin beside it. What
    /// has no value is commented out.
    ///
    /// # Errors
    /// Never in practice: the values are plain.
    pub fn to_toml(&self) -> anyhow::Result<String> {
        let mut text = String::new();
        let serde_json::Value::Object(settings) = serde_json::to_value(self)? else {
            bail!("settings are an object")
        };
        for (key, setting) in KEYS.iter().filter_map(|key| Some((key, settings.get(*key)?))) {
            // For texts, numbers, truth values and lists of them, JSON is TOML.
            let line = match &setting["value"] {
                serde_json::Value::Null => format!("# {key} ="),
                value => format!("{key} = {value}"),
            };
            writeln!(text, "{line:<48} # {}", shown(&setting["origin"]))?;
        }
        Ok(text)
    }
}

/// `default`, or `flag --listen`.
fn shown(origin: &serde_json::Value) -> String {
    match origin.as_object().and_then(|origin| origin.iter().next()) {
        Some((kind, name)) => format!("{kind} {}", name.as_str().unwrap_or_default()),
        None => origin.as_str().unwrap_or_default().to_owned(),
    }
}

fn read(path: &Path) -> anyhow::Result<File> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    // The error's own words would show the line, which may hold a password.
    toml::from_str(&text).map_err(|error: toml::de::Error| {
        let line = error.span().map_or(1, |span| 1 + text[..span.start].matches('\n').count());
        anyhow!("cannot parse {} at line {line}: {}", path.display(), error.message())
    })
}

struct Sources<'a> {
    matches: &'a ArgMatches,
    path: PathBuf,
}

impl Sources<'_> {
    fn settle<T>(&self, key: &str, given: Option<T>, file: Option<T>, default: T) -> Setting<T> {
        if let Some(value) = given {
            let origin = match self.matches.value_source(key) {
                Some(ValueSource::EnvVariable) => {
                    Origin::Environment(format!("TICKETING_{}", key.to_uppercase()))
                }
                _ => Origin::Flag(format!("--{}", key.replace('_', "-"))),
            };
            return Setting { value, origin };
        }
        match file {
            Some(value) => Setting { value, origin: Origin::File(self.path.clone()) },
            None => Setting { value: default, origin: Origin::Default },
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use clap::{Command, FromArgMatches};

    use super::*;

    pub(crate) fn settled(arguments: &[&str]) -> anyhow::Result<Config> {
        let matches = ConfigArgs::augment_args(Command::new("serve")).get_matches_from(arguments);
        Config::settle(ConfigArgs::from_arg_matches(&matches).unwrap(), &matches)
    }

    #[test]
    fn a_flag_wins_over_the_file_and_the_file_over_the_default() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ticketing.toml");
        std::fs::write(&path, "payment_window = \"2s\"\nlisten = \"127.0.0.1:1\"\n").unwrap();
        let config =
            settled(&["serve", "--config", path.to_str().unwrap(), "--listen", "127.0.0.1:2"]).unwrap();
        assert_eq!(config.listen.value, "127.0.0.1:2".parse().unwrap());
        assert_eq!(config.listen.origin, Origin::Flag("--listen".to_owned()));
        assert_eq!(config.payment_window.value.0, Duration::from_secs(2));
        assert_eq!(config.payment_window.origin, Origin::File(path));
        assert_eq!(config.data.origin, Origin::Default);
    }

    #[test]
    fn what_is_printed_can_be_read_as_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ticketing.toml");
        let printed = settled(&["serve", "--trusted-proxies", "10.0.0.1,::1"]).unwrap().to_toml().unwrap();
        std::fs::write(&path, &printed).unwrap();
        let read = settled(&["serve", "--config", path.to_str().unwrap()]).unwrap();
        assert_eq!(read.trusted_proxies.value.len(), 2);
        assert_eq!(read.payment_window.value.0, limits::PAYMENT_WINDOW);
        assert!(printed.contains("# flag --trusted-proxies"), "{printed}");
    }

    #[test]
    fn a_key_names_its_flag_and_its_variable() {
        let command = ConfigArgs::augment_args(Command::new("serve"));
        for key in KEYS {
            let argument = command.get_arguments().find(|argument| argument.get_id() == key).unwrap();
            let variable = argument.get_env().unwrap().to_str().unwrap();
            assert_eq!(variable, format!("TICKETING_{}", key.to_uppercase()));
            assert_eq!(argument.get_long(), Some(key.replace('_', "-").as_str()));
        }
    }

    #[test]
    fn a_misspelt_key_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ticketing.toml");
        std::fs::write(&path, "payment_windov = \"2s\"\n").unwrap();
        let got = format!("{:#}", settled(&["serve", "--config", path.to_str().unwrap()]).unwrap_err());
        assert!(got.contains("payment_windov"), "{got}");
    }

    #[test]
    fn a_password_is_used_and_never_shown() {
        let written = [
            "postgres://booking:open%20sesame@db/booking",
            "postgres://db/booking?user=booking&password=sesame&sslpassword=sesame2",
        ];
        for written in written {
            let secret: Secret = written.parse().unwrap();
            assert_eq!(secret.reveal(), written);
            let config = settled(&["serve", "--database-booking", written]).unwrap();
            let shown = [
                secret.to_string(),
                format!("{config:?}"),
                config.to_toml().unwrap(),
                serde_json::to_string(&config).unwrap(),
            ];
            for shown in shown {
                assert!(shown.contains("booking") && !shown.contains("sesame"), "{shown}");
            }
        }
    }

    #[test]
    fn a_file_that_cannot_be_parsed_is_named_with_the_line_and_without_a_password() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ticketing.toml");
        for line in
            ["database_booking = \"postgres://u:sesame@\"", "databse_booking = \"postgres://u:sesame@h\""]
        {
            std::fs::write(&path, format!("log = \"info\"\n{line}\n")).unwrap();
            let got = format!("{:#}", settled(&["serve", "--config", path.to_str().unwrap()]).unwrap_err());
            assert!(got.contains("ticketing.toml at line 2: ") && !got.contains("sesame"), "{got}");
        }
    }

    #[test]
    fn lengths_of_time_are_read_as_people_write_them() {
        let read = |text: &str| text.parse::<Span>().map(|span| span.0).ok();
        assert_eq!(read("2s"), Some(Duration::from_secs(2)));
        assert_eq!(read("15m"), Some(Duration::from_mins(15)));
        assert_eq!(read("1500ms"), Some(Duration::from_millis(1_500)));
        for bad in ["", "soon", "-1s", "0s", "2", "999ms", "1ns", "24h1s", "999999999h"] {
            assert_eq!(read(bad), None, "{bad}");
        }
        assert_eq!(Span(Duration::from_secs(90)).to_string().parse(), Ok(Span(Duration::from_secs(90))));
    }
}
