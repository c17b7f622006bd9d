//! The contents of every alert: what was seen, since when, what was done, what to do now.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::alert::{Alert, AlertPolicy, Message};
use crate::heal::Refusal;
use crate::incident::{Cause, Incident, Phase, Proof, Recovery, Severity, Step};
use crate::reason::{Help, Reason};
use crate::target::TargetSpec;
use crate::time::{Timestamp, spoken};
use crate::uptime::UptimeState;

/// An incident opened, or became worse.
pub(super) fn opened(policy: &AlertPolicy, spec: &TargetSpec, incident: &Incident, phase: &Phase) -> Message {
    let mut facts = seen(incident);
    facts.push(fact("Detected", format!("{} after the first failure", spoken(incident.time_to_detect()))));
    let (title, doing, advice) = match phase {
        Phase::Healing { attempt, .. } | Phase::Verifying { attempt, .. } => {
            let remedy = incident.steps.last().map_or("", |step| step.remedy.as_str());
            // Written before anybody can know whether the intent can be: where it cannot, the store's own alert follows at once.
            let doing = format!(
                "healing begins: \"{remedy}\" (attempt {attempt}); nothing to do yet, unless heals are said to be held"
            );
            (main_sentence(incident), doing, None)
        }
        Phase::Waiting { because: because @ Refusal::LookFirst, .. } => {
            (main_sentence(incident), format!("a heal waits: {because}"), None)
        }
        Phase::Waiting { until, because } => (main_sentence(incident), waits(*until, because), None),
        Phase::Escalated { because } => (
            main_sentence(incident),
            format!("nothing by itself: {because}"),
            Some(advice(incident, because)),
        ),
        Phase::Healthy | Phase::Suspect { .. } | Phase::Suppressed { .. } => {
            (main_sentence(incident), String::from("watching"), None)
        }
    };
    facts.push(fact("Doing", doing));
    message(policy, spec, incident, title, facts, advice)
}

/// A fault of its own came while its incident is only held open.
pub(super) fn also(
    policy: &AlertPolicy,
    spec: &TargetSpec,
    incident: &Incident,
    cause: &Cause,
    phase: &Phase,
) -> Message {
    let told = opened(policy, spec, incident, phase);
    Message { title: cause.reason.to_string(), ..told }
}

/// Nothing more happens by itself.
pub(super) fn escalated(
    policy: &AlertPolicy,
    spec: &TargetSpec,
    incident: &Incident,
    because: &Refusal,
    now: Timestamp,
) -> Message {
    let mut facts = seen(incident);
    facts.push(fact("Lasting for", spoken(incident.downtime(now))));
    facts.push(fact("Tried", tried(incident)));
    facts.push(fact("Stopped because", because.to_string()));
    let title = format!("a person is needed: {}", main_sentence(incident));
    message(policy, spec, incident, title, facts, Some(advice(incident, because)))
}

/// What was announced is over.
pub(super) fn recovered(
    policy: &AlertPolicy,
    spec: &TargetSpec,
    incident: &Incident,
    still_wrong: &[String],
    now: Timestamp,
) -> Message {
    let closing = incident.closed.as_ref();
    let how = closing.map_or_else(String::new, |closing| closing.how.to_string());
    // What was not seen to end may go on: then nobody knows how long it lasts.
    let advice = closing.and_then(|closing| match closing.how {
        Recovery::OtherLimits => Some("By the limits that it was opened with it still fails. Look whether the change of them was meant so; the list of changes under Settings tells who made it, if it was not made in the configuration file."),
        Recovery::NotWatched => Some("Whether it still fails nobody knows. Look by hand; the list of changes under Settings tells who switched the check off, if it was not done in the configuration file."),
        Recovery::AfterHeal(_) | Recovery::ByItself | Recovery::Unproven | Recovery::SeenByPerson => None,
    });
    let (method, lasted) =
        if advice.is_some() { ("Ended", "Seen failing for") } else { ("Method", "Downtime") };
    let mut facts = alloc::vec![
        fact("Was", main_sentence(incident)),
        fact(method, how.clone()),
        fact(lasted, spoken(incident.downtime(now))),
        fact("Time to detect", spoken(incident.time_to_detect())),
    ];
    if let Some(took) = incident.time_to_heal() {
        facts.push(fact("Time to heal", spoken(took)));
    }
    if !incident.steps.is_empty() {
        facts.push(fact("Done", tried(incident)));
    }
    if !still_wrong.is_empty() {
        facts.push(fact("Still wrong", still_wrong.join("; ")));
    }
    message(policy, spec, incident, how, facts, advice.map(String::from))
}

