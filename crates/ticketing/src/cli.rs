//! The command line: subcommands, their help, and which exit code an outcome becomes.
//!
//! Promises: data on stdout, talk on stderr, one clear line for what went wrong. Never: does any
//! work itself.

use std::{
    io::{IsTerminal as _, Write as _},
    process::ExitCode,
};

use anyhow::Context as _;
use clap::{
    ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand,
    error::{ContextKind, ContextValue},
};
use clap_complete::Shell;

use server::{
    config::{Config, ConfigArgs},
    secret::hushed,
    serve, telemetry,
    wiring::{self, StartError},
};

use crate::doctor::{self, Verdict};

const EXAMPLES: &str = "\
Examples:
  ticketing serve --demo                       # everything on this machine, with something to sell
  ticketing rush --url http://127.0.0.1:8080   # an on-sale against it, in another terminal
  ticketing doctor                             # is this machine fit?
";

const SERVE_EXAMPLES: &str = "\
Examples:
  ticketing serve --demo
  ticketing serve --listen 0.0.0.0:8080 --data /var/lib/ticketing --trusted-proxies 10.0.0.1
  ticketing serve --demo --payment-window 30s
";

const CONFIG_EXAMPLES: &str = "\
Examples:
  ticketing config > ticketing.toml
  ticketing config --config ticketing.toml --json
";

const AUDIT_EXAMPLES: &str = "\
Examples:
  ticketing audit --data ./data          # exit code 0 only when every invariant holds
  ticketing audit --data ./data --json
";

const DOCTOR_EXAMPLES: &str = "\
Examples:
  ticketing doctor
  ticketing doctor --data /var/lib/ticketing --json
";

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  source <(ticketing completions bash)                 # for this shell
  ticketing completions zsh > ~/.zfunc/_ticketing
";

/// Sells reserved seats, once each, under a rush.
#[derive(Debug, Parser)]
#[command(name = "ticketing", version, before_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the system: everything in one process
    #[command(before_help = SERVE_EXAMPLES)]
    Serve(ServeArgs),
    /// Run an on-sale of many buyers against a running system
    Rush(rush::RushArgs),
    /// Check that every promise holds in a data folder
    #[command(before_help = AUDIT_EXAMPLES)]
    Audit(ReportArgs),
    /// Print the settings in force and where each comes from
    #[command(before_help = CONFIG_EXAMPLES)]
    Config(ReportArgs),
    /// Look at what the server needs from this machine
    #[command(before_help = DOCTOR_EXAMPLES)]
    Doctor(ReportArgs),
    /// Print a completion script for a shell
    #[command(before_help = COMPLETIONS_EXAMPLES)]
    Completions(CompletionsArgs),
}

#[derive(Debug, Args)]
struct ServeArgs {
    /// Make a seller, buyers and a 50,000-seat event, unless they are there
    #[arg(long)]
    demo: bool,

    #[command(flatten, next_help_heading = "Settings")]
    config: ConfigArgs,
}

#[derive(Debug, Args)]
struct ReportArgs {
    /// Print one JSON object instead of lines
    #[arg(long)]
    json: bool,

    #[command(flatten, next_help_heading = "Settings")]
    config: ConfigArgs,
}

#[derive(Debug, Args)]
struct CompletionsArgs {
    /// The shell that is to complete
    #[arg(value_enum)]
    shell: Shell,
}

/// Does what the command line says.
pub(crate) fn main() -> ExitCode {
    let matches = match Cli::command().try_get_matches() {
        Ok(matches) => matches,
        Err(error) => return refuse(error),
    };
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => return refuse(error),
    };
    let of_command = matches.subcommand().map_or(&matches, |(_, matches)| matches);
    let done = match cli.command {
        Command::Serve(args) => run_serve(args, of_command),
        Command::Rush(args) => run_rush(args),
        Command::Audit(args) => run_audit(args, of_command),
        Command::Config(args) => print_config(args, of_command),
        Command::Doctor(args) => run_doctor(args, of_command),
        Command::Completions(args) => print_completions(args.shell),
    };
    done.unwrap_or_else(|error| {
        eprintln!("error: {}", hushed(&format!("{error:#}")));
        ExitCode::from(exit_code(&error))
    })
}

/// Help and version as they are; a refusal without passwords, since it repeats what was typed.
fn refuse(error: clap::Error) -> ExitCode {
    if error.use_stderr() {
        eprint!("{}", refusal(error, std::io::stderr().is_terminal()));
        return ExitCode::from(2);
    }
    // Nobody reading it is no fault.
    let _ = error.print();
    ExitCode::SUCCESS
}

fn refusal(mut error: clap::Error, colour: bool) -> String {
    let mut cli = Cli::command();
    // Only then does an argument know its name as text.
    cli.build();
    let mut arguments = cli.get_subcommands().flat_map(clap::Command::get_arguments);
    if let Some(ContextValue::String(named)) = error.get(ContextKind::InvalidArg)
        && arguments.any(|argument| argument.is_hide_env_values_set() && argument.to_string() == *named)
    {
        error.insert(ContextKind::InvalidValue, ContextValue::String("***".to_owned()));
    }
    let text = error.render();
    hushed(&if colour { text.ansi().to_string() } else { text.to_string() })
}

fn exit_code(error: &anyhow::Error) -> u8 {
    match error.downcast_ref::<StartError>() {
        Some(StartError::Usage(_)) => 2,
        Some(StartError::FolderInUse(_)) => 3,
        Some(StartError::PortInUse(_)) => 4,
        Some(StartError::Corrupted(_)) => 5,
        Some(StartError::Fault(_)) | None => 1,
    }
}

