//! A platform: services that are no bridges, what depends on what, and a pause of everything.

use rebound::check::CheckId;
use rebound::incident::{Cause, Incident, Severity};
use rebound::monitor::{Asked, AskedState, RequestKind};
use rebound::reason::{Layer, Reason};
use rebound::view::{Board, HealView, HeldView, MarketView, TargetView, Tone, WindowView};

use crate::incidents::open_incident;
use crate::parts::{ago, calm_target, check, closed_target, explained, failing, id, named};
use crate::states::healthy;

fn endpoint(text: &str, name: &str, kind: &str) -> TargetView {
    let mut target = named(calm_target(), text, name);
    kind.clone_into(&mut target.kind);
    target.market = MarketView { calendar: "always".to_owned(), open: true, until: None };
    target.accounts.clear();
    target.recent.clear();
    target.ledger.clear();
    target.sentence = "it answers within 48 ms.".to_owned();
    target.latency_ms = Some(48);
    target.checks = vec![
        check(CheckId::EndpointHttp, "Up", Tone::Good, Some("200"), "status 200 to 299"),
        check(CheckId::EndpointLatency, "Up", Tone::Good, Some("48 ms"), "under 2 s; critical over 4 s"),
        check(CheckId::EndpointCertificate, "Up", Tone::Good, Some("61 days"), "at least 21 days"),
    ];
    target.heal = HealView {
        ladder: Vec::new(),
        rungs: Vec::new(),
        last: None,
        used_this_hour: 0,
        forecast: "It would not start: no remedy is configured for this target.".to_owned(),
        ..target.heal
    };
    target.explain = explained([
        "Healthy: No check fails.",
        "Nothing is to be healed. It would not start: no remedy is configured for this target.",
        "Nothing.",
        "At 12:00:12 UTC, in 7 s.",
    ]);
    target
}

fn down(mut target: TargetView, incident: u64) -> TargetView {
    target.phase = "Needs a person".to_owned();
    target.phase_detail = "A person is needed: no remedy is configured for this target.".to_owned();
    target.tone = Tone::Bad;
    target.checks = target
        .checks
        .into_iter()
        .map(|check| failing(check, "It does not answer: the connection was refused.", 12))
        .collect();
    target.incident = Some(Incident {
        id: rebound::ids::IncidentId::new(incident),
        target: target.id.clone(),
        causes: vec![Cause {
            check: Some(CheckId::EndpointTcp),
            reason: Reason::EndpointSilent(rebound::check::NoAnswer::Refused),
            severity: Severity::Critical,
            since: ago(142),
        }],
        steps: Vec::new(),
        acknowledged: None,
        layer: Some(Layer::Host),
        ..open_incident()
    });
    target
}

/// A dead host: one incident, and what depends on it is held down.
pub(crate) fn platform() -> Board {
    let mut board = healthy();
    let mut host = endpoint("host", "Windows host", "endpoint");
    host.checks =
        vec![check(CheckId::EndpointTcp, "Up", Tone::Good, Some("connected"), "accepts connections")];
    let host = down(host, 18);
    let mut bridge = calm_target();
    bridge.depends_on = vec![host.name.clone()];
    bridge.phase = "Suppressed".to_owned();
    bridge.phase_detail =
        "No incident is opened and nobody is told: \"Windows host\" is down, on which it depends.".to_owned();
    bridge.tone = Tone::Unknown;
    let mut api = endpoint("api", "API", "endpoint");
    api.depends_on = vec!["Database".to_owned(), "GitHub".to_owned()];
    api.tone = Tone::Warning;
    api.phase = "Needs a person".to_owned();
    api.phase_detail = "A person is needed: no remedy is configured for this target.".to_owned();
    if let Some(slow) = api.checks.get_mut(1) {
        slow.verdict = "Degraded".to_owned();
        slow.tone = Tone::Warning;
        slow.value = Some("2 s".to_owned());
        slow.reason = Some("It takes 2 s to answer (limit 2 s).".to_owned());
    }
    let mut zurich = named(closed_target(), "mt5-zurich", "MT5 bridge, Zurich");
    zurich.depends_on = vec!["Windows host, Zurich".to_owned()];
    board.targets = vec![
        host,
        bridge,
        zurich,
        endpoint("front", "Front end", "endpoint"),
        api,
        endpoint("database", "Database", "database"),
        endpoint("github", "GitHub", "endpoint"),
    ];
    board.tone = Tone::Bad;
    board.sentence =
        "Windows host: it does not answer: the connection was refused. A person is needed: no remedy is configured for this target. 2 more need a look."
            .to_owned();
    board.own.clock_ahead_ms = Some(310_000);
    board.own.clock_wrong = true;
    board.maintenance = vec![WindowView {
        name: "Weekly reboot".to_owned(),
        targets: vec![id("mt5-zurich"), id("host"), id("api"), id("front"), id("github")],
        by: None,
        begins: Some(ago(-417_595)),
        ends: None,
    }];
    board
}

/// The same with everything paused and planned work on all.
pub(crate) fn platform_paused() -> Board {
    let mut board = platform();
    let pause =
        HeldView { by: Some("anna".to_owned()), what: "healing is paused".to_owned(), until: ago(-86_400) };
    for view in &mut board.targets {
        view.pause = Some(pause.clone());
        view.maintenance =
            Some(HeldView { by: None, what: "Data centre move".to_owned(), until: ago(-7_200) });
    }
    board.maintenance.insert(
        0,
        WindowView {
            name: "Data centre move".to_owned(),
            targets: Vec::new(),
            by: Some("ben".to_owned()),
            begins: None,
            ends: Some(ago(-7_200)),
        },
    );
    board.pause = Some(pause);
    board.requests.insert(
        0,
        Asked {
            id: 40,
            by: "anna".to_owned(),
            what: RequestKind::Pause { target: None, until: ago(-86_400) },
            at: ago(30),
            state: AskedState::Done(
                "Healing of all targets is paused until 2026-11-24 12:00:05 UTC. Watching and alerts go on; a heal that already runs is not stopped."
                    .to_owned(),
            ),
        },
    );
    board
}
