//! The settings of each kind: key, name, meaning with its range, form, and what holds.

use std::time::Duration;

use rebound::heal::Remedy;
use rebound::ids::TargetId;
use rebound::incident::Severity;
use rebound::maintenance::Scope;
use rebound::target::{EndpointSpec, TargetKind, TargetSpec, Thresholds};
use rebound_engine::settings::Form;

use super::MAIL_TO;
use crate::config::{DRILL_DAYS, DRILL_EVERY, Settings, written};

/// One kind of setting of a `T`.
pub(super) struct Entry<T> {
    pub(super) key: &'static str,
    pub(super) name: &'static str,
    pub(super) help: &'static str,
    pub(super) form: Form,
    pub(super) value: fn(&T) -> String,
}

const fn entry<T>(
    key: &'static str,
    name: &'static str,
    help: &'static str,
    form: Form,
    value: fn(&T) -> String,
) -> Entry<T> {
    Entry { key, name, help, form, value }
}

pub(super) fn general() -> Vec<Entry<Settings>> {
    vec![
        entry(
            "alerts/cooldown",
            "Cooldown of an alert",
            "The same reason of the same target is told again only after this time; 1 min to 24 h.",
            Form::Span,
            |s| written(s.core.alerts.cooldown),
        ),
        entry(
            "alerts/repeat_every",
            "Reminder",
            "A critical incident that needs a person is told again after this time until somebody acknowledges it; 1 min to 24 h.",
            Form::Span,
            |s| written(s.core.alerts.repeat_every),
        ),
        entry("alerts/site", "Name in messages", "Name of this Rebound in messages.", Form::Words, |s| {
            s.core.alerts.site.clone()
        }),
        entry("own_network/interval", "Beacons are asked every", "5 s to 10 min.", Form::Span, |s| {
            written(s.core.own_network.interval)
        }),
        entry("own_network/timeout", "Beacons answer within", "200 ms to 30 s.", Form::Span, |s| {
            written(s.core.own_network.timeout)
        }),
        entry(
            "own_network/clock_skew_max",
            "Largest error of Rebound's own clock",
            "Beyond it what hangs on the time is unknown; 5 s to 1 h.",
            Form::Span,
            |s| written(s.core.own_network.clock_skew_max),
        ),
        entry(
            "own_network/lag_max",
            "Longest lag of Rebound itself",
            "Beyond it silence of others is unknown; 200 ms to 60 s.",
            Form::Span,
            |s| written(s.core.own_network.lag_max),
        ),
    ]
}

/// When emergencies are rehearsed.
pub(super) fn drills() -> Vec<Entry<Settings>> {
    let choice = |words: &[&str]| Form::Choice(words.iter().map(|word| (*word).to_owned()).collect());
    vec![
        entry(
            "drills/every",
            "A drill every",
            "A drill rehearses an emergency of each target and touches nothing that trades. A month means its first such day.",
            choice(&DRILL_EVERY),
            |s| s.drills.every.clone(),
        ),
        entry(
            "drills/on",
            "On",
            "The day of a weekly or monthly drill; one on which the markets are closed is best.",
            choice(&DRILL_DAYS.map(|(name, _)| name)),
            |s| s.drills.on.clone(),
        ),
        entry("drills/at", "At", "The time of day, such as 10:00.", Form::Words, |s| s.drills.at.clone()),
        entry(
            "drills/zone",
            "Time zone",
            "Of day and time: UTC, Europe/Berlin, +02:00 or broker.",
            Form::Words,
            |s| s.drills.zone.clone(),
        ),
        entry(
            "drills/targets",
            "Of these targets",
            "Ids of targets, separated by commas. Empty: all.",
            Form::List,
            drilled,
        ),
        entry(
            "drills/deliver",
            "With a test alert",
            "Whether a test alert is really sent by each way that a critical alert would take; it says that it is a drill.",
            Form::Flag,
            |s| s.core.drills.deliver.to_string(),
        ),
    ]
}

