//! When a drill runs, waits, is broken off and is missed; what it proves; who is told.

use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use rstest::rstest;

use super::super::scene_tests::{
    Scene, bridge, config, good, minutes, noon, seconds, silent, target, written_and_read,
};
use super::super::{AskedState, Command, Event, Handover, Monitor, RequestKind};
use super::{DRILL_MAX, LATE_MAX};
use crate::alert::{AlertReason, DeliveryResult, DeliveryState};
use crate::calendar::Zone;
use crate::check::ProbeOutcome;
use crate::drill::{Drill, DrillPart, DrillPolicy, DrillState, DrillStep, Every, Proof, ReadBack, Schedule};
use crate::heal::ActionKind;
use crate::incident::Severity;
use crate::readiness::{Finding, Looked, Part, ReadinessSpec, RemedyOf, Seen, Trouble};
use crate::target::{Config, TargetSpec};
use crate::time::Timestamp;
use crate::view::{ReadinessState, ReadinessView};

const DAY: Duration = Duration::from_secs(24 * 3_600);

/// A bridge whose hard remedy is a workflow. Ten minutes after the scene begins a drill is due, and so every day.
fn rehearsed_with(specs: Vec<TargetSpec>) -> Config {
    let schedule = Schedule { every: Every::Day, minute: 12 * 60 + 10, zone: Zone::utc() };
    Config {
        readiness: ReadinessSpec { watched: true, ping_every: None },
        drills: DrillPolicy { schedule: Some(schedule), ..DrillPolicy::default() },
        ..config(specs)
    }
}

fn spec() -> TargetSpec {
    let mut spec = bridge("mt5");
    spec.heal.ladder[2].action = ActionKind::GithubDispatch;
    spec
}

fn rehearsed() -> Scene {
    Scene::new(rehearsed_with(alloc::vec![spec()]))
}

fn due() -> Timestamp {
    noon().after(minutes(10))
}

fn works() -> Seen {
    Seen::Works(String::from("it is taken"))
}

fn expired() -> Seen {
    Seen::Refused(Trouble::new("GitHub refuses the token", "make a new one"))
}

fn drill_of(whom: Whom) -> RequestKind {
    match whom {
        Whom::One => RequestKind::Drill { target: Some(target("mt5")) },
        Whom::All => RequestKind::Drill { target: None },
    }
}

enum Whom {
    One,
    All,
}

impl Scene {
    /// Goes on for `span`: targets show `outcome`, looks find that everything works and of tokens `token`, the store gives back
    /// what it took, deliveries succeed.
    fn rehearses(&mut self, span: Duration, outcome: fn(Timestamp) -> ProbeOutcome, token: fn() -> Seen) {
        let until = self.now.after(span);
        while self.now < until {
            self.sees(1, outcome);
            self.looks_end(token);
            self.reads_back(&Ok(()));
            self.deliver_all();
        }
    }

    fn looks_end(&mut self, token: fn() -> Seen) {
        for look in core::mem::take(&mut self.looks) {
            let of = |remedy: &RemedyOf| {
                let parts = [
                    (Part::GithubToken(remedy.clone()), token()),
                    (Part::GithubWorkflow(remedy.clone()), works()),
                    (Part::HttpCall(remedy.clone()), works()),
                ];
                parts.map(|(part, seen)| Finding { part, at: look.asked_at, seen })
            };
            let findings = look.remedies.iter().flat_map(of).collect();
            let (drill, asked_at) = (look.drill.clone(), look.asked_at);
            self.handle(Event::Looked(Looked { drill, asked_at, findings }));
        }
    }

    fn reads_back(&mut self, result: &Result<(), String>) {
        for request in core::mem::take(&mut self.read_backs) {
            let read = ReadBack { target: request.target, due: request.due, result: result.clone() };
            self.handle(Event::ReadBack(read));
        }
    }