fn run_serve(args: ServeArgs, matches: &ArgMatches) -> anyhow::Result<ExitCode> {
    let config = settle(args.config, matches)?;
    telemetry::start_logging(&config.log.value, config.log_format.value).map_err(StartError::Usage)?;
    runtime()?.block_on(serve::run(config, args.demo))?;
    Ok(ExitCode::SUCCESS)
}

fn run_rush(args: rush::RushArgs) -> anyhow::Result<ExitCode> {
    runtime()?.block_on(rush::run(args))
}

fn run_audit(args: ReportArgs, matches: &ArgMatches) -> anyhow::Result<ExitCode> {
    let config = settle(args.config, matches)?;
    let places = wiring::places(&config)?;
    let evidence = runtime()?.block_on(audit::gather(&places))?;
    let report = audit::audit(&evidence);
    print(&if args.json { serde_json::to_string_pretty(&report)? } else { report.lines().join("\n") })?;
    Ok(ExitCode::from(report.exit_code()))
}

fn print_config(args: ReportArgs, matches: &ArgMatches) -> anyhow::Result<ExitCode> {
    let config = settle(args.config, matches)?;
    print(&if args.json { serde_json::to_string_pretty(&config)? } else { config.to_toml()? })?;
    Ok(ExitCode::SUCCESS)
}

fn run_doctor(args: ReportArgs, matches: &ArgMatches) -> anyhow::Result<ExitCode> {
    let findings = doctor::examine(&settle(args.config, matches)?);
    let fit = findings.iter().all(|finding| finding.verdict != Verdict::Bad);
    let json = serde_json::json!({"fit": fit, "findings": findings});
    print(&if args.json { serde_json::to_string(&json)? } else { doctor::table(&findings) })?;
    Ok(if fit { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn print_completions(shell: Shell) -> anyhow::Result<ExitCode> {
    print(&completions(shell))?;
    Ok(ExitCode::SUCCESS)
}

fn completions(shell: Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "ticketing", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

/// Prints an answer to stdout. A reader that has gone, such as `head`, wants no more of it.
fn print(answer: &str) -> anyhow::Result<()> {
    match writeln!(std::io::stdout().lock(), "{}", answer.trim_end()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(error).context("cannot print the answer")
        }
        _ => Ok(()),
    }
}

/// What cannot be understood of the settings is a matter of usage.
fn settle(args: ConfigArgs, matches: &ArgMatches) -> anyhow::Result<Config> {
    Ok(Config::settle(args, matches).map_err(StartError::Usage)?)
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn help_begins_with_examples() {
        let mut cli = Cli::command();
        cli.build();
        let long = |command: &mut clap::Command| command.render_long_help().to_string();
        assert!(long(&mut cli).starts_with("Examples:"));
        for command in cli.get_subcommands_mut().filter(|command| command.get_name() != "help") {
            assert!(long(command).starts_with("Examples:"), "{}", command.get_name());
        }
    }

    #[test]
    fn own_flags_come_before_settings_and_those_of_a_cluster_come_last() {
        let mut cli = Cli::command();
        cli.build();
        for (name, own) in
            [("serve", "--demo"), ("audit", "--json"), ("config", "--json"), ("doctor", "--json")]
        {
            let help = cli.find_subcommand_mut(name).unwrap().render_long_help().to_string();
            let at = |text: &str| help.find(text).unwrap_or_else(|| panic!("{name}: no {text} in\n{help}"));
            let order = [
                &format!("\n      {own}"),
                "\nSettings:\n",
                "\n      --config",
                "\n      --listen",
                "\nSettings behind a proxy:\n",
                "\n      --trusted-proxies",
                "\nSettings of several processes:\n",
                "\n      --role",
                "\n      --kafka",
                "\n      --payment-provider",
            ];
            assert!(order.map(at).is_sorted(), "{name}\n{help}");
        }
    }

    #[test]
    fn what_cannot_be_understood_is_named_and_its_password_is_not() {
        for (arguments, named) in [
            (&["serve", "--database-booking", "no address, hunter2"][..], "--database-booking"),
            (&["audit", "--redis", "redis//:hunter2@h"], "--redis"),
            (&["serve", "--databse-booking=postgres://u:hunter2@h/d"], "--databse-booking"),
            (&["doctor", "postgres://u:hunter2@h/d"], "postgres://u:***@h/d"),
            (&["postgres://h/d?password=hunter2"], "postgres://h/d?password=***"),
        ] {
            for colour in [true, false] {
                let error = Cli::command()
                    .try_get_matches_from([&["ticketing"], arguments].concat())
                    .expect_err("that cannot be understood");
                let said = refusal(error, colour);
                assert!(said.contains(named) && !said.contains("hunter2"), "{said}");
            }
        }
    }

    #[test]
    fn every_shell_completes_commands_and_flags() {
        use clap::ValueEnum as _;
        for shell in Shell::value_variants() {
            let script = completions(*shell);
            for word in ["audit", "payment-window", "until-sold"] {
                assert!(script.contains(word), "{shell} knows no {word}");
            }
        }
    }

    #[test]
    fn each_reason_has_its_exit_code() {
        let code = |error: StartError| exit_code(&anyhow::Error::from(error));
        assert_eq!(code(StartError::FolderInUse("data".into())), 3);
        assert_eq!(code(StartError::PortInUse(([127, 0, 0, 1], 80).into())), 4);
        assert_eq!(code(StartError::Corrupted(anyhow::anyhow!("x"))), 5);
        assert_eq!(exit_code(&anyhow::anyhow!("anything")), 1);
    }
}
