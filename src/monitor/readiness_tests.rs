//! When it is looked, who is told of what was found, and when the signs of life stop.

use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use super::super::scene_tests::{Scene, bridge, config, good, minutes, not_asked, seconds, silent, target};
use super::super::{AskedState, Event, RequestKind};
use super::{LOOK_AGAIN, LOOK_EVERY, PINGS_LOST_MAX};
use crate::alert::{AlertReason, DeliveryResult};
use crate::heal::ActionKind;
use crate::readiness::{Finding, Looked, Part, Pinged, ReadinessSpec, RemedyOf, Seen, Trouble};
use crate::target::Config;
use crate::time::Timestamp;
use crate::view::{ReadinessState, ReadinessView};

const DAY: Duration = Duration::from_secs(24 * 3_600);

/// One bridge whose last remedy is a workflow; what an emergency needs is looked at, and somebody waits for signs of life.
fn watched() -> Config {
    let mut spec = bridge("mt5");
    spec.heal.ladder[2].action = ActionKind::GithubDispatch;
    let readiness = ReadinessSpec { watched: true, ping_every: Some(seconds(60)) };
    Config { readiness, ..config(alloc::vec![spec]) }
}

fn token() -> Part {
    Part::GithubToken(RemedyOf { target: target("mt5"), remedy: String::from("restart all") })
}

fn mail() -> Part {
    Part::Channel(String::from("mail"))
}

fn works() -> Seen {
    Seen::Works(String::from("it is taken"))
}

fn refused() -> Seen {
    Seen::Refused(Trouble::new("GitHub refuses the token", "make a new one"))
}

fn ending(ends: Timestamp) -> Seen {
    let (said, renew) = (String::from("it is taken"), String::from("make a new one"));
    Seen::Token { said, ends: Some(ends), doubt: None, renew }
}

fn no_answer() -> Seen {
    Seen::Silent(Trouble::new("it does not answer", "start it"))
}

impl Scene {
    /// Goes on until it is looked, and finds this.
    fn finds(&mut self, found: &[(Part, Seen)]) {
        self.goes_on_until_a_look();
        let look = self.looks.remove(0);
        let finding =
            |(part, seen): &(Part, Seen)| Finding { part: part.clone(), at: self.now, seen: seen.clone() };
        let findings: Vec<Finding> = found.iter().map(finding).collect();
        self.handle(Event::Looked(Looked { drill: None, asked_at: look.asked_at, findings }));
        self.deliver_all();
    }

    fn goes_on_until_a_look(&mut self) {
        self.answers_until(|scene| !scene.looks.is_empty());
    }

    /// The bridge is well and every sign of life is taken until something is so.
    fn answers_until(&mut self, is_so: impl Fn(&Self) -> bool) {
        for _ in 0..200_000 {
            if is_so(self) {
                return;
            }
            self.sees(1, good);
            self.pings_end(&Ok(String::from("a service")));
        }
        panic!("it never came to that");
    }

    fn pings_end(&mut self, result: &Result<String, Trouble>) {
        for ping in core::mem::take(&mut self.pings) {
            self.handle(Event::Pinged(Pinged { asked_at: ping.asked_at, result: result.clone() }));
        }
    }

    /// Answers questions by `outcome` and signs of life by `result` for a span.
    fn lives_with(
        &mut self,
        span: Duration,
        outcome: fn(Timestamp) -> crate::check::ProbeOutcome,
        result: &Result<String, Trouble>,
    ) -> usize {
        let (until, mut given) = (self.now.after(span), 0);
        while self.now < until {
            self.sees(1, outcome);
            given += self.pings.len();
            self.pings_end(result);
            self.deliver_all();
        }
        given
    }

    fn item(&self, id: &str) -> ReadinessView {
        let board = self.monitor.board(1, self.now);
        let found = board.readiness.iter().find(|view| view.id == id).cloned();
        found.unwrap_or_else(|| panic!("there is no {id} among {:?}", board.readiness))
    }
}

fn taken() -> Result<String, Trouble> {
    Ok(String::from("a service"))
}

fn lost() -> Result<String, Trouble> {
    Err(Trouble::new("the connection was refused", "see to the service"))
}

#[test]
fn it_is_looked_at_the_start_and_then_once_a_day() {
    let mut scene = Scene::new(watched());
    scene.finds(&[(token(), works())]);
    let first = scene.now;
    scene.goes_on_until_a_look();
    assert_eq!(scene.looks[0].asked_at.since(first), LOOK_EVERY);
    let remedies: Vec<&str> = scene.looks[0].remedies.iter().map(|of| of.remedy.as_str()).collect();
    assert_eq!(remedies, ["restart bridge", "restart all"], "what goes through the bridge is not called");
}

