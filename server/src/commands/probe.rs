//! `rebound probe`: asks one target once, shows what is read of it, and how it is judged.
//!
//! Never heals, stores or tells anybody. Knows nothing of earlier looks: what is believed only after several of them is shown
//! as this one look shows it.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;
use rebound::check::{CheckSpec, Observation, ProbeOutcome, ProbeRequest, Subject};
use rebound::reason::{Help, Reason};
use rebound::target::TargetSpec;
use rebound::time::Timestamp;
use rebound::verdict::{AccountMemory, Evidence, Judgement, OwnNetwork, PositionsKept, judge};
use rebound_engine::clock::SystemClock;
use rebound_engine::ports::Clock;
use rebound_probes::{AccountSource, Answer, Dialect, FieldExplained, Look, TargetProbe};

use super::explained::table;
use crate::config::{self, Settings};
use crate::wiring;

/// The longest word of a verdict, `Degraded`.
const WORD_WIDTH: usize = 8;

/// Which target is asked.
#[derive(Debug, Args)]
pub struct Probe {
    /// The target's id in the configuration.
    #[arg(long)]
    target: String,
    /// The configuration file.
    #[arg(long, default_value = "rebound.toml", env = "REBOUND_CONFIG")]
    config: PathBuf,
}

/// Carries the command out.
///
/// # Errors
/// If the configuration is wrong or has no such target. Whatever the target answers is no error.
pub async fn run(command: &Probe) -> anyhow::Result<()> {
    let settings = config::load(&command.config, &|name| std::env::var(name).ok())?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::start());
    let text = look(&settings, &command.target, clock.as_ref()).await?;
    std::io::stdout().write_all(text.as_bytes()).context("cannot write to the standard output")
}

/// One look, in words.
async fn look(settings: &Settings, id: &str, clock: &dyn Clock) -> anyhow::Result<String> {
    let target = settings.targets.iter().find(|target| target.spec.id.as_str() == id).with_context(|| {
        let ids: Vec<&str> = settings.targets.iter().map(|target| target.spec.id.as_str()).collect();
        format!("no target \"{id}\" is configured; there are {}", ids.join(", "))
    })?;
    let spec = &target.spec;
    let probe = wiring::target_probe(target)?;
    let asked_at = clock.now();
    let deadline = asked_at.after(spec.watch.timeout);
    let request = ProbeRequest { subject: Subject::Target(spec.id.clone()), asked_at, deadline };
    let (outcome, took, told) = match &probe {
        TargetProbe::Bridge(bridge) => {
            let Look { outcome, took, answers, documents } = bridge.look(&request).await;
            let told = parts(bridge.dialect(), &answers, asked_at);
            let elsewhere = bridge.accounts_from().map(|source| found(source, documents));
            (outcome, took, told + &elsewhere.unwrap_or_default())
        }
        TargetProbe::Endpoint(endpoint) => {
            let outcome = endpoint.probe(&request).await;
            (outcome, clock.now().since(asked_at), String::new())
        }
    };
    let now = clock.now();
    let latency_ms = u32::try_from(took.as_millis()).unwrap_or(u32::MAX);
    let seen = Observation { subject: request.subject, asked_at, latency_ms, outcome };
    let head = format!("{} \"{}\": {} ms, {}\n", spec.id, spec.name, latency_ms, came(&seen.outcome));
    let judged = judgements(spec, &seen, now);
    let end = "Asked once. Nothing was healed, stored or told, and whether Rebound's own network works was not looked at.\n";
    Ok(format!("{head}\n{told}how this one look is judged\n{judged}\n{end}"))
}

