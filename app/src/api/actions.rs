//! Where the forms post to, and which right each takes.

use rebound::role::Right::{self, Act, Manage};

/// The word that confirms a forced heal.
pub(crate) const CONFIRM_WORD: &str = "HEAL";

/// Reads the accounts of a target now.
pub(crate) const FORCE_SYNC: &str = "/api/ui/force-sync";
/// Starts the heal plan of a target now.
pub(crate) const FORCE_HEAL: &str = "/api/ui/force-heal";
/// Stops the heal of a target that runs, and every further one of its incident.
pub(crate) const STOP_HEAL: &str = "/api/ui/stop-heal";
/// Starts no heal by itself for some hours.
pub(crate) const PAUSE: &str = "/api/ui/pause";
/// Heals again.
pub(crate) const RESUME: &str = "/api/ui/resume";
/// Begins planned work.
pub(crate) const START_WORK: &str = "/api/ui/start-maintenance";
/// Ends the planned work that a person began.
pub(crate) const END_WORK: &str = "/api/ui/end-maintenance";
/// Whether everything is decided and nothing is done.
pub(crate) const DRY_RUN: &str = "/api/ui/dry-run";
/// Says that capital is moved.
pub(crate) const DECLARE_MOVE: &str = "/api/ui/declare-move";
/// Takes back what was declared as moved capital.
pub(crate) const TAKE_BACK_MOVES: &str = "/api/ui/take-back-moves";
/// Sends a test alert over every channel.
pub(crate) const TEST_ALERT: &str = "/api/ui/test-alert";
/// Looks now at what the next emergency needs.
pub(crate) const CHECK_READINESS: &str = "/api/ui/check-readiness";
/// Rehearses an emergency now.
pub(crate) const DRILL: &str = "/api/ui/drill";
/// Says that an alert was seen.
pub(crate) const ACKNOWLEDGE: &str = "/api/ui/acknowledge";

/// Makes the change of the settings that was looked at.
pub(crate) const CHANGE_SETTINGS: &str = "/api/ui/change-settings";

/// Every form's address, with the right that it takes. The server takes forms at these addresses only.
pub const RIGHTS: [(&str, Right); 15] = [
    (FORCE_SYNC, Act),
    (FORCE_HEAL, Act),
    (STOP_HEAL, Act),
    (PAUSE, Act),
    (RESUME, Act),
    (START_WORK, Act),
    (END_WORK, Act),
    (DRY_RUN, Act),
    (DECLARE_MOVE, Act),
    (TAKE_BACK_MOVES, Act),
    (TEST_ALERT, Act),
    (CHECK_READINESS, Act),
    (DRILL, Act),
    (ACKNOWLEDGE, Act),
    (CHANGE_SETTINGS, Manage),
];

/// Values of the field that says whether a target runs dry.
pub(crate) const DRY_RUN_ON: &str = "on";
/// Heals are really done.
pub(crate) const DRY_RUN_OFF: &str = "off";
/// What the configuration says.
pub(crate) const DRY_RUN_CONFIGURED: &str = "configured";

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use leptos::server_fn::ServerFn;

    use super::*;
    use crate::api::calls::{
        Acknowledge, CheckReadiness, ForceHeal, ForceSync, HoldDrill, StopHeal, TestAlert,
    };
    use crate::api::hand::{
        DeclareMove, DryRun, EndMaintenance, Pause, Resume, StartMaintenance, TakeBackMoves,
    };
    use crate::api::settings::ChangeSettings;

    #[test]
    fn every_call_is_listed_with_its_right() {
        let mut calls: Vec<&str> = leptos::server_fn::axum::server_fn_paths().map(|(path, _)| path).collect();
        let mut listed: Vec<&str> = RIGHTS.iter().map(|(path, _)| *path).collect();
        calls.sort_unstable();
        listed.sort_unstable();
        assert_eq!(calls, listed);
    }

    #[test]
    fn every_form_has_a_call_that_takes_it() {
        let calls = [ForceSync::PATH, ForceHeal::PATH, StopHeal::PATH, TestAlert::PATH, Acknowledge::PATH];
        assert_eq!(calls, [FORCE_SYNC, FORCE_HEAL, STOP_HEAL, TEST_ALERT, ACKNOWLEDGE]);
        let calls = [Pause::PATH, Resume::PATH, StartMaintenance::PATH, EndMaintenance::PATH];
        assert_eq!(calls, [PAUSE, RESUME, START_WORK, END_WORK]);
        assert_eq!([CheckReadiness::PATH, HoldDrill::PATH], [CHECK_READINESS, DRILL]);
        assert_eq!(ChangeSettings::PATH, CHANGE_SETTINGS);
        let calls = [DryRun::PATH, DeclareMove::PATH, TakeBackMoves::PATH];
        assert_eq!(calls, [DRY_RUN, DECLARE_MOVE, TAKE_BACK_MOVES]);
    }
}
