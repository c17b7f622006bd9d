//! Where the forms post to.

/// The word that confirms a forced heal.
pub(crate) const CONFIRM_WORD: &str = "HEAL";

/// Reads the accounts of a target now.
pub(crate) const FORCE_SYNC: &str = "/api/ui/force-sync";
/// Starts the heal plan of a target now.
pub(crate) const FORCE_HEAL: &str = "/api/ui/force-heal";
/// Sends a test alert over every channel.
pub(crate) const TEST_ALERT: &str = "/api/ui/test-alert";
/// Says that an alert was seen.
pub(crate) const ACKNOWLEDGE: &str = "/api/ui/acknowledge";

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use leptos::server_fn::ServerFn;

    use super::*;
    use crate::api::calls::{Acknowledge, ForceHeal, ForceSync, TestAlert};

    #[test]
    fn every_form_has_a_call_that_takes_it() {
        let calls = [ForceSync::PATH, ForceHeal::PATH, TestAlert::PATH, Acknowledge::PATH];
        assert_eq!(calls, [FORCE_SYNC, FORCE_HEAL, TEST_ALERT, ACKNOWLEDGE]);
    }
}