fn drilled(settings: &Settings) -> String {
    match &settings.core.drills.scope {
        Scope::All => String::new(),
        Scope::Targets(ids) => ids.iter().map(TargetId::as_str).collect::<Vec<_>>().join(", "),
    }
}

pub(super) fn mail() -> Vec<Entry<Settings>> {
    vec![
        entry(
            MAIL_TO,
            "Mail goes to",
            "1 to 20 addresses, separated by commas; two people are better than one.",
            Form::List,
            |s| s.email.as_ref().map(|email| email.to.join(", ")).unwrap_or_default(),
        ),
        entry(
            "alerts/email/severities",
            "Mail carries",
            "info, warning, critical, separated by commas. Empty: test alerts only.",
            Form::List,
            severities,
        ),
        entry(
            "alerts/email/recoveries",
            "Mail tells of recoveries",
            "Whether the end of what was sent is sent, too.",
            Form::Flag,
            |s| {
                s.core
                    .alerts
                    .channels
                    .iter()
                    .any(|channel| channel.name == "email" && channel.recoveries)
                    .to_string()
            },
        ),
    ]
}

fn severities(settings: &Settings) -> String {
    let channel = settings.core.alerts.channels.iter().find(|channel| channel.name == "email");
    let words = channel.into_iter().flat_map(|channel| &channel.severities).map(|severity| match severity {
        Severity::Info => "info",
        Severity::Warning => "warning",
        Severity::Critical => "critical",
    });
    words.collect::<Vec<_>>().join(", ")
}

pub(super) fn watching() -> Vec<Entry<TargetSpec>> {
    vec![
        entry("name", "Name", "For people.", Form::Words, |t| t.name.clone()),
        entry(
            "interval",
            "Asked every",
            "While all is well; 1 s to 1 h, not below the timeout.",
            Form::Span,
            |t| written(t.watch.interval),
        ),
        entry(
            "retry_every",
            "Asked again after",
            "While a failure is not believed yet or a recovery not proven; 1 s to 10 min.",
            Form::Span,
            |t| written(t.watch.retry_every),
        ),
        entry(
            "timeout",
            "Answers within",
            "Longest time from the question to the last byte; 100 ms to 60 s.",
            Form::Span,
            |t| written(t.watch.timeout),
        ),
        entry(
            "depends_on",
            "Depends on",
            "Ids of targets that must work for this one to work, separated by commas.",
            Form::List,
            |t| t.depends_on.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        ),
    ]
}

fn span(of: impl Fn(&Thresholds) -> Duration, target: &TargetSpec) -> String {
    written(of(&target.thresholds))
}

pub(super) fn bridge_thresholds() -> Vec<Entry<TargetSpec>> {
    vec![
        entry(
            "thresholds/fresh_age_max",
            "Oldest newest read",
            "Largest age of the newest account read; 10 s to 1 day.",
            Form::Span,
            |t| span(|x| x.fresh_age_max, t),
        ),
        entry(
            "thresholds/sync_window",
            "An account syncs if read within",
            "10 s to 1 day.",
            Form::Span,
            |t| span(|x| x.sync_window, t),
        ),
        entry(
            "thresholds/sync_share_min",
            "Least share of accounts that sync",
            "In percent, 0 to 100.",
            Form::Number,
            |t| t.thresholds.sync_share_min.to_string(),
        ),
        entry(
            "thresholds/sync_share_good",
            "Share at which that failure ends",
            "In percent, not below the least share.",
            Form::Number,
            |t| t.thresholds.sync_share_good.to_string(),
        ),
        entry(
            "thresholds/sync_share_critical",
            "Share under which one look is enough",
            "In percent, not above the least share.",
            Form::Number,
            |t| t.thresholds.sync_share_critical.to_string(),
        ),
        entry(
            "thresholds/zero_accounts_min",
            "Accounts for \"all are zero\" to mean anything",
            "Reserve accounts do not count.",
            Form::Number,
            |t| t.thresholds.zero_accounts_min.to_string(),
        ),
        entry(
            "thresholds/clock_skew_max",
            "Largest believable lead of its clock",
            "1 s to 1 h.",
            Form::Span,
            |t| span(|x| x.clock_skew_max, t),
        ),
    ]
}