/// A target has been unknown for too long.
pub(super) fn unknown_too_long(
    policy: &AlertPolicy,
    spec: &TargetSpec,
    since: Timestamp,
    why: Option<&Reason>,
) -> Message {
    let why = why.map_or_else(|| String::from("no observation came"), ToString::to_string);
    Message {
        title: String::from("nobody knows whether it works"),
        about: spec.name.clone(),
        facts: alloc::vec![fact("Seen", why), fact("Since", since.to_string())],
        advice: Some(String::from(
            "Look at it by hand. While nothing can be seen, nothing is healed and nothing is called healthy.",
        )),
        link: policy.link_base.clone(),
    }
}

/// Rebound itself has been blind for too long.
pub(super) fn blind(policy: &AlertPolicy, since: Timestamp, why: &Reason) -> Message {
    Message {
        title: format!("Rebound itself cannot see: {why}"),
        about: policy.site.clone(),
        facts: alloc::vec![fact("Since", since.to_string())],
        advice: Some(String::from(
            "Look at the machine that Rebound runs on: its network, its clock, its load. Until then nothing is healed, and nothing is called healthy or down.",
        )),
        link: policy.link_base.clone(),
    }
}

/// Rebound itself is blind no longer.
pub(super) fn sees_again(policy: &AlertPolicy) -> Message {
    Message {
        title: String::from("Rebound can see again"),
        about: policy.site.clone(),
        facts: Vec::new(),
        advice: None,
        link: policy.link_base.clone(),
    }
}

/// A target that was unknown is seen again.
pub(super) fn seen_again(policy: &AlertPolicy, spec: &TargetSpec, state: UptimeState) -> Message {
    Message {
        title: format!("it can be seen again: {}", state.word()),
        about: spec.name.clone(),
        facts: Vec::new(),
        advice: None,
        link: policy.link_base.clone(),
    }
}

/// What a heal waits for, and until when, where that is known.
pub(super) fn waits(until: Timestamp, because: &Refusal) -> String {
    // It starts when the store works, whenever that is.
    if matches!(because, Refusal::StoreDown) {
        return format!("a heal waits: {because}");
    }
    format!("a heal waits until {}: {because}", until.clock())
}

/// The store does not accept writes.
pub(super) fn store_down(policy: &AlertPolicy, why: &str) -> Message {
    Message {
        title: String::from("the store does not accept writes: heals are held"),
        about: policy.site.clone(),
        facts: alloc::vec![fact("Seen", String::from(why))],
        advice: Some(String::from(
            "Mend the store: free disk space, or see that its server runs and can be reached. Watching goes on and alerts go out, but no heal starts that cannot be written down first.",
        )),
        link: policy.link_base.clone(),
    }
}

/// The store accepts writes again.
pub(super) fn store_back(policy: &AlertPolicy, was: &str) -> Message {
    Message {
        title: String::from("the store accepts writes again: healing goes on"),
        about: policy.site.clone(),
        facts: alloc::vec![fact("Was", String::from(was))],
        advice: None,
        link: policy.link_base.clone(),
    }
}

/// The title of [`not_going_out`], which names its channel.
pub(super) fn not_going_out_title(channel: &str) -> String {
    format!("alerts are not going out by {channel}")
}

/// A channel does not bring alerts to people.
pub(super) fn not_going_out(policy: &AlertPolicy, alert: &Alert, channel: &str, why: &str) -> Message {
    Message {
        title: not_going_out_title(channel),
        about: policy.site.clone(),
        facts: alloc::vec![
            fact("Not delivered", format!("alert {}: {}", alert.id, alert.message.title)),
            fact("Because", String::from(why)),
        ],
        advice: Some(format!("Mend the settings of {channel}, then send a test alert.")),
        link: policy.link_base.clone(),
    }
}

/// A person tests the way.
pub(super) fn test(policy: &AlertPolicy, by: &str) -> Message {
    Message {
        title: String::from("this is a test: alerts reach you"),
        about: policy.site.clone(),
        facts: alloc::vec![fact("Asked by", String::from(by))],
        advice: None,
        link: policy.link_base.clone(),
    }
}