#[test]
fn what_is_refused_is_told_once_a_day_and_its_mending_once() {
    let mut scene = Scene::new(watched());
    let begins = scene.now;
    while scene.now.since(begins) < DAY - LOOK_AGAIN {
        scene.finds(&[(token(), refused())]);
    }
    assert_eq!(scene.told(AlertReason::NotReady), 1);
    scene.finds(&[(token(), refused())]);
    assert_eq!(scene.told(AlertReason::NotReady), 2);
    scene.finds(&[(token(), works())]);
    scene.finds(&[(token(), works())]);
    assert_eq!((scene.told(AlertReason::NotReady), scene.told(AlertReason::ReadyAgain)), (2, 1));
    let board = scene.monitor.board(1, scene.now.after(minutes(30)));
    assert!(board.banners.is_empty(), "{:?}", board.banners);
}

#[test]
fn what_somebody_has_acknowledged_is_not_told_again() {
    let mut scene = Scene::new(watched());
    scene.finds(&[(token(), refused())]);
    let alert = scene.alerts.last().unwrap().id;
    scene.asks(RequestKind::Acknowledge(alert));
    for _ in 0..50 {
        scene.finds(&[(token(), refused())]);
    }
    assert_eq!(scene.told(AlertReason::NotReady), 1);
}

#[test]
fn several_things_of_one_look_are_one_message() {
    let mut scene = Scene::new(watched());
    let workflow =
        Part::GithubWorkflow(RemedyOf { target: target("mt5"), remedy: String::from("restart all") });
    scene.finds(&[(token(), refused()), (workflow, refused()), (mail(), refused())]);
    let told: Vec<_> = scene.alerts.iter().filter(|alert| alert.reason == AlertReason::NotReady).collect();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].message.title, "3 things are not ready for an emergency");
    assert_eq!(told[0].message.facts.len(), 3);
}

#[test]
fn a_token_that_ends_soon_is_told_once_a_week_and_at_once_when_it_has_ended() {
    let mut scene = Scene::new(watched());
    let ends = scene.now.after(DAY * 8);
    let until = scene.now.after(DAY * 6);
    while scene.now < until {
        scene.finds(&[(token(), ending(ends))]);
    }
    assert_eq!(scene.told(AlertReason::NotReady), 1);
    let title = &scene.alerts.last().unwrap().message.title;
    assert_eq!(title, "mt5: GitHub token of \"restart all\" is at risk");
    while scene.now < ends {
        scene.finds(&[(token(), ending(ends))]);
    }
    scene.finds(&[(token(), ending(ends))]);
    assert_eq!(scene.told(AlertReason::NotReady), 3);
    assert_eq!(scene.item(&token().id()).state, ReadinessState::NotReady);
}

#[test]
fn silence_is_looked_at_once_more_before_anybody_is_told() {
    let mut scene = Scene::new(watched());
    scene.finds(&[(mail(), no_answer())]);
    let first = scene.now;
    assert_eq!(scene.told(AlertReason::NotReady), 0);
    assert_eq!(scene.item("alerts.channel/mail").state, ReadinessState::NotReady);
    scene.finds(&[(mail(), no_answer())]);
    assert_eq!((scene.now.since(first), scene.told(AlertReason::NotReady)), (minutes(5), 1));
}

#[test]
fn silence_that_passes_is_never_told() {
    let mut scene = Scene::new(watched());
    scene.finds(&[(mail(), no_answer())]);
    scene.finds(&[(mail(), works())]);
    scene.finds(&[(mail(), no_answer())]);
    assert_eq!(scene.told(AlertReason::NotReady) + scene.told(AlertReason::ReadyAgain), 0);
}

#[test]
fn what_comes_and_goes_is_told_once_a_day() {
    let mut scene = Scene::new(watched());
    let begins = scene.now;
    while scene.now.since(begins) < DAY - LOOK_AGAIN {
        scene.finds(&[(mail(), refused())]);
        scene.passes(minutes(2));
        scene.asks(RequestKind::CheckReadiness);
        scene.finds(&[(mail(), works())]);
        scene.passes(minutes(2));
        scene.asks(RequestKind::CheckReadiness);
    }
    assert_eq!((scene.told(AlertReason::NotReady), scene.told(AlertReason::ReadyAgain)), (1, 1));
    while scene.now.since(begins) < DAY + LOOK_AGAIN {
        scene.finds(&[(mail(), refused())]);
    }
    assert_eq!(scene.told(AlertReason::NotReady), 2);
}

