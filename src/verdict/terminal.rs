//! Judges what a bridge tells of its terminal.
//!
//! Four separate flags decide about trading; none of them ever means "disconnected".

use alloc::string::String;
use core::time::Duration;

use super::{Evidence, Judgement, Sight, Verdict, plain, seen};
use crate::check::{TerminalError, TerminalReading};
use crate::reason::Reason;

/// A terminal that answered within this time and does not now was not started in another session.
const ANSWERED_LATELY: Duration = Duration::from_secs(3_600);
/// A terminal that starts, or updates itself, answers -10005 for up to a minute.
pub(super) const STARTING: Duration = Duration::from_secs(90);

pub(super) fn ipc(terminal: &TerminalReading, evidence: &Evidence<'_>) -> Judgement {
    match terminal.available {
        Some(true) => seen(Verdict::Up, Sight::words("answers")),
        Some(false) => {
            let reason = failure(terminal, evidence);
            let may_start = matches!(reason, Reason::TerminalTimeout { .. } | Reason::TerminalHangs { .. });
            let patience = if may_start { STARTING } else { Duration::ZERO };
            Judgement { patience, ..seen(Verdict::Down(reason), Sight::words("silent")) }
        }
        None => plain(Verdict::Unknown(Reason::NotTold(String::from("available")))),
    }
}

/// Meaning of the interface's error numbers; source: `MetaTrader5` package 5.0.6231, `last_error()`.
fn failure(terminal: &TerminalReading, evidence: &Evidence<'_>) -> Reason {
    if let (Some(bridge), Some(terminal)) = (terminal.bridge_session, terminal.terminal_session)
        && bridge != terminal
    {
        return Reason::SessionMismatch { bridge, terminal };
    }
    let Some(TerminalError { code, text }) = &terminal.error else {
        return Reason::TerminalSilent;
    };
    let (code, text) = (*code, text.clone());
    let answered = evidence.terminal_answered_at.is_some_and(|at| evidence.now.since(at) <= ANSWERED_LATELY);
    match code {
        -6 => Reason::LoginRefused { text },
        -10_003 => Reason::TerminalNotFound { code, text },
        -10_005 if answered => Reason::TerminalHangs { text },
        -10_005 => Reason::TerminalTimeout { text },
        -10_004 | -10_002 | -10_001 | -10_000 => Reason::TerminalPipeBroken { code, text },
        _ => Reason::TerminalSilent,
    }
}

pub(super) fn broker_link(terminal: &TerminalReading) -> Judgement {
    if let Some(blind) = blind(terminal) {
        return blind;
    }
    match terminal.connected {
        Some(true) => seen(Verdict::Up, Sight::words("connected")),
        Some(false) => seen(Verdict::Down(Reason::LinkLost), Sight::words("not connected")),
        None => plain(Verdict::Unknown(Reason::NotTold(String::from("connected")))),
    }
}

pub(super) fn trading_allowed(terminal: &TerminalReading) -> Judgement {
    if let Some(blind) = blind(terminal) {
        return blind;
    }
    let off = |reason, value| seen(Verdict::Degraded(reason), Sight::words(value));
    let TerminalReading { trading_allowed, account_trading, expert_trading, api_disabled, .. } = terminal;
    match (trading_allowed, api_disabled, account_trading, expert_trading) {
        (Some(false), ..) => off(Reason::TradingOff, "off in the terminal"),
        (_, _, Some(false), _) => off(Reason::InvestorPassword, "off for the account"),
        (_, _, _, Some(false)) => off(Reason::ExpertsRefused, "off for programs"),
        (_, Some(true), ..) => off(Reason::ApiTradingOff, "off for the Python interface"),
        (None, None, None, None) => plain(Verdict::Unknown(Reason::NotTold(String::from("trade_allowed")))),
        (Some(true) | None, Some(false) | None, Some(true) | None, Some(true) | None) => {
            seen(Verdict::Up, Sight::words("on"))
        }
    }
}

fn blind(terminal: &TerminalReading) -> Option<Judgement> {
    let silent = || Reason::Blind(String::from("the terminal does not answer the bridge"));
    (terminal.available == Some(false)).then(|| plain(Verdict::Unknown(silent())))
}
