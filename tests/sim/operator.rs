//! A person who clicks: what was planned, and what he does about what he reads.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use rebound::alert::AlertReason;
use rebound::ids::{AlertId, TargetId};
use rebound::monitor::RequestKind;
use rebound::time::Timestamp;

use super::dice::Dice;
use super::notes::Told;

/// Something that a person does; spans are counted from the click.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "named as the requests")]
pub enum Click {
    Sync(TargetId),
    Heal { target: TargetId, lift_cooldown: bool, remedy: Option<String> },
    Stop(TargetId),
    Test,
    Acknowledge(AlertId),
    Pause(Option<TargetId>, Duration),
    Resume(Option<TargetId>),
    Work(Option<TargetId>, Duration),
    EndWork(Option<TargetId>),
    DryRun(TargetId, Option<bool>),
    Declare(TargetId, Duration),
}

/// A person who clicks.
#[derive(Clone, Debug, Default)]
pub struct Operator {
    /// What he will do, by true time.
    clicks: BTreeMap<(Timestamp, u64), Click>,
    serial: u64,
    /// How he reacts to what he reads; without dice he does not.
    pub dice: Option<Dice>,
}

const MINUTE: Duration = Duration::from_secs(60);

impl Click {
    /// Whom it is about; `None`: all, or nobody.
    const fn target(&self) -> Option<&TargetId> {
        match self {
            Self::Sync(target)
            | Self::Heal { target, .. }
            | Self::Stop(target)
            | Self::DryRun(target, _)
            | Self::Declare(target, _) => Some(target),
            Self::Pause(target, _) | Self::Resume(target) | Self::Work(target, _) | Self::EndWork(target) => {
                target.as_ref()
            }
            Self::Test | Self::Acknowledge(_) => None,
        }
    }
}

impl Operator {
    /// He will do this then.
    pub fn will(&mut self, at: Timestamp, click: Click) {
        self.serial += 1;
        self.clicks.insert((at, self.serial), click);
    }

    /// What of it the server of this row hears, which watches these targets: what is about all of them, too. A test alert is
    /// the first server's.
    #[must_use]
    pub fn of_server(&self, targets: &BTreeSet<&TargetId>, row: usize) -> Self {
        let hears = |click: &Click| match click.target() {
            Some(target) => targets.contains(target),
            None => row == 0 || !matches!(click, Click::Test),
        };
        let heard = self.clicks.iter().filter(|(_, click)| hears(click));
        let clicks = heard.map(|(at, click)| (*at, click.clone())).collect();
        Self { clicks, serial: self.serial, dice: None }
    }

    /// When he does the next thing.
    #[must_use]
    pub fn next(&self) -> Option<Timestamp> {
        self.clicks.first_key_value().map(|((at, _), _)| *at)
    }

    /// The next thing, as a request at what Rebound's clock shows.
    pub fn clicks(&mut self, clock: Timestamp) -> Option<RequestKind> {
        let (_, click) = self.clicks.pop_first()?;
        Some(match click {
            Click::Sync(target) => RequestKind::ForceSync(target),
            Click::Heal { target, lift_cooldown, remedy } => {
                RequestKind::ForceHeal { target, lift_cooldown, remedy }
            }
            Click::Stop(target) => RequestKind::StopHeal(target),
            Click::Test => RequestKind::TestAlert,
            Click::Acknowledge(alert) => RequestKind::Acknowledge(alert),
            Click::Pause(target, lasts) => RequestKind::Pause { target, until: clock.after(lasts) },
            Click::Resume(target) => RequestKind::Resume { target },
            Click::Work(target, lasts) => {
                let name = "a person's work".to_owned();
                RequestKind::StartMaintenance { target, until: clock.after(lasts), name }
            }
            Click::EndWork(target) => RequestKind::EndMaintenance { target },
            Click::DryRun(target, dry_run) => RequestKind::SetDryRun { target, dry_run },
            Click::Declare(target, lasts) => {
                RequestKind::DeclareMove { target, accounts: Vec::new(), until: clock.after(lasts) }
            }
        })
    }

    /// He reads an alert: most he acknowledges after a while, some make him stop the heal. Positions that are lost he always
    /// looks into.
    pub fn reads(&mut self, alert: AlertId, now: Timestamp, told: Option<&Told>) {
        let Some(told) = told else {
            return;
        };
        let lost = told.alert.message.title.contains("positions or orders are not")
            || told
                .alert
                .message
                .facts
                .iter()
                .any(|(_, value)| value.contains("positions or orders are not"));
        let Some(dice) = self.dice.as_mut() else {
            return;
        };
        let tells = match told.alert.reason {
            AlertReason::Opened | AlertReason::Worsened | AlertReason::Escalated | AlertReason::Reminder => {
                true
            }
            AlertReason::Recovered
            | AlertReason::Ended
            | AlertReason::UnknownTooLong
            | AlertReason::SeenAgain
            | AlertReason::StoreDown
            | AlertReason::StoreBack
            | AlertReason::NotGoingOut
            | AlertReason::NotReady
            | AlertReason::ReadyAgain
            | AlertReason::Drill
            | AlertReason::DrillFailed
            | AlertReason::DrillPassed
            | AlertReason::DrillMissed
            | AlertReason::Test => false,
        };
        if !tells {
            return;
        }
        if lost || dice.percent(50) {
            let at = now.after(dice.between(MINUTE, MINUTE * 90));
            self.will(at, Click::Acknowledge(alert));
        }
        let Some(dice) = self.dice.as_mut() else {
            return;
        };
        if let Some(target) = &told.alert.target
            && dice.percent(3)
        {
            let at = now.after(dice.between(Duration::from_secs(5), MINUTE * 10));
            self.will(at, Click::Stop(target.clone()));
        }
    }
}
