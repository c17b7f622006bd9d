//! What a change of the settings does that its words do not show: it hides trouble, or it lets something really happen.

use std::time::Duration;

use rebound::calendar::Calendar;
use rebound::check::{CheckId, CheckSpec};
use rebound::count::counted;
use rebound::incident::Severity;
use rebound::maintenance::{When, Window};
use rebound::target::{Config, TargetKind, TargetSpec, Thresholds};
use rebound::time::{Timestamp, spoken};

/// Trouble that is believed sooner than this after its beginning is believed soon.
const SOON: Duration = Duration::from_secs(5 * 60);
/// What may last so long unnoticed is told.
const LONG: Duration = Duration::from_secs(2 * 3_600);
/// Planned work that takes less of a week, or lasts less at once, is ordinary.
const LONG_WORK: Duration = Duration::from_secs(24 * 3_600);
/// A market that is open for less of a week is hardly watched.
const OPEN_MIN: Duration = Duration::from_secs(24 * 3_600);
const WEEK: Duration = Duration::from_secs(7 * 24 * 3_600);
/// How finely the hours of a market are looked at: they are told by the minute.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// What to be warned of where `after` comes instead of `before`.
pub(super) fn cautions(before: &Config, after: &Config) -> Vec<String> {
    let mut told: Vec<String> = [Severity::Critical, Severity::Warning]
        .into_iter()
        .filter_map(|bad| untold(before, after, bad))
        .collect();
    told.extend(
        after.maintenance.iter().filter(|window| !before.maintenance.contains(window)).filter_map(work),
    );
    told.extend(week_of_work(before, after));
    told.extend(held_back(before, after));
    told.extend(reminded_late(before, after));
    for spec in &after.targets {
        if let Some(was) = before.targets.iter().find(|was| was.id == spec.id) {
            told.extend(of_target(was, spec));
        }
    }
    told
}

/// Nobody is told any more of what is this bad.
fn untold(before: &Config, after: &Config, severity: Severity) -> Option<String> {
    let carried =
        |config: &Config| config.alerts.channels.iter().any(|channel| channel.severities.contains(&severity));
    let what = match severity {
        Severity::Critical => {
            "Nobody is told any more when something is critical, or when a person is needed"
        }
        Severity::Warning => "Nobody is told of warnings any more",
        Severity::Info => return None,
    };
    (carried(before) && !carried(after))
        .then(|| format!("{what}: no way to people carries it. The page alone shows it."))
}

/// Planned work that takes very long.
fn work(window: &Window) -> Option<String> {
    let span = match &window.when {
        When::Once { from, to } => to.since(*from),
        // Told together with the other windows of a week.
        When::Weekly { .. } => return None,
    };
    (span >= LONG_WORK).then(|| {
        format!(
            "The planned work \"{}\" takes {}: all that time nothing of it is healed and nobody is told.",
            window.name,
            spoken(span)
        )
    })
}

/// Windows that together take much of each week.
fn week_of_work(before: &Config, after: &Config) -> Option<String> {
    let weekly = |config: &Config| {
        let spans = config.maintenance.iter().filter_map(|window| match &window.when {
            When::Weekly { spans, .. } => Some(spans),
            When::Once { .. } => None,
        });
        let minutes: u64 = spans.flatten().map(|span| u64::from(span.to.saturating_sub(span.from))).sum();
        Duration::from_secs(minutes * 60)
    };
    let (then, now) = (weekly(before), weekly(after));
    (now > then && now >= LONG_WORK).then(|| {
        format!(
            "Planned work takes {} of each week, all windows together: in it nothing is healed and nobody is told.",
            spoken(now)
        )
    })
}

/// Whether a time became longer than it was, and long.
fn became_long(then: Duration, now: Duration) -> bool {
    now > then && now >= LONG
}

/// Messages that come late, because one like them was sent.
fn held_back(before: &Config, after: &Config) -> Option<String> {
    let (then, now) = (before.alerts.cooldown, after.alerts.cooldown);
    became_long(then, now).then(|| {
        format!(
            "What was told is told again only after {}, reminders apart; now it is {}.",
            spoken(now),
            spoken(then)
        )
    })
}

/// Reminders that come late.
fn reminded_late(before: &Config, after: &Config) -> Option<String> {
    let (then, now) = (before.alerts.repeat_every, after.alerts.repeat_every);
    became_long(then, now).then(|| {
        format!(
            "Who has not acknowledged that a person is needed is reminded only every {}; now it is {}.",
            spoken(now),
            spoken(then)
        )
    })
}

