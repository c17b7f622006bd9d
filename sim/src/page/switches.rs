//! The section with a switch for every fault.

use crate::{
    faults::{Fault, rules::Remedy},
    world::State,
};

/// The faults by what they break.
const GROUPS: [(&str, &[Fault]); 4] = [
    (
        "Terminal and broker",
        &[
            Fault::LinkLost,
            Fault::Ipc10005,
            Fault::Ipc10004,
            Fault::Ipc10003,
            Fault::IpcCredentials,
            Fault::SessionMismatch,
            Fault::Flapping,
            Fault::TradingOff,
            Fault::InvestorPassword,
            Fault::ExpertsRefused,
            Fault::ApiTradingOff,
        ],
    ),
    (
        "Process and network",
        &[
            Fault::ProcessDown,
            Fault::Hang,
            Fault::Slow,
            Fault::SlowLoris,
            Fault::HalfBody,
            Fault::Http500,
            Fault::Http401,
            Fault::Http404,
            Fault::WrongService,
            Fault::Redirect,
        ],
    ),
    (
        "Account data",
        &[
            Fault::SyncStopped,
            Fault::OneAccountFailing,
            Fault::AccountsFailingShare,
            Fault::NullBalances,
            Fault::Placeholders,
            Fault::ZeroBalances,
            Fault::Transfer,
            Fault::IdentitySwap,
            Fault::PositionsLost,
            Fault::BridgeStoreDown,
            Fault::ClockSkew,
        ],
    ),
    ("Nonsense", &[Fault::GarbageJson, Fault::Nan, Fault::HugeNumbers, Fault::HugeBody]),
];

/// Every fault with what it does, whether it is on, and its switch.
pub(crate) fn faults(state: &State) -> String {
    let groups: String = GROUPS
        .iter()
        .map(|(title, faults)| {
            let rows: String = faults.iter().map(|fault| fault_row(state, *fault)).collect();
            format!("<h3>{title}</h3>{rows}")
        })
        .collect();
    format!("<section><h2>Faults</h2><p class=\"quiet\">Several may be on at once.</p>{groups}</section>")
}

fn fault_row(state: &State, fault: Fault) -> String {
    let on = state.faults.has(fault);
    let remedy = match fault.remedy() {
        Remedy::EmergencyRestart => "Any restart repairs it.",
        Remedy::FullRestart => "Only a full restart repairs it.",
        Remedy::Person => "No restart repairs it.",
    };
    let class = if on { "fault on" } else { "fault" };
    let pill = if on { "<span class=\"pill on\">On</span>" } else { "<span class=\"pill\">Off</span>" };
    let switch = match (on, fault.value_rule()) {
        (true, Some(rule)) => {
            let value = state.faults.value(fault).unwrap_or_default();
            format!("<span class=\"pill on\">{value} {}</span>{}", rule.unit, off_button(fault))
        }
        (true, None) => off_button(fault),
        (false, Some(rule)) => format!(
            "<form method=\"post\" action=\"/ui/faults/{fault}/on\">\
             <input type=\"number\" name=\"value\" value=\"{value}\" min=\"{least}\" max=\"{most}\" aria-label=\"Value of {fault}\"> {unit} \
             <button aria-label=\"Turn {fault} on\">Turn on</button></form>",
            value = rule.default,
            least = rule.range.start(),
            most = rule.range.end(),
            unit = rule.unit,
        ),
        (false, None) => labelled(&format!("/ui/faults/{fault}/on"), "Turn on", &format!("Turn {fault} on")),
    };
    format!(
        "<div class=\"{class}\"><div><code>{fault}</code> {pill}<p class=\"quiet\">{about} {remedy}</p></div>{switch}</div>",
        about = fault.about(),
    )
}

fn off_button(fault: Fault) -> String {
    labelled(&format!("/ui/faults/{fault}/off"), "Turn off", &format!("Turn {fault} off"))
}

fn labelled(action: &str, text: &str, label: &str) -> String {
    format!("<form method=\"post\" action=\"{action}\"><button aria-label=\"{label}\">{text}</button></form>")
}

#[cfg(test)]
mod tests {
    use super::GROUPS;
    use crate::faults::Fault;

    #[test]
    fn every_fault_has_a_place_on_the_page() {
        let shown: Vec<Fault> = GROUPS.iter().flat_map(|(_, faults)| faults.iter().copied()).collect();
        assert_eq!(shown, Fault::ALL);
    }
}
