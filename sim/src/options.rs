//! How a simulated host is set up, and the words for how it behaves when it is asked to restart,
//! to run a workflow or to take a mail.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr},
    time::Duration,
};

use serde::{Deserialize, Serialize};

use crate::{dialect::Dialect, schedule::PlannedFault};

/// Everything that can be chosen before the simulator starts.
#[derive(Clone)]
pub struct SimOptions {
    /// The address of all ports. Default: 127.0.0.1.
    pub listen: IpAddr,
    /// The bridge's port; 0 takes a free one. Default: 0.
    pub bridge_port: u16,
    /// The GitHub API's port; 0 takes a free one. Default: 0.
    pub github_port: u16,
    /// The mail sink's port; 0 takes a free one. Default: 0.
    pub smtp_port: u16,
    /// The control port; 0 takes a free one. Default: 0.
    pub control_port: u16,
    /// The port of the host's own restart service; 0 takes a free one. Default: there is none.
    pub host_port: Option<u16>,
    /// The port of the front end; 0 takes a free one. Default: there is none.
    pub web_port: Option<u16>,
    /// What the bridge speaks. Default: F-2.
    pub dialect: Dialect,
    /// What `emergency-restart` wants in its `token`. Default: `demo-restart-token`.
    pub restart_token: String,
    /// The key of the bridges that want one, and of the restart service. Default: `demo-api-key`.
    pub api_key: String,
    /// What the GitHub API wants as bearer token. Default: `demo-github-token`.
    pub github_token: String,
    /// The seed of the market. Default: 5.
    pub seed: u64,
    /// How often the market moves. Default: 1 s.
    pub tick_every: Duration,
    /// How often the bridge reads its accounts. Default: 5 s.
    pub sync_every: Duration,
    /// How long an emergency restart takes. Default: 3 s.
    pub restart_delay: Duration,
    /// How long a workflow run stays queued. Default: 3 s.
    pub github_queued: Duration,
    /// How long a workflow run then runs. Default: 10 s.
    pub github_run: Duration,
    /// The pause between two bytes of [`crate::Fault::SlowLoris`]. Default: 1 s.
    pub drip_every: Duration,
    /// When the link to the broker breaks by itself, once. Default: never.
    pub break_link_after: Option<Duration>,
    /// Faults that come by themselves. Default: none.
    pub planned: Vec<PlannedFault>,
}

impl Default for SimOptions {
    fn default() -> Self {
        Self {
            listen: IpAddr::V4(Ipv4Addr::LOCALHOST),
            bridge_port: 0,
            github_port: 0,
            smtp_port: 0,
            control_port: 0,
            host_port: None,
            web_port: None,
            dialect: Dialect::default(),
            restart_token: "demo-restart-token".to_owned(),
            api_key: "demo-api-key".to_owned(),
            github_token: "demo-github-token".to_owned(),
            seed: 5,
            tick_every: Duration::from_secs(1),
            sync_every: Duration::from_secs(5),
            restart_delay: Duration::from_secs(3),
            github_queued: Duration::from_secs(3),
            github_run: Duration::from_secs(10),
            drip_every: Duration::from_secs(1),
            break_link_after: None,
            planned: Vec::new(),
        }
    }
}

impl SimOptions {
    /// The same host with waits of a few milliseconds, for tests.
    #[must_use]
    pub fn quick() -> Self {
        Self {
            tick_every: Duration::from_millis(20),
            sync_every: Duration::from_millis(20),
            restart_delay: Duration::from_millis(20),
            github_queued: Duration::from_millis(20),
            github_run: Duration::from_millis(20),
            ..Self::default()
        }
    }
}

impl fmt::Debug for SimOptions {
    /// Leaves the tokens out.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SimOptions")
            .field("listen", &self.listen)
            .field("dialect", &self.dialect)
            .field("seed", &self.seed)
            .field("sync_every", &self.sync_every)
            .field("restart_delay", &self.restart_delay)
            .field("break_link_after", &self.break_link_after)
            .field("planned", &self.planned)
            .finish_non_exhaustive()
    }
}