/// Heals that come late, because one was just tried.
fn healed_late(was: &TargetSpec, spec: &TargetSpec) -> Option<String> {
    let (then, now) = (was.heal.budget.cooldown, spec.heal.budget.cooldown);
    (became_long(then, now) && !spec.heal.ladder.is_empty()).then(|| {
        format!(
            "After a heal of {} no other incident of it is healed by itself for {}; now it is {}.",
            spec.id,
            spoken(now),
            spoken(then)
        )
    })
}

/// A market that is closed nearly always: what needs an open one is hardly ever looked at. Holidays come and go, and do not count.
fn hardly_open(was: &TargetSpec, spec: &TargetSpec) -> Option<String> {
    if was.calendar == spec.calendar {
        return None;
    }
    let (then, now) = (open_in_a_week(&was.calendar), open_in_a_week(&spec.calendar));
    (now < then && now < OPEN_MIN).then(|| {
        format!(
            "The market of {} is open for {} of a week without holidays: the rest of it, checks that need an open market rest.",
            spec.id,
            spoken(now)
        )
    })
}

fn open_in_a_week(calendar: &Calendar) -> Duration {
    let calendar = Calendar { holidays: Vec::new(), ..calendar.clone() };
    let begin = Timestamp::default();
    let looks = u32::try_from(WEEK.as_secs() / LOOK_EVERY.as_secs()).unwrap_or_default();
    let open = (0..looks).filter(|look| calendar.is_open(begin.after(LOOK_EVERY * *look))).count();
    LOOK_EVERY * u32::try_from(open).unwrap_or_default()
}

/// Limits by which nothing, or only what is very old, is trouble.
fn limits(was: &TargetSpec, spec: &TargetSpec) -> Vec<String> {
    let (then, now, id) = (&was.thresholds, &spec.thresholds, &spec.id);
    let mut told = Vec::new();
    let no_share = |limits: &Thresholds| limits.sync_share_min == 0 && limits.sync_share_critical == 0;
    if no_share(now) && !no_share(then) {
        told.push(format!("However few accounts of {id} sync, it is no trouble any more."));
    }
    let traded = spec.accounts.iter().filter(|account| !account.reserve).count();
    let is_never = |limits: &Thresholds| {
        !spec.accounts.is_empty()
            && u32::try_from(traded).is_ok_and(|traded| traded < limits.zero_accounts_min)
    };
    if is_never(now) && !is_never(then) {
        told.push(format!(
            "That all accounts of {id} show zero is never noticed: it has {traded} besides reserves, and the check wants {}.",
            now.zero_accounts_min
        ));
    }
    let spans = [
        ("Reads of accounts", then.fresh_age_max, now.fresh_age_max, "old before it is trouble"),
        ("Some accounts", then.sync_window, now.sync_window, "unread before they count as not syncing"),
        ("All", then.unknown_alert_after, now.unknown_alert_after, "unknown before anybody is told"),
    ];
    for (what, then, now, until) in spans {
        if became_long(then, now) {
            told.push(format!("{what} of {id} may be {} {until}; now it is {}.", spoken(now), spoken(then)));
        }
    }
    if let (TargetKind::Endpoint(then), TargetKind::Endpoint(now)) = (&was.kind, &spec.kind)
        && now.latency_critical > then.latency_critical
        && now.latency_critical >= spec.watch.timeout
    {
        told.push(format!(
            "No answer of {id} is critically slow any more: each is given up after {} before that.",
            spoken(spec.watch.timeout)
        ));
    }
    told
}

fn of_target(was: &TargetSpec, spec: &TargetSpec) -> Vec<String> {
    let id = &spec.id;
    let mut told = Vec::new();
    match (was.heal.dry_run, spec.heal.dry_run) {
        (true, false) => told.push(format!("From then on remedies of {id} are really carried out.")),
        (false, true) => {
            told.push(format!(
                "From then on nothing of {id} is healed; everything is only decided and shown."
            ));
        }
        (true, true) | (false, false) => {}
    }
    let asks = |spec: &TargetSpec, check: CheckId| spec.checks.iter().any(|asked| asked.id == check);
    told.extend(was.checks.iter().filter(|check| !asks(spec, check.id)).map(|check| {
        format!("{} of {id} is asked no more: trouble that only it would find stays unseen.", check.id)
    }));
    if spec.checks.len() < was.checks.len() && spec.checks.len() * 2 < spec.kind.checks().len() {
        told.push(format!(
            "Only {} of {} of {id} {} still asked, and it is called healthy by {} alone.",
            spec.checks.len(),
            counted(u32::try_from(spec.kind.checks().len()).unwrap_or(u32::MAX), "check", "checks"),
            if spec.checks.len() == 1 { "is" } else { "are" },
            if spec.checks.len() == 1 { "it" } else { "them" },
        ));
    }
    told.extend(slower(was, spec));
    told.extend(healed_late(was, spec));
    told.extend(hardly_open(was, spec));
    told.extend(limits(was, spec));
    told
}