    fn drill(&self) -> &Drill {
        self.monitor.drill(&target("mt5")).expect("a drill")
    }

    fn drills(&self) -> &[Drill] {
        self.monitor.target(&target("mt5")).unwrap().drills().list()
    }

    fn step(&self, part: &DrillPart) -> &DrillStep {
        let found = self.drill().steps.iter().find(|step| step.part == *part);
        found.unwrap_or_else(|| panic!("no {part:?} among {:?}", self.drill().steps))
    }

    fn lamp(&self) -> ReadinessView {
        let board = self.monitor.board(1, self.now);
        board.readiness.into_iter().find(|view| view.id == "drills/mt5").expect("an item")
    }
}

fn token_part() -> DrillPart {
    let remedy = RemedyOf { target: target("mt5"), remedy: String::from("restart all") };
    DrillPart::Look(Part::GithubToken(remedy))
}

fn way() -> DrillPart {
    DrillPart::Way(String::from("mail"))
}

#[test]
fn a_drill_begins_when_it_is_due_and_passes_when_every_step_is_proven() {
    let mut scene = rehearsed();
    scene.rehearses(minutes(9), good, works);
    assert!(scene.drills().is_empty());

    scene.rehearses(minutes(2), good, works);

    assert_eq!((scene.drill().due, scene.drill().by.as_deref()), (due(), None));
    assert_eq!(scene.drill().state, DrillState::Passed, "{:?}", scene.drill().steps);
    assert!(scene.drill().steps.iter().all(|step| step.proof == Proof::Passed && step.took_ms.is_some()));
    assert_eq!(scene.lamp().state, ReadinessState::Ready);
    assert_eq!((scene.told(AlertReason::Drill), scene.told(AlertReason::DrillFailed)), (1, 0));
}

#[test]
fn a_drill_does_nothing_to_the_target() {
    let mut scene = rehearsed();
    scene.rehearses(minutes(15), good, works);
    assert_eq!((scene.steps.len(), scene.incident()), (0, None));
}

#[test]
fn the_test_alert_says_that_it_is_a_drill() {
    let mut scene = rehearsed();
    scene.rehearses(minutes(12), good, works);
    let alert = scene.alerts.iter().find(|alert| alert.reason == AlertReason::Drill).unwrap();
    assert_eq!(alert.message.title, "this is a fire drill: nothing is wrong");
    assert_eq!(alert.severity, Severity::Info);
}

#[test]
fn a_channel_that_carries_nothing_critical_is_not_used_and_its_lack_fails() {
    let mut spec = rehearsed_with(alloc::vec![spec()]);
    spec.alerts.channels[0].severities = alloc::vec![Severity::Warning];
    let mut scene = Scene::new(spec);
    scene.rehearses(minutes(12), good, works);
    assert_eq!(scene.step(&DrillPart::Way(String::new())).proof, Proof::Failed);
}

#[test]
fn without_delivery_the_way_is_only_looked_at() {
    let mut spec = rehearsed_with(alloc::vec![spec()]);
    spec.drills.deliver = false;
    let mut scene = Scene::new(spec);
    scene.rehearses(minutes(12), good, works);
    assert_eq!(scene.told(AlertReason::Drill), 0);
    let way = scene.step(&DrillPart::Look(Part::Channel(String::from("mail"))));
    assert_eq!((way.proof, way.said.as_str()), (Proof::NotKnown, "It was not looked at."));
    assert_eq!(scene.drill().state, DrillState::NotProven, "what is not known is not passed");
}