#[test]
fn a_host_that_is_silent_within_an_incident_is_told_by_the_incident_alone() {
    let mut scene = Scene::new(watched());
    scene.sees(3, silent);
    assert!(scene.incident().is_some());
    let host = Part::HttpCall(RemedyOf { target: target("mt5"), remedy: String::from("restart bridge") });
    for _ in 0..3 {
        let look = scene.looks.remove(0);
        let findings = alloc::vec![Finding { part: host.clone(), at: scene.now, seen: no_answer() }];
        scene.handle(Event::Looked(Looked { drill: None, asked_at: look.asked_at, findings }));
        while scene.looks.is_empty() {
            scene.sees(1, silent);
            scene.pings_end(&taken());
        }
    }
    assert_eq!(scene.told(AlertReason::NotReady), 0);
}

#[test]
fn a_restart_tells_nothing_twice_and_still_tells_of_the_mending() {
    let mut scene = Scene::new(watched());
    scene.finds(&[(token(), refused())]);
    scene.restarts(minutes(1));
    scene.looks.clear();
    scene.finds(&[(token(), refused())]);
    assert_eq!(scene.told(AlertReason::NotReady), 1);
    scene.finds(&[(token(), works())]);
    assert_eq!(scene.told(AlertReason::ReadyAgain), 1);
}

#[test]
fn a_remedy_that_is_gone_is_no_trouble_any_more() {
    let mut scene = Scene::new(watched());
    scene.finds(&[(token(), refused())]);
    let without = Config { readiness: watched().readiness, ..config(alloc::vec![bridge("other")]) };
    scene.handle(Event::ConfigChanged(alloc::boxed::Box::new(without)));
    scene.finds(&[]);
    let board = scene.monitor.board(1, scene.now);
    assert!(board.banners.is_empty(), "{:?}", board.banners);
    assert!(board.readiness.iter().all(|view| !view.id.starts_with("github")));
    assert_eq!(scene.told(AlertReason::ReadyAgain), 0);
}

#[test]
fn somebody_may_ask_for_a_look_once_a_minute() {
    let mut scene = Scene::new(watched());
    scene.finds(&[(token(), works())]);
    let early = scene.asks(RequestKind::CheckReadiness);
    assert!(matches!(scene.answer_to(early), AskedState::Refused(why) if why.contains("once in 1 min")));
    scene.passes(seconds(60));
    let asked = scene.asks(RequestKind::CheckReadiness);
    assert!(matches!(scene.answer_to(asked), AskedState::Running(_)));
    scene.finds(&[(token(), refused())]);
    let said = AskedState::Done(String::from("1 things were looked at; 1 of them needs somebody."));
    assert_eq!(scene.answer_to(asked), said);
}

#[test]
fn whoever_asks_while_it_is_looked_hears_of_that_look() {
    let mut scene = Scene::new(watched());
    scene.goes_on_until_a_look();
    let asked = scene.asks(RequestKind::CheckReadiness);
    assert_eq!(scene.looks.len(), 1, "no second look beside the first");
    scene.finds(&[(token(), works())]);
    assert!(matches!(scene.answer_to(asked), AskedState::Done(_)));
}

#[test]
fn a_look_that_never_comes_back_is_given_up_and_made_again() {
    let mut scene = Scene::new(watched());
    scene.goes_on_until_a_look();
    let lost = scene.looks.remove(0);
    let asked = scene.asks(RequestKind::CheckReadiness);
    scene.answers_until(|scene| !matches!(scene.answer_to(asked), AskedState::Running(_)));
    let late = Finding { part: token(), at: scene.now, seen: refused() };
    scene.handle(Event::Looked(Looked { drill: None, asked_at: lost.asked_at, findings: alloc::vec![late] }));
    assert_eq!(scene.told(AlertReason::NotReady), 0, "what comes late does not count");
    scene.goes_on_until_a_look();
}

#[test]
fn a_sign_of_life_is_given_every_minute_while_all_is_well() {
    let mut scene = Scene::new(watched());
    let given = scene.lives_with(minutes(30), good, &taken());
    assert!((30..=31).contains(&given), "{given}");
    assert_eq!(scene.item("outside.ping").state, ReadinessState::Ready);
}

#[test]
fn signs_of_life_that_are_not_taken_are_told_after_five_and_their_return_once() {
    let mut scene = Scene::new(watched());
    scene.lives_with(minutes(1), good, &taken());
    let few = u64::from(PINGS_LOST_MAX) - 1;
    scene.lives_with(minutes(few), good, &lost());
    assert_eq!(
        (scene.told(AlertReason::NotReady), scene.item("outside.ping").state),
        (0, ReadinessState::AtRisk)
    );
    scene.lives_with(minutes(60), good, &lost());
    assert_eq!(
        (scene.told(AlertReason::NotReady), scene.item("outside.ping").state),
        (1, ReadinessState::NotReady)
    );
    scene.lives_with(minutes(3), good, &taken());
    assert_eq!((scene.told(AlertReason::NotReady), scene.told(AlertReason::ReadyAgain)), (1, 1));
}

