//! What the `MetaTrader5` Python package (5.0.6231) gives a bridge: its records with all their fields.
//!
//! Every dialect but F-2 is built from these. `None` is what the package returns when it fails. Epoch times
//! are the broker's wall clock, as the package has them.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::{
    accounts::{Account, TERMINAL_ACCOUNT},
    faults::Fault,
    positions::{Order, Position},
    world::State,
};

/// How far the broker's wall clock is ahead of UTC.
pub(super) const SERVER_OFFSET: TimeDelta = TimeDelta::hours(2);

/// Error number of a pipe that was there and broke.
const PIPE_BROKEN: i64 = -10004;

/// Whether `initialize()` succeeded when the bridge called it. A pipe that breaks later does not change that.
pub(super) fn initialized(state: &State) -> bool {
    state.faults.ipc_error().is_none_or(|(code, _)| code == PIPE_BROKEN)
}

/// `last_error()`: number and text.
pub(super) fn last_error(state: &State) -> (i64, &'static str) {
    state.faults.ipc_error().unwrap_or((1, "Success"))
}

/// `terminal_info()`: 22 fields.
pub(super) fn terminal_info(state: &State) -> Option<Value> {
    if state.faults.ipc_error().is_some() {
        return None;
    }
    let owner = state.terminal_account().map(|account| account.stored.owner)?;
    Some(json!({
        "community_account": false,
        "community_connection": false,
        "connected": !state.link_lost(),
        "dlls_allowed": true,
        "trade_allowed": state.trading_on(),
        "tradeapi_disabled": state.faults.has(Fault::ApiTradingOff),
        "email_enabled": false,
        "ftp_enabled": false,
        "notifications_enabled": false,
        "mqid": false,
        "build": 5370,
        "maxbars": 100_000,
        "codepage": 0,
        // Microseconds.
        "ping_last": 47_310,
        "community_balance": 0.0,
        "retransmission": 0.0,
        "company": owner.company,
        "name": "MetaTrader 5",
        "language": "English",
        "path": "C:\\Program Files\\MetaTrader 5",
        "data_path": "C:\\Program Files\\MetaTrader 5",
        "commondata_path": "C:\\ProgramData\\MetaQuotes\\Terminal\\Common",
    }))
}

/// `account_info()` of a terminal that is logged in to this account: 28 fields.
pub(super) fn account_info(state: &State, account: &Account) -> Option<Value> {
    let is_out = account.stored.error.is_some() || state.faults.has(Fault::NullBalances);
    if state.faults.ipc_error().is_some() || is_out {
        return None;
    }
    let (owner, money) = (account.stored.owner, account.stored.money);
    // Without a cache in between nobody marks what was never read: it is zero like any other zero.
    let shown = |amount: f64| if state.faults.has(Fault::Placeholders) { 0.0 } else { amount };
    Some(json!({
        "login": owner.login,
        "trade_mode": 0,
        "leverage": 500,
        "limit_orders": 200,
        "margin_so_mode": 0,
        "trade_allowed": state.accounts_may_trade(),
        "trade_expert": !state.faults.has(Fault::ExpertsRefused),
        "margin_mode": 2,
        "currency_digits": 2,
        "fifo_close": false,
        "balance": shown(money.balance),
        "credit": 0.0,
        "profit": shown(money.profit),
        "equity": shown(money.equity),
        "margin": 0.0,
        "margin_free": shown(money.equity),
        "margin_level": 0.0,
        "margin_so_call": 50.0,
        "margin_so_so": 30.0,
        "margin_initial": 0.0,
        "margin_maintenance": 0.0,
        "assets": 0.0,
        "liabilities": 0.0,
        "commission_blocked": 0.0,
        "name": account.name,
        "server": owner.server,
        "currency": owner.currency,
        "company": owner.company,
    }))
}

/// `positions_get()`. Only the terminal's own account has any.
pub(super) fn positions(state: &State, account: &Account) -> Vec<Value> {
    if account.id != TERMINAL_ACCOUNT {
        return Vec::new();
    }
    // The account's open profit is that of its first position.
    let profits = std::iter::once(account.stored.money.profit).chain(std::iter::repeat(0.0));
    state
        .book
        .positions
        .iter()
        .zip(profits)
        .map(|(position, profit)| one_position(position, profit))
        .collect()
}

/// `orders_get()`: what is pending. Only the terminal's own account has any.
pub(super) fn orders(state: &State, account: &Account) -> Vec<Value> {
    if account.id != TERMINAL_ACCOUNT {
        return Vec::new();
    }
    state.book.orders.iter().map(one_order).collect()
}

fn one_position(position: &Position, profit: f64) -> Value {
    let (seconds, milliseconds) = server_time(position.opened_at);
    json!({
        "ticket": position.ticket,
        "time": seconds,
        "time_msc": milliseconds,
        "time_update": seconds,
        "time_update_msc": milliseconds,
        "type": position.side.number(),
        "magic": 0,
        "identifier": position.ticket,
        "reason": 3,
        "volume": position.volume,
        "price_open": position.price_open,
        "sl": position.stop_loss,
        "tp": position.take_profit,
        "price_current": position.price_open,
        "swap": 0.0,
        "profit": profit,
        "symbol": position.symbol,
        "comment": "",
        "external_id": "",
    })
}

fn one_order(order: &Order) -> Value {
    let (seconds, milliseconds) = server_time(order.set_at);
    json!({
        "ticket": order.ticket,
        "time_setup": seconds,
        "time_setup_msc": milliseconds,
        "time_done": 0,
        "time_done_msc": 0,
        "time_expiration": 0,
        "type": order.kind,
        "type_time": 0,
        "type_filling": 2,
        "state": 1,
        "magic": 0,
        "position_id": 0,
        "position_by_id": 0,
        "reason": 3,
        "volume_initial": order.volume,
        "volume_current": order.volume,
        "price_open": order.price_open,
        "sl": order.stop_loss,
        "tp": 0.0,
        "price_current": order.price_open,
        "price_stoplimit": 0.0,
        "symbol": order.symbol,
        "comment": "",
        "external_id": "",
    })
}

/// The broker's wall clock as if it were UTC, in seconds and milliseconds.
fn server_time(at: DateTime<Utc>) -> (i64, i64) {
    let shown = at + SERVER_OFFSET;
    (shown.timestamp(), shown.timestamp_millis())
}