/// What a person should do about an incident that Rebound cannot end.
pub(super) fn advice(incident: &Incident, because: &Refusal) -> String {
    let by_cause = incident.causes.iter().find_map(|cause| match cause.reason.help() {
        Help::Person(advice) | Help::Slots(advice) if cause.severity == incident.severity => {
            Some(String::from(advice))
        }
        Help::Person(_) | Help::Slots(_) | Help::Heal { .. } | Help::Nothing => None,
    });
    by_cause.unwrap_or_else(|| match because {
        Refusal::DryRun(_) => String::from("Do by hand what the dry run names, or switch the dry run off."),
        Refusal::NoLadder => String::from("Restart what failed by hand, and give the target a remedy in the configuration."),
        Refusal::Paused { .. } => {
            String::from("Nothing is healed until healing goes on. Press \"Resume healing\", or heal by hand.")
        }
        Refusal::Stopped(_) => String::from("Heal it by hand, or press \"Force heal\"."),
        Refusal::PositionsOpen(..) | Refusal::PositionsAsk(..) => String::from(
            "Look at the open positions and decide: press \"Force heal\" to restart all the same, or wait until they are closed.",
        ),
        Refusal::BreakerOpen { .. } => String::from(
            "The remedy did not help against this fault the last times. Look at the host by hand, and at whether it is the right remedy.",
        ),
        Refusal::Cooldown(_)
        | Refusal::Maintenance(_)
        | Refusal::ParentDown(_)
        | Refusal::ParentSettles(_)
        | Refusal::NoSuchRemedy(_)
        | Refusal::PositionsLost
        | Refusal::LookFirst
        | Refusal::HourSpent(_)
        | Refusal::AttemptsSpent(_)
        | Refusal::LadderSpent
        | Refusal::NothingHelps(_)
        | Refusal::NeedsPerson
        | Refusal::StoreDown
        | Refusal::CannotTell(_) => String::from(
            "Look at the host by hand: is it on, is the terminal logged in, does the bridge run? Then press \"Force heal\" or wait: \
             Rebound goes on watching and tells when it recovers.",
        ),
    })
}

/// The first of the worst causes, as a sentence.
pub(super) fn main_sentence(incident: &Incident) -> String {
    incident.main_cause().map_or_else(|| String::from("trouble"), |cause| cause.reason.to_string())
}

fn seen(incident: &Incident) -> Vec<(String, String)> {
    let mut facts = alloc::vec![fact(
        "Status",
        String::from(match incident.severity {
            Severity::Critical => "down",
            Severity::Warning => "degraded",
            Severity::Info => "noted",
        }),
    )];
    for cause in &incident.causes {
        let check = cause.check.map_or("asked", |check| check.name());
        facts.push(fact("Seen", format!("{check}: {}", cause.reason)));
    }
    if let Some(layer) = incident.layer {
        facts.push(fact("Where", String::from(layer.word())));
    }
    if incident.repeat > 1 {
        facts.push(fact("Again", format!("incident {} of this target within an hour", incident.repeat)));
    }
    facts.push(fact("Since", incident.first_failure.to_string()));
    if let Some(last_good) = incident.last_good {
        facts.push(fact("Last seen good", last_good.to_string()));
    }
    facts
}

fn tried(incident: &Incident) -> String {
    if incident.steps.is_empty() {
        return String::from("nothing");
    }
    incident.steps.iter().map(step_sentence).collect::<Vec<_>>().join("; ")
}

fn step_sentence(step: &Step) -> String {
    let outcome = step.result.as_ref().map_or("running", |end| end.outcome.word());
    let proof = match step.proof {
        Proof::Pending => "not proven yet",
        Proof::Recovered(_) => "recovery seen",
        Proof::DidNotHelp(_) => "did not help",
        Proof::LostPositions(_) => "positions or orders differ since",
        Proof::NotTold(_) => "nothing proven",
    };
    let said = step.result.as_ref().map(|end| shortened(&end.output)).filter(|said| !said.is_empty());
    match said {
        Some(said) => format!("\"{}\" {outcome} ({said}), {proof}", step.remedy),
        None => format!("\"{}\" {outcome}, {proof}", step.remedy),
    }
}

/// What a program said, short enough for an alert; the incident has all of it.
fn shortened(said: &str) -> String {
    const CHARS_MAX: usize = 80;
    if said.chars().count() <= CHARS_MAX {
        return String::from(said);
    }
    let mut short: String = said.chars().take(CHARS_MAX).collect();
    short.push('…');
    short
}

fn message(
    policy: &AlertPolicy,
    spec: &TargetSpec,
    incident: &Incident,
    title: String,
    facts: Vec<(String, String)>,
    advice: Option<String>,
) -> Message {
    let link = policy.link_base.as_ref().map(|base| format!("{base}/incidents/{}", incident.id));
    Message { title, about: spec.name.clone(), facts, advice, link }
}

fn fact(label: &str, value: String) -> (String, String) {
    (String::from(label), value)
}