#[test]
fn an_expired_token_fails_the_drill_once_and_the_next_that_passes_ends_it() {
    let mut scene = rehearsed();
    scene.rehearses(minutes(9), good, works);
    scene.rehearses(minutes(5), good, expired);

    assert_eq!(scene.drill().state, DrillState::Failed);
    let step = scene.step(&token_part());
    assert_eq!(step.said, "GitHub refuses the token.");
    assert_eq!(step.mend.as_deref(), Some("Make a new one."));
    assert_eq!((scene.told(AlertReason::DrillFailed), scene.told(AlertReason::NotReady)), (1, 0));
    assert_eq!(scene.lamp().state, ReadinessState::NotReady);

    let asked = scene.asks(drill_of(Whom::One));
    scene.rehearses(minutes(1), good, works);

    assert!(matches!(scene.answer_to(asked), AskedState::Done(said) if said.contains("passed")));
    assert_eq!(scene.told(AlertReason::DrillPassed), 1);
    let failed = scene.monitor.shared.alerts.iter().find(|alert| alert.reason == AlertReason::DrillFailed);
    assert!(failed.is_some_and(|alert| alert.resolved_at.is_some()));
    assert_eq!(scene.lamp().state, ReadinessState::Ready);
}

#[test]
fn a_drill_that_fails_again_tells_it_again_once() {
    let mut scene = rehearsed();
    scene.rehearses(minutes(15), good, expired);
    scene.asks(drill_of(Whom::One));
    scene.rehearses(minutes(1), good, expired);
    assert_eq!(scene.told(AlertReason::DrillFailed), 2);
    let open = scene
        .monitor
        .shared
        .alerts
        .iter()
        .filter(|alert| alert.reason == AlertReason::DrillFailed && alert.resolved_at.is_none());
    assert_eq!(open.count(), 1);
}

#[test]
fn a_dry_run_fails_the_plan_and_says_how_to_end_it() {
    let mut spec = spec();
    spec.heal.dry_run = true;
    let mut scene = Scene::new(rehearsed_with(alloc::vec![spec]));
    scene.rehearses(minutes(12), good, works);
    let step = scene.step(&DrillPart::Plan(String::from("link_lost")));
    assert_eq!(step.proof, Proof::Failed);
    assert!(step.mend.as_deref().is_some_and(|mend| mend.contains("rebound dry-run mt5 off")));
}

#[test]
fn each_fault_has_the_plan_that_the_planner_makes() {
    let mut scene = rehearsed();
    scene.rehearses(minutes(12), good, works);
    let said = |code: &str| scene.step(&DrillPart::Plan(String::from(code))).said.clone();
    assert_eq!(
        said("link_lost"),
        "It would start \"refresh\" (soft), then \"restart bridge\" (medium), then \"restart all\" (hard)."
    );
    assert_eq!(
        said("bridge_silent"),
        "It would start \"restart bridge\" (medium), then \"restart all\" (hard)."
    );
    assert!(said("wrong_service").starts_with("A person would be called: no heal can help."));
}

#[test]
fn a_store_that_does_not_give_back_what_it_took_fails_the_drill() {
    let mut scene = rehearsed();
    scene.rehearses(minutes(9), good, works);
    while scene.read_backs.is_empty() {
        scene.sees(1, good);
    }
    scene.reads_back(&Err(String::from("the disk is gone")));
    scene.rehearses(minutes(3), good, works);
    let step = scene.step(&DrillPart::Store);
    assert_eq!(step.proof, Proof::Failed);
    assert!(step.said.contains("the disk is gone"));
}

#[test]
fn a_test_alert_that_does_not_arrive_fails_the_drill_and_is_called_off_with_it() {
    let mut scene = rehearsed();
    scene.rehearses(minutes(9), good, works);
    while scene.told(AlertReason::DrillFailed) == 0 {
        scene.sees(1, good);
        scene.looks_end(works);
        scene.reads_back(&Ok(()));
        for send in core::mem::take(&mut scene.sends) {
            scene.delivery_ends(&send, DeliveryResult::Retry(String::from("the mail server is away")));
        }
        assert!(scene.now < due().after(DRILL_MAX + seconds(30)), "{:?}", scene.drill().steps);
    }
    assert_eq!(scene.step(&way()).said, "It did not arrive by mail: the mail server is away.");
    assert_eq!(scene.told(AlertReason::NotGoingOut), 0, "the drill tells it");
    let test = scene.monitor.shared.alerts.iter().find(|alert| alert.reason == AlertReason::Drill).unwrap();
    assert!(matches!(test.deliveries["mail"], DeliveryState::CalledOff { .. }));
}