#[test]
fn signs_of_life_stop_when_nothing_can_be_seen_and_go_on_when_something_is() {
    let mut scene = Scene::new(watched());
    scene.lives_with(minutes(20), good, &taken());
    scene.lives_with(minutes(11), not_asked, &taken());
    assert_eq!(scene.lives_with(minutes(30), not_asked, &taken()), 0);
    let item = scene.item("outside.ping");
    assert_eq!(item.state, ReadinessState::NotReady);
    assert!(item.detail.contains("nothing of any target was seen"), "{}", item.detail);
    assert!(scene.lives_with(minutes(5), good, &taken()) >= 4);
}

#[test]
fn targets_that_are_down_are_seen_and_stop_no_sign_of_life() {
    let mut scene = Scene::new(watched());
    scene.lives_with(minutes(20), good, &taken());
    assert!(scene.lives_with(minutes(60), silent, &taken()) >= 59);
}

#[test]
fn signs_of_life_stop_when_nobody_can_be_told_and_go_on_when_somebody_can() {
    let mut scene = Scene::new(watched());
    scene.lives_with(minutes(2), good, &taken());
    scene.asks(RequestKind::TestAlert);
    let send = scene.sends.pop().unwrap();
    scene.delivery_ends(&send, DeliveryResult::Permanent(String::from("no such address")));
    assert!(scene.item("alerts.delivered/mail").detail.contains("Since then it fails: no such address."));
    scene.sees(1, good);
    scene.pings_end(&taken());
    assert_eq!(scene.lives_with(minutes(30), good, &taken()), 0);
    scene.asks(RequestKind::TestAlert);
    scene.deliver_all();
    assert!(scene.lives_with(minutes(5), good, &taken()) >= 4);
}

#[test]
fn a_mail_server_that_works_again_at_a_look_lets_signs_of_life_go_on() {
    let mut scene = Scene::new(watched());
    scene.goes_on_until_a_look();
    let look = scene.looks.remove(0);
    let findings = alloc::vec![Finding { part: mail(), at: scene.now, seen: refused() }];
    scene.handle(Event::Looked(Looked { drill: None, asked_at: look.asked_at, findings }));
    let send = scene.sends.pop().unwrap();
    scene.delivery_ends(&send, DeliveryResult::Retry(String::from("it refuses the password")));
    scene.pings_end(&taken());
    let until = scene.now.after(minutes(30));
    while scene.now < until {
        scene.sees(1, good);
        assert!(scene.pings.is_empty(), "a sign of life at {}", scene.now);
    }
    scene.finds(&[(mail(), works())]);
    assert!(scene.lives_with(minutes(5), good, &taken()) >= 4);
}

#[test]
fn a_store_that_refuses_stops_no_sign_of_life_while_people_can_be_told_of_it() {
    let mut scene = Scene::new(watched());
    scene.lives_with(minutes(2), good, &taken());
    scene.handle(Event::StoreChanged(Err(String::from("disk full"))));
    scene.deliver_all();
    assert!(scene.lives_with(minutes(30), good, &taken()) >= 29);
}

#[test]
fn a_store_that_refuses_stops_the_signs_of_life_where_nobody_else_is_told() {
    let mut config = watched();
    config.alerts.channels.clear();
    let mut scene = Scene::new(config);
    scene.lives_with(minutes(2), good, &taken());
    scene.handle(Event::StoreChanged(Err(String::from("disk full"))));
    scene.lives_with(minutes(2), good, &taken());
    assert_eq!(scene.lives_with(minutes(30), good, &taken()), 0);
    scene.handle(Event::StoreChanged(Ok(())));
    assert!(scene.lives_with(minutes(5), good, &taken()) >= 4);
}

#[test]
fn a_sign_of_life_that_gets_no_answer_is_lost() {
    let mut scene = Scene::new(watched());
    scene.lives_with(minutes(1), good, &taken());
    let until = scene.now.after(minutes(30));
    while scene.now < until {
        scene.sees(1, good);
        scene.pings.clear();
        scene.deliver_all();
    }
    assert_eq!(scene.told(AlertReason::NotReady), 1);
    assert!(scene.item("outside.ping").detail.contains("no answer came"));
}