/// What came back, in a clause.
fn came(outcome: &ProbeOutcome) -> String {
    match outcome {
        ProbeOutcome::Bridge(_) | ProbeOutcome::Endpoint(_) => "answered".to_owned(),
        ProbeOutcome::NoAnswer(why) => why.to_string(),
        ProbeOutcome::BadAnswer(why) => why.to_string(),
        ProbeOutcome::WrongService { expected, seen } => {
            format!("expected \"{expected}\", met \"{seen}\"")
        }
        ProbeOutcome::NotAsked(why) => format!("not asked: {why}"),
        ProbeOutcome::Beacons { .. } => "the answer belongs to another question".to_owned(),
    }
}

/// What each part of the dialect reads in the answer of its path.
fn parts(
    dialect: &Dialect,
    answers: &BTreeMap<String, Result<Answer, String>>,
    asked_at: Timestamp,
) -> String {
    let mut text = String::new();
    for part in dialect.parts() {
        let path = dialect.path_of(part).unwrap_or_default();
        let name = part.name();
        let told = match answers.get(path) {
            Some(Ok(answer)) => {
                let fields = table(&dialect.explain(part, answer, asked_at));
                format!("GET {path}, status {}, as {name} of \"{}\"\n{fields}", answer.status, dialect.name())
            }
            Some(Err(why)) => format!("GET {path}, as {name} of \"{}\"\n  {why}\n", dialect.name()),
            None => format!("GET {path}, as {name} of \"{}\"\n  was not asked\n", dialect.name()),
        };
        text.push_str(&told);
        text.push('\n');
    }
    text
}

/// What is read of the documents that hold the accounts.
fn found(source: &AccountSource, documents: Option<Result<Vec<FieldExplained>, String>>) -> String {
    let told = match documents {
        Some(Ok(fields)) => table(&fields),
        Some(Err(why)) => format!("  {why}\n"),
        None => "  was not waited for, because the bridge does not answer\n".to_owned(),
    };
    format!("find {source}\n{told}\n")
}

/// How the core judges each check of the target on this one look.
fn judgements(spec: &TargetSpec, seen: &Observation, now: Timestamp) -> String {
    let mut memory = AccountMemory::default();
    if let ProbeOutcome::Bridge(reading) = &seen.outcome {
        memory.learn(reading, &spec.accounts, now);
    }
    let session = spec.calendar.session(now);
    let evidence = Evidence {
        spec,
        expected: &memory.awaited(spec, session, now),
        session,
        seen,
        memory: &memory,
        fails_now: false,
        cause: None,
        terminal_answered_at: None,
        able_since: None,
        declared: &[],
        positions: PositionsKept::AsFarAsSeen,
        watching_since: seen.asked_at,
        own_network: OwnNetwork::Trusted,
        own_clock_wrong: None,
        now,
    };
    let width = spec.checks.iter().map(|check| check.id.name().len()).max().unwrap_or(0);
    let lines = spec.checks.iter().map(|check| line(*check, &judge(*check, &evidence), width));
    lines.collect()
}

fn line(check: CheckSpec, judged: &Judgement, width: usize) -> String {
    let value = judged.value.as_ref().map(ToString::to_string);
    let reason = judged.verdict.reason().map(ToString::to_string);
    let mut said: Vec<String> = value.into_iter().chain(reason).collect();
    if let Some((reason, _)) = judged.verdict.failure() {
        let failures = if judged.at_once { 1 } else { check.failures_to_open };
        said.push(format!("believed after {failures} such looks in a row; {}", help(reason)));
    }
    let indent = " ".repeat(width + WORD_WIDTH + 6);
    let said = said.join(&format!("\n{indent}"));
    format!("  {:width$}  {:WORD_WIDTH$}  {said}\n", check.id.name(), judged.verdict.word())
}

/// What could be done about it.
fn help(reason: &Reason) -> String {
    match reason.help() {
        Help::Heal { from, .. } => format!("a remedy may help from the rung {from} on"),
        Help::Slots(advice) | Help::Person(advice) => format!("no remedy of the target helps. {advice}"),
        Help::Nothing => "nothing is to be done about it".to_owned(),
    }
}

#[cfg(test)]
#[path = "probe_tests.rs"]
mod tests;