#[test]
fn what_never_comes_back_is_not_known_and_no_alert() {
    let mut scene = rehearsed();
    scene.rehearses(minutes(9), good, works);
    while scene.drills().is_empty() || scene.drill().state == DrillState::Running {
        scene.sees(1, good);
        scene.looks.clear();
        scene.reads_back(&Ok(()));
        scene.deliver_all();
    }
    assert_eq!(scene.drill().state, DrillState::NotProven);
    assert_eq!((scene.step(&token_part()).proof, scene.step(&token_part()).took_ms), (Proof::NotKnown, None));
    assert_eq!(scene.told(AlertReason::DrillFailed), 0);
    assert_eq!(scene.lamp().state, ReadinessState::Unknown);
}

/// What holds a drill when it is due.
#[derive(Clone, Copy, Debug)]
enum Hold {
    Incident,
    Pause,
    Work,
}

impl Scene {
    fn held(&mut self, hold: Hold) {
        let until = due().after(minutes(60));
        match hold {
            Hold::Incident => self.rehearses(minutes(2), silent, works),
            Hold::Pause => {
                self.asks(RequestKind::Pause { target: None, until });
            }
            Hold::Work => {
                let name = String::from("broker moves");
                self.asks(RequestKind::StartMaintenance { target: None, until, name });
            }
        }
    }
}

#[rstest]
#[case::incident(Hold::Incident, "incident 1 is open")]
#[case::pause(Hold::Pause, "ann paused healing")]
#[case::work(Hold::Work, "planned work: broker moves")]
fn a_drill_is_put_off_while_something_real_holds_and_held_when_that_is_over(
    #[case] hold: Hold,
    #[case] because: &str,
) {
    let mut scene = rehearsed();
    scene.rehearses(minutes(7), good, works);
    scene.held(hold);
    let shown = if matches!(hold, Hold::Incident) { silent } else { good };
    scene.rehearses(minutes(6), shown, works);
    assert_eq!(scene.drill().state, DrillState::PutOff(String::from(because)));
    assert_eq!(scene.told(AlertReason::Drill), 0);

    scene.rehearses(minutes(90), good, works);

    assert_eq!((scene.drill().due, &scene.drill().state), (due(), &DrillState::Passed));
}

#[rstest]
#[case::incident(Hold::Incident, "incident 1 is open")]
#[case::pause(Hold::Pause, "ann paused healing")]
#[case::work(Hold::Work, "planned work: broker moves")]
fn a_drill_that_runs_is_broken_off_by_what_is_real(#[case] hold: Hold, #[case] because: &str) {
    let mut scene = rehearsed();
    scene.rehearses(minutes(9), good, works);
    while scene.drills().is_empty() {
        scene.sees(1, good);
    }
    // Nothing of the drill is answered, so that it runs.
    match hold {
        Hold::Incident => {
            while scene.incident().is_none() {
                scene.sees(1, silent);
            }
        }
        Hold::Pause | Hold::Work => scene.held(hold),
    }
    assert_eq!(scene.drill().state, DrillState::BrokenOff(String::from(because)));
    assert_eq!(scene.lamp().state, ReadinessState::Unknown);
    assert_eq!((scene.told(AlertReason::DrillFailed), scene.told(AlertReason::DrillMissed)), (0, 0));
}