/// What a call does that asks for a restart, whatever its path. The words are those of F-2's
/// `emergency-restart`; the other dialects answer in theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RestartMode {
    /// Answers success at once and repairs after the delay.
    #[default]
    Works,
    /// Answers with `success: false`; nothing changes.
    Fails,
    /// Answers success; nothing changes.
    Lies,
    /// Repairs after the delay, and answers only then.
    Slow,
    /// Answers 401 to every token.
    Unauthorized,
    /// No token is configured at the bridge: 500.
    NotConfigured,
}

/// What the GitHub API does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GithubMode {
    /// A dispatch starts a run, which succeeds and restarts the whole host.
    #[default]
    Ok,
    /// The run fails; nothing is repaired.
    RunFails,
    /// The run is cancelled; nothing is repaired.
    RunCancelled,
    /// A dispatch is accepted and no run ever starts.
    NoRun,
    /// 401 to everything.
    BadToken,
    /// 403 to everything.
    Forbidden,
    /// 403 with no requests left.
    RateLimited,
    /// 404 to everything.
    NotFound,
    /// 422 to every dispatch.
    Invalid,
    /// The token may read and not write: 403 to every dispatch.
    ReadOnly,
    /// The workflow is switched off: 422 to every dispatch of it.
    WorkflowOff,
    /// The workflow is not there: 404 to it and to its dispatch.
    WorkflowGone,
    /// 502 to everything.
    ServerError,
    /// Never answers.
    Timeout,
}

/// What the mail sink does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SmtpMode {
    /// Takes every mail.
    #[default]
    Ok,
    /// 550 to every recipient.
    RejectRecipient,
    /// 451 to every recipient.
    Tempfail,
    /// Takes the whole mail and never says so. The mail is not kept.
    HangAfterData,
    /// Closes the connection after the first line of a mail.
    DropMidData,
    /// 535 to every password, 530 to mail without one.
    RefuseAuth,
    /// The port is closed.
    Down,
}

/// A mode that has a name and a sentence.
pub(crate) trait Mode: Copy + PartialEq + 'static {
    /// Every mode with its name and what it does.
    const ALL: &'static [(Self, &'static str, &'static str)];

    /// The mode of that name.
    fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known, _)| *known == name).map(|(mode, _, _)| *mode)
    }
}

impl Mode for RestartMode {
    const ALL: &'static [(Self, &'static str, &'static str)] = &[
        (Self::Works, "works", "answers success, repairs after the delay"),
        (Self::Fails, "fails", "200 with success: false, -10005 IPC timeout"),
        (Self::Lies, "lies", "answers success, repairs nothing"),
        (Self::Slow, "slow", "repairs after the delay, answers only then"),
        (Self::Unauthorized, "unauthorized", "401 to every token"),
        (Self::NotConfigured, "not_configured", "500 Admin token not configured"),
    ];
}

impl Mode for GithubMode {
    const ALL: &'static [(Self, &'static str, &'static str)] = &[
        (Self::Ok, "ok", "a run starts, succeeds and restarts the host"),
        (Self::RunFails, "run_fails", "the run fails"),
        (Self::RunCancelled, "run_cancelled", "the run is cancelled"),
        (Self::NoRun, "no_run", "204, and no run ever starts"),
        (Self::BadToken, "bad_token", "401 Bad credentials"),
        (Self::Forbidden, "forbidden", "403 Resource not accessible"),
        (Self::RateLimited, "rate_limited", "403 with no requests left"),
        (Self::NotFound, "not_found", "404 Not Found"),
        (Self::Invalid, "invalid", "422 to every dispatch"),
        (Self::ReadOnly, "read_only", "the token may read and not write"),
        (Self::WorkflowOff, "workflow_off", "the workflow is disabled_manually"),
        (Self::WorkflowGone, "workflow_gone", "404 to the workflow"),
        (Self::ServerError, "server_error", "502 Server Error"),
        (Self::Timeout, "timeout", "never answers"),
    ];
}

impl Mode for SmtpMode {
    const ALL: &'static [(Self, &'static str, &'static str)] = &[
        (Self::Ok, "ok", "takes every mail"),
        (Self::RejectRecipient, "reject_recipient", "550 to every recipient"),
        (Self::Tempfail, "tempfail", "451 to every recipient"),
        (Self::HangAfterData, "hang_after_data", "takes the mail and never answers"),
        (Self::DropMidData, "drop_mid_data", "closes in mid-mail"),
        (Self::RefuseAuth, "refuse_auth", "535 to every password"),
        (Self::Down, "down", "the port is closed"),
    ];
}