pub(super) fn thresholds() -> Vec<Entry<TargetSpec>> {
    vec![
        entry(
            "thresholds/successes_to_close",
            "Good looks that prove a recovery",
            "In a row; 1 to 100.",
            Form::Number,
            |t| t.thresholds.successes_to_close.to_string(),
        ),
        entry(
            "thresholds/unknown_alert_after",
            "Unknown for so long is told",
            "30 s to 1 day.",
            Form::Span,
            |t| span(|x| x.unknown_alert_after, t),
        ),
        entry(
            "thresholds/flap_incidents",
            "Incidents an hour that are flapping",
            "2 to 100.",
            Form::Number,
            |t| t.thresholds.flap_incidents.to_string(),
        ),
        entry("thresholds/flap_hold", "Good for so long ends flapping", "10 s to 1 day.", Form::Span, |t| {
            span(|x| x.flap_hold, t)
        }),
    ]
}

fn endpoint_span(of: impl Fn(&EndpointSpec) -> Duration, target: &TargetSpec) -> String {
    match &target.kind {
        TargetKind::Endpoint(spec) => written(of(spec)),
        TargetKind::Bridge => String::new(),
    }
}

pub(super) fn endpoint_thresholds() -> Vec<Entry<TargetSpec>> {
    vec![
        entry("latency_warning", "Slower than this is worth a warning", "", Form::Span, |t| {
            endpoint_span(|x| x.latency_warning, t)
        }),
        entry(
            "latency_good",
            "Faster than this ends the warning",
            "Not above the warning.",
            Form::Span,
            |t| endpoint_span(|x| x.latency_good, t),
        ),
        entry("latency_critical", "Slower than this is critical", "", Form::Span, |t| {
            endpoint_span(|x| x.latency_critical, t)
        }),
        entry("certificate_warning", "A certificate that ends sooner is told", "", Form::Span, |t| {
            endpoint_span(|x| x.certificate_warning, t)
        }),
    ]
}

pub(super) fn healing() -> Vec<Entry<TargetSpec>> {
    vec![
        entry(
            "heal/dry_run",
            "Dry run",
            "Everything is decided and shown, and nothing is done.",
            Form::Flag,
            |t| t.heal.dry_run.to_string(),
        ),
        entry(
            "heal/cooldown",
            "Cooldown",
            "Rest after a heal before another incident may be healed; 0 s to 1 day.",
            Form::Span,
            |t| written(t.heal.budget.cooldown),
        ),
        entry("heal/per_hour_max", "Heals an hour", "At most; 1 to 60.", Form::Number, |t| {
            t.heal.budget.per_hour_max.to_string()
        }),
        entry("heal/attempts_max", "Heals an incident", "At most; 1 to 60.", Form::Number, |t| {
            t.heal.budget.attempts_max.to_string()
        }),
    ]
}

pub(super) fn remedy_entries() -> Vec<Entry<Remedy>> {
    let rungs = ["soft", "medium", "hard"].map(str::to_owned).into();
    vec![
        entry("rung", "Rung", "How far it reaches; milder ones come first.", Form::Choice(rungs), |r| {
            r.rung.to_string()
        }),
        entry("timeout", "May take", "Longest time of the act itself; 1 s to 1 h.", Form::Span, |r| {
            written(r.timeout)
        }),
        entry(
            "verify_after",
            "First proof after",
            "Time after the act before the first look counts; 0 s to 1 h.",
            Form::Span,
            |r| written(r.verify_after),
        ),
        entry(
            "verify_within",
            "Proof within",
            "Recovery must be proven by then; 5 s to 2 h, longer than the first proof.",
            Form::Span,
            |r| written(r.verify_within),
        ),
    ]
}