#[test]
fn a_test_alert_that_a_drill_did_not_wait_for_says_nothing_against_its_way() {
    let mut scene = rehearsed();
    scene.rehearses(minutes(9), good, works);
    while scene.sends.is_empty() {
        scene.sees(1, good);
    }
    let send = scene.sends.remove(0);
    scene.held(Hold::Pause);
    assert!(matches!(scene.drill().state, DrillState::BrokenOff(_)));
    assert_eq!(scene.monitor.way("mail").fails, None, "signs of life go on");

    scene.delivery_ends(&send, DeliveryResult::Delivered);
    let test = scene.monitor.shared.alerts.iter().find(|alert| alert.reason == AlertReason::Drill).unwrap();
    assert!(matches!(test.deliveries["mail"], DeliveryState::Delivered { attempts: 1, .. }));
}

#[test]
fn by_hand_nothing_is_put_off_and_the_answer_says_why() {
    let mut scene = rehearsed();
    scene.rehearses(minutes(1), good, works);
    scene.held(Hold::Pause);
    let asked = scene.asks(drill_of(Whom::One));
    let AskedState::Refused(why) = scene.answer_to(asked) else { panic!("it began") };
    assert_eq!(why, "Not rehearsed: mt5: ann paused healing.");
    assert!(scene.drills().is_empty());
}

#[test]
fn a_drill_that_was_put_off_too_long_is_missed_and_told_once() {
    let mut scene = rehearsed();
    scene.rehearses(minutes(5), good, works);
    let until = due().after(LATE_MAX + minutes(30));
    scene.asks(RequestKind::Pause { target: None, until });
    scene.rehearses(LATE_MAX + minutes(10), good, works);
    assert_eq!(scene.drill().state, DrillState::Missed(String::from("ann paused healing")));
    assert_eq!(scene.told(AlertReason::DrillMissed), 1);
    assert_eq!(scene.lamp().state, ReadinessState::AtRisk);

    scene.rehearses(minutes(60), good, works);
    scene.asks(drill_of(Whom::One));
    scene.rehearses(minutes(1), good, works);
    let told = scene.monitor.shared.alerts.iter().find(|alert| alert.reason == AlertReason::DrillMissed);
    assert!(told.is_some_and(|alert| alert.resolved_at.is_some()), "a drill that passes ends it");
}

#[rstest]
#[case::a_little_late(minutes(60), DrillState::Passed, 0)]
#[case::too_late(LATE_MAX + minutes(30), DrillState::Missed(String::from("Rebound did not run when it was due")), 1)]
fn a_drill_that_was_due_while_rebound_did_not_run_is_held_or_told(
    #[case] gap: Duration,
    #[case] state: DrillState,
    #[case] told: usize,
) {
    let mut scene = rehearsed();
    scene.rehearses(minutes(5), good, works);
    scene.restarts(gap);
    scene.rehearses(minutes(3), good, works);
    assert_eq!((scene.drill().due, &scene.drill().state), (due(), &state));
    assert_eq!(scene.told(AlertReason::DrillMissed), told);
}

#[test]
fn several_that_were_missed_are_one_with_a_count() {
    let mut scene = rehearsed();
    scene.rehearses(minutes(5), good, works);
    scene.restarts(DAY * 3 - minutes(60));
    scene.rehearses(minutes(3), good, works);
    let because = "Rebound did not run when it was due, and 2 drills before it";
    assert_eq!(scene.drill().state, DrillState::Missed(String::from(because)));
    assert_eq!(scene.drills().len(), 1);
}

#[test]
fn a_drill_that_ran_when_rebound_stopped_proves_nothing() {
    let mut scene = rehearsed();
    scene.rehearses(minutes(9), good, works);
    while scene.drills().is_empty() {
        scene.sees(1, good);
    }
    scene.restarts(seconds(20));
    assert!(matches!(scene.drill().state, DrillState::BrokenOff(_)));
}