/// The check whose trouble is believed latest, where that became late.
fn slower(was: &TargetSpec, spec: &TargetSpec) -> Option<String> {
    let before = |check: &CheckSpec| was.checks.iter().find(|was| was.id == check.id);
    let slower = spec.checks.iter().filter_map(|check| {
        let (then, now) = (believed(was, before(check)?), believed(spec, check));
        // Also where it is only much slower than it was.
        let much = now > then * 5 && now > Duration::from_secs(60);
        (now > then && (now > SOON || much)).then_some((now, then, check.id))
    });
    let (now, then, check) = slower.max_by_key(|(now, _, _)| *now)?;
    Some(format!(
        "Trouble of {} would be believed as late as {} after it began ({check}); now it is {}.",
        spec.id,
        spoken(now),
        spoken(then)
    ))
}

/// How long trouble may last until it is believed, where each question is given up only in the end.
fn believed(spec: &TargetSpec, check: &CheckSpec) -> Duration {
    let again = spec.watch.retry_every.max(spec.watch.timeout);
    spec.watch.interval + spec.watch.timeout + again * check.failures_to_open.saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rebound::alert::{AlertPolicy, ChannelSpec};
    use rebound::calendar::WeekSpan;
    use rebound::ids::TargetId;
    use rebound::maintenance::Scope;
    use rebound::target::ExpectedAccount;

    fn config() -> Config {
        Config {
            targets: vec![TargetSpec::bridge(TargetId::try_new("mt5").unwrap())],
            alerts: AlertPolicy {
                channels: vec![ChannelSpec {
                    name: "email".to_owned(),
                    severities: vec![Severity::Critical, Severity::Warning],
                    recoveries: true,
                }],
                ..AlertPolicy::default()
            },
            own_network: rebound::target::OwnNetworkSpec::default(),
            maintenance: Vec::new(),
            readiness: rebound::readiness::ReadinessSpec::default(),
            drills: rebound::drill::DrillPolicy::default(),
        }
    }

    /// What is said of `change`.
    fn said(change: impl FnOnce(&mut Config)) -> Vec<String> {
        let before = config();
        let mut after = before.clone();
        change(&mut after);
        cautions(&before, &after)
    }

    fn target(config: &mut Config) -> &mut TargetSpec {
        config.targets.first_mut().unwrap()
    }

    #[test]
    fn an_ordinary_change_is_no_reason_to_warn() {
        assert_eq!(said(|_| ()), [""; 0]);
        let milder = |config: &mut Config| {
            target(config).watch.interval = Duration::from_secs(30);
            target(config).heal.budget.cooldown = Duration::from_secs(600);
            for channel in &mut config.alerts.channels {
                channel.severities = vec![Severity::Critical];
            }
        };
        assert_eq!(
            said(milder),
            ["Nobody is told of warnings any more: no way to people carries it. The page alone shows it."]
        );
    }

    #[test]
    fn alerts_that_go_nowhere_are_told() {
        let told =
            said(|config| config.alerts.channels.iter_mut().for_each(|channel| channel.severities.clear()));
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told.iter().any(|told| told.contains("when something is critical")), "{told:?}");
        let told = said(|config| config.alerts.channels.clear());
        assert_eq!(told.len(), 2, "{told:?}");
    }

    #[test]
    fn trouble_that_would_be_believed_late_is_told_once() {
        let told = said(|config| {
            for check in &mut target(config).checks {
                check.failures_to_open = 100;
            }
        });
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told.iter().all(|told| told.contains("as late as 8 min 30 s after it began")), "{told:?}");
        let told = said(|config| target(config).watch.interval = Duration::from_secs(3_600));
        assert_eq!(told.len(), 1, "{told:?}");
    }

    #[test]
    fn what_holds_messages_or_heals_back_for_long_is_told() {
        let (hour, day) = (Duration::from_secs(3_600), Duration::from_secs(86_400));
        assert_eq!(said(|config| config.alerts.cooldown = hour), [""; 0]);
        assert_eq!(
            said(|config| config.alerts.cooldown = day),
            ["What was told is told again only after 1 d, reminders apart; now it is 30 min."]
        );
        assert_eq!(said(|config| config.alerts.repeat_every = hour), [""; 0]);
        assert_eq!(said(|config| config.alerts.repeat_every = day).len(), 1);

        assert_eq!(
            said(|config| target(config).heal.budget.cooldown = day),
            [""; 0],
            "nothing is ever healed where there is no remedy"
        );
        let mut before = config();
        target(&mut before).heal.ladder = vec![rebound::heal::Remedy {
            name: "refresh".to_owned(),
            rung: rebound::heal::Rung::Soft,
            action: rebound::heal::ActionKind::HttpCall,
            timeout: Duration::from_secs(30),
            verify_after: Duration::from_secs(30),
            verify_within: Duration::from_secs(300),
            through_bridge: true,
            slot: None,
        }];
        let slower = |cooldown: Duration| {
            let mut after = before.clone();
            target(&mut after).heal.budget.cooldown = cooldown;
            cautions(&before, &after)
        };
        assert_eq!(slower(hour), [""; 0]);
        let told = slower(day);
        assert!(
            told.len() == 1 && told.iter().all(|told| told.contains("healed by itself for 1 d; now")),
            "{told:?}"
        );
    }

    #[test]
    fn a_market_that_is_hardly_ever_open_is_told() {
        assert_eq!(said(|config| target(config).calendar = Calendar::forex()), [""; 0]);
        let minutes = WeekSpan { from: 1_440, to: 1_447 };
        let told = said(|config| {
            target(config).calendar = Calendar { week: vec![minutes], ..Calendar::forex() };
        });
        assert_eq!(
            told,
            [
                "The market of mt5 is open for 7 min of a week without holidays: the rest of it, checks that need an open market rest."
            ]
        );
    }

    #[test]
    fn work_that_is_planned_for_most_of_the_week_is_told() {
        let window = |hours: i64| Window {
            name: "move".to_owned(),
            scope: Scope::All,
            when: When::Once { from: Timestamp::from_ms(0), to: Timestamp::from_ms(hours * 3_600_000) },
            by: None,
        };
        assert_eq!(said(|config| config.maintenance.push(window(2))), [""; 0]);
        let told = said(|config| config.maintenance.push(window(100)));
        assert!(told.iter().all(|told| told.contains("\"move\" takes")) && told.len() == 1, "{told:?}");
    }

    #[test]
    fn weekly_work_is_added_up() {
        let window = |day: u32| Window {
            name: format!("day {day}"),
            scope: Scope::All,
            when: When::Weekly {
                zone: rebound::calendar::Zone::utc(),
                spans: vec![WeekSpan { from: day * 1_440, to: day * 1_440 + 1_380 }],
            },
            by: None,
        };
        assert_eq!(said(|config| config.maintenance.push(window(1))), [""; 0]);
        let told = said(|config| config.maintenance.extend([window(1), window(2)]));
        assert!(
            told.iter().all(|told| told.contains("1 d 22 h of each week")) && told.len() == 1,
            "{told:?}"
        );
    }

    #[test]
    fn limits_by_which_nothing_is_trouble_are_told() {
        let account = |id| ExpectedAccount::numbered(rebound::ids::AccountId::new(id));
        let mut before = config();
        target(&mut before).accounts = vec![account(1), account(2), account(3)];
        let said = |change: &dyn Fn(&mut Thresholds)| {
            let mut after = before.clone();
            change(&mut target(&mut after).thresholds);
            cautions(&before, &after)
        };
        let day = Duration::from_secs(86_400);
        let changes: [&dyn Fn(&mut Thresholds); 5] = [
            &|limits| (limits.sync_share_min, limits.sync_share_critical) = (0, 0),
            &|limits| limits.zero_accounts_min = 4,
            &|limits| limits.fresh_age_max = day,
            &|limits| limits.sync_window = day,
            &|limits| limits.unknown_alert_after = day,
        ];
        for (place, change) in changes.iter().enumerate() {
            let told = said(change);
            assert_eq!(told.len(), 1, "{place}: {told:?}");
        }
        assert_eq!(said(&|limits| limits.fresh_age_max = Duration::from_secs(1_800)), [""; 0]);
    }

    #[test]
    fn checks_that_are_switched_off_are_told_and_how_few_are_left() {
        let told = said(|config| target(config).checks.truncate(1));
        let all = config().targets.first().unwrap().checks.len();
        assert_eq!(told.len(), all, "each that is off, and that only one is left: {told:?}");
        assert!(told.last().unwrap().starts_with("Only 1 of "), "{told:?}");
    }

    #[test]
    fn heals_that_begin_to_be_real_are_told() {
        let mut before = config();
        target(&mut before).heal.dry_run = true;
        assert_eq!(cautions(&before, &config()), ["From then on remedies of mt5 are really carried out."]);
        assert_eq!(cautions(&config(), &before).len(), 1);
    }
}