#[test]
fn without_a_schedule_nothing_is_due_and_a_later_schedule_misses_nothing_of_before() {
    let mut spec = rehearsed_with(alloc::vec![spec()]);
    let schedule = spec.drills.schedule.take();
    let mut scene = Scene::new(spec);
    scene.rehearses(minutes(15), good, works);
    assert!(scene.drills().is_empty());

    let mut spec = scene.monitor.config.clone();
    spec.drills.schedule = schedule;
    scene.handle(Event::ConfigChanged(alloc::boxed::Box::new(spec)));
    scene.rehearses(minutes(5), good, works);
    assert!(scene.drills().is_empty());
}

#[test]
fn drills_of_one_round_share_one_test_alert() {
    let mut other = spec();
    (other.id, other.name) = (target("other"), String::from("other"));
    let mut scene = Scene::new(rehearsed_with(alloc::vec![spec(), other]));
    scene.rehearses(minutes(12), good, works);
    assert_eq!(scene.told(AlertReason::Drill), 1);
    let states = ["mt5", "other"].map(|name| scene.monitor.drill(&target(name)).unwrap().state.clone());
    assert_eq!(states, [DrillState::Passed, DrillState::Passed]);
}

#[test]
fn all_are_rehearsed_by_hand_and_the_answer_tells_of_each() {
    let mut specs = Vec::new();
    for number in 0..10 {
        let name = alloc::format!("t{number}");
        specs.push(TargetSpec { id: target(&name), name, ..spec() });
    }
    let mut scene = Scene::new(rehearsed_with(specs));
    scene.rehearses(minutes(1), good, works);
    let asked = scene.asks(drill_of(Whom::All));
    assert!(matches!(scene.answer_to(asked), AskedState::Running(_)));
    scene.rehearses(minutes(3), good, works);
    let AskedState::Done(said) = scene.answer_to(asked) else { panic!("it ends") };
    assert_eq!(said.matches("The drill passed").count(), 10, "{said}");
    assert_eq!(scene.told(AlertReason::Drill), 1);
}

#[test]
fn two_at_once_of_one_target_is_one_too_many() {
    let mut scene = rehearsed();
    scene.rehearses(minutes(1), good, works);
    scene.asks(drill_of(Whom::One));
    let again = scene.asks(drill_of(Whom::One));
    let AskedState::Refused(why) = scene.answer_to(again) else { panic!("two run") };
    assert_eq!(why, "Not rehearsed: mt5: a drill is running already.");
}

#[test]
fn of_several_servers_the_one_that_watches_a_target_holds_its_drills_and_hands_over_what_is_known() {
    let mut scene = rehearsed();
    scene.rehearses(minutes(12), good, works);
    let saved = written_and_read(&scene.monitor.save());

    let config = scene.monitor.config.clone();
    let numbering = super::super::Numbering::row(1, 2);
    let (mut other, _) = Monitor::sharing(config, numbering, None, &[], noon()).unwrap();
    let out = other.handle(scene.now, Event::Woke);
    assert!(!out.iter().any(|command| matches!(command, Command::ReadBack(_))), "it watches nothing");
    assert_eq!(other.drill(&target("mt5")), None);

    let handover = Handover {
        targets: alloc::vec![target("mt5")],
        states: saved.targets,
        alive_at: Some(scene.now),
        ..Handover::default()
    };
    let out = other.handle(scene.now, Event::Gained(alloc::boxed::Box::new(handover)));
    assert!(!out.iter().any(|command| matches!(command, Command::ReadBack(_))), "today's was held");
    assert_eq!(other.drill(&target("mt5")).map(|drill| drill.due), Some(due()));
}

#[test]
fn a_target_does_not_move_while_it_is_rehearsed() {
    let mut scene = rehearsed();
    scene.rehearses(minutes(9), good, works);
    while scene.drills().is_empty() {
        scene.sees(1, good);
    }
    scene.deliver_all();
    assert!(!scene.monitor.may_move(&target("mt5")));
    scene.rehearses(minutes(3), good, works);
    assert!(scene.monitor.may_move(&target("mt5")));
}
