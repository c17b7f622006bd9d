//! Everything that can be wrong with a thing of the world, and what that means: how it must be found, and whether a heal helps.
//!
//! This is the world's own knowledge, which Rebound does not have: the checks compare with it.

use std::time::Duration;

use rebound::heal::Rung;
use rebound::target::TargetSpec;

/// What can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the words of each say it")]
pub enum Fault {
    LinkLost,
    LinkFlaps,
    TerminalGone,
    PipeBroken,
    TerminalHangs,
    TerminalStarts,
    SessionMismatch,
    LoginRefused,
    TradingOff,
    InvestorPassword,
    ExpertsRefused,
    ApiTradingOff,
    Refuses,
    Hangs,
    ServerError,
    NoJson,
    WrongService,
    KeyRefused,
    Restarts,
    ReadsStop,
    MostReadsStop,
    Placeholders,
    ZeroUnlinked,
    ZeroLive,
    Transferred,
    Declared,
    OneFails,
    IdentitySwap,
    OtherLogin,
    NoList,
    ClockBehind,
    ClockAhead,
    HostDown,
    PortRefuses,
    ServiceHangs,
    StatusWrong,
    TextMissing,
    Slow,
    VerySlow,
    CertificateNear,
    CertificateOver,
    ReadOnly,
    DatabaseRefuses,
    Moved,
}

/// How a fault comes to be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// It is no trouble, or too short to be any: nothing may be said of it.
    Never,
    /// By so many failures in a row that last for so many seconds.
    Failing(u32, u64),
    /// By reads that become too old.
    ByAge,
    /// Nobody can tell how the target is, and people hear of that.
    ByUnknown,
}

/// How much of a thing a fault hides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hides {
    /// Nothing.
    Nothing,
    /// What the terminal would tell.
    Terminal,
    /// Everything.
    All,
}

/// What there is to know of a fault.
#[derive(Clone, Copy, Debug)]
pub struct Nature {
    /// In words, for the story and the table.
    pub words: &'static str,
    /// Stable names of the reasons that may be given for it.
    pub codes: &'static [&'static str],
    /// How it comes to be known.
    pub found: Found,
    /// The mildest remedy that ends it; `None`: no heal can help.
    pub cured_from: Option<Rung>,
    /// Whether it is only looked for while the market is open.
    pub rests: bool,
    /// What it hides.
    pub hides: Hides,
    /// Whether the bridge reads no account meanwhile.
    pub stops_reads: bool,
    /// Whether it is worth a warning only.
    pub warns: bool,
}

/// Reasons for a terminal that does not answer in time.
const TIMEOUT: &[&str] = &["terminal_hangs", "terminal_timeout"];

const fn never(words: &'static str, codes: &'static [&'static str]) -> Nature {
    let hides = Hides::Nothing;
    Nature {
        words,
        codes,
        found: Found::Never,
        cured_from: None,
        rests: false,
        hides,
        stops_reads: false,
        warns: false,
    }
}

const fn failing(words: &'static str, codes: &'static [&'static str], failures: u32) -> Nature {
    Nature { found: Found::Failing(failures, 0), ..never(words, codes) }
}

const fn by_age(words: &'static str) -> Nature {
    const OLD: &[&str] = &["stale", "few_syncing", "never_read", "placeholders_only", "accounts_failed"];
    Nature { found: Found::ByAge, stops_reads: true, rests: true, ..never(words, OLD) }
}

impl Nature {
    const fn cured(self, from: Rung) -> Self {
        Self { cured_from: Some(from), ..self }
    }

    const fn rests(self) -> Self {
        Self { rests: true, ..self }
    }

    const fn warns(self) -> Self {
        Self { warns: true, ..self }
    }

    /// Believed only when it has lasted so long.
    const fn lasting(self, seconds: u64) -> Self {
        let failures = match self.found {
            Found::Failing(failures, _) => failures,
            Found::Never | Found::ByAge | Found::ByUnknown => 1,
        };
        Self { found: Found::Failing(failures, seconds), ..self }
    }

    const fn hides(self, hides: Hides) -> Self {
        Self { hides, stops_reads: true, ..self }
    }
}

impl Fault {
    /// Those that befall a bridge by themselves.
    pub const OF_BRIDGES: [Self; 32] = [
        Self::LinkLost,
        Self::LinkFlaps,
        Self::TerminalGone,
        Self::PipeBroken,
        Self::TerminalHangs,
        Self::TerminalStarts,
        Self::SessionMismatch,
        Self::LoginRefused,
        Self::TradingOff,
        Self::InvestorPassword,
        Self::ExpertsRefused,
        Self::ApiTradingOff,
        Self::Refuses,
        Self::Hangs,
        Self::ServerError,
        Self::NoJson,
        Self::WrongService,
        Self::KeyRefused,
        Self::Restarts,
        Self::ReadsStop,
        Self::MostReadsStop,
        Self::Placeholders,
        Self::ZeroUnlinked,
        Self::ZeroLive,
        Self::Transferred,
        Self::Declared,
        Self::OneFails,
        Self::IdentitySwap,
        Self::OtherLogin,
        Self::NoList,
        Self::ClockBehind,
        Self::ClockAhead,
    ];

    /// Those that befall the host of bridges.
    pub const OF_HOSTS: [Self; 1] = [Self::HostDown];

    /// Those that befall a web service.
    pub const OF_HTTP: [Self; 9] = [
        Self::PortRefuses,
        Self::ServiceHangs,
        Self::StatusWrong,
        Self::TextMissing,
        Self::Slow,
        Self::VerySlow,
        Self::CertificateNear,
        Self::CertificateOver,
        Self::Moved,
    ];

    /// Those that befall a port.
    pub const OF_TCP: [Self; 3] = [Self::PortRefuses, Self::ServiceHangs, Self::VerySlow];

    /// Those that befall a database.
    pub const OF_MONGODB: [Self; 5] =
        [Self::PortRefuses, Self::ServiceHangs, Self::Slow, Self::ReadOnly, Self::DatabaseRefuses];

    /// What there is to know of it.
    #[must_use]
    pub const fn nature(self) -> Nature {
        use Hides::{All, Terminal};
        use Rung::{Hard, Medium, Soft};
        match self {
            Self::LinkLost => {
                failing("the link to the broker is lost", &["link_lost"], 2).cured(Soft).rests()
            }
            Self::LinkFlaps => {
                never("the link to the broker comes and goes", &["link_lost"]).cured(Soft).rests()
            }
            Self::TerminalGone => failing("the terminal is gone (-10003)", &["terminal_not_found"], 2)
                .cured(Medium)
                .hides(Terminal),
            Self::PipeBroken => {
                failing("the pipe to the terminal is broken (-10004)", &["terminal_pipe_broken"], 2)
                    .cured(Soft)
                    .hides(Terminal)
            }
            Self::TerminalHangs => {
                failing("the terminal hangs (-10005)", TIMEOUT, 2).lasting(90).cured(Medium).hides(Terminal)
            }
            Self::TerminalStarts => never("the terminal is only starting (-10005)", &[]).hides(Terminal),
            Self::SessionMismatch => {
                failing("the terminal runs in another session", &["session_mismatch"], 2).hides(Terminal)
            }
            Self::LoginRefused => {
                failing("the broker refuses the login (-6)", &["login_refused"], 2).hides(Terminal)
            }
            Self::TradingOff => {
                failing("algorithmic trading is switched off", &["trading_off"], 2).warns().rests()
            }
            Self::InvestorPassword => {
                failing("the account has an investor password", &["investor_password"], 2).warns().rests()
            }
            Self::ExpertsRefused => {
                failing("the broker refuses programs", &["experts_refused"], 2).warns().rests()
            }
            Self::ApiTradingOff => {
                failing("trading by Python is off", &["api_trading_off"], 2).warns().rests()
            }
            Self::Refuses => failing("the bridge is gone", &["bridge_silent"], 3).cured(Medium).hides(All),
            Self::Hangs => failing("the bridge hangs", &["bridge_silent"], 3).cured(Medium).hides(All),
            Self::ServerError => {
                failing("the bridge answers with status 500", &["bridge_broken"], 3).cured(Medium).hides(All)
            }
            Self::NoJson => failing("a page answers for the bridge", &["bridge_broken"], 3).hides(All),
            Self::WrongService => failing("another program on the port", &["wrong_service"], 2).hides(All),
            Self::KeyRefused => failing("the bridge's key is changed", &["key_refused"], 3).hides(All),
            Self::Restarts => never("the bridge restarts", &[]).hides(All),
            Self::ReadsStop => by_age("the bridge stops reading accounts").cured(Soft),
            Self::MostReadsStop => by_age("most accounts are no longer read").cured(Soft),
            Self::Placeholders => by_age("accounts are listed without balances").cured(Soft),
            Self::ZeroUnlinked => {
                failing("the link is lost, balances show 0", &["link_lost", "all_zero_not_live"], 3)
                    .cured(Soft)
                    .rests()
            }
            Self::ZeroLive => {
                failing("all balances are 0 on live reads", &["all_zero_live", "all_zero_not_live"], 3)
                    .warns()
                    .rests()
            }
            Self::Transferred => never("capital is moved, the transfer is told", &[]),
            Self::Declared => never("capital is moved, as declared before", &[]),
            Self::OneFails => failing("one account cannot log in", &["accounts_failed"], 3).warns().rests(),
            Self::IdentitySwap => failing("an account shows another's data", &["accounts_mixed_up"], 2),
            Self::OtherLogin => failing("a stranger is logged in", &["accounts_mixed_up"], 2),
            Self::NoList => {
                Nature { found: Found::ByUnknown, ..never("the bridge's database is gone", &[]).rests() }
            }
            Self::ClockBehind => never("the bridge's clock is 20 min behind", &[]),
            Self::ClockAhead => never("the bridge's clock is 20 min ahead", &[]),
            Self::HostDown => failing("the host is down", &["endpoint_silent"], 3).cured(Hard).hides(All),
            Self::PortRefuses => {
                failing("the service is gone", &["endpoint_silent"], 3).cured(Soft).hides(All)
            }
            Self::ServiceHangs => {
                failing("the service hangs", &["endpoint_silent"], 3).cured(Soft).hides(All)
            }
            Self::StatusWrong => failing("the service answers 500", &["endpoint_status"], 3).cured(Soft),
            Self::TextMissing => {
                failing("an answer lacks its text", &["endpoint_text_missing"], 3).cured(Soft)
            }
            Self::Slow => failing("the service is slow", &["endpoint_slow"], 3).warns().cured(Soft),
            Self::VerySlow => failing("the service is very slow", &["endpoint_slow"], 3).cured(Soft),
            Self::CertificateNear => {
                failing("a certificate ends soon", &["certificate_ends_soon"], 2).warns()
            }
            // By a clock that is a little behind, it is about to end.
            Self::CertificateOver => {
                failing("a certificate has ended", &["certificate_ended", "certificate_ends_soon"], 2)
            }
            Self::ReadOnly => failing("the database cannot be written", &["database_read_only"], 3),
            Self::DatabaseRefuses => failing("the database answers an error", &["database_refuses"], 3),
            Self::Moved => failing("the service redirects", &["endpoint_broken"], 3).hides(All),
        }
    }

    /// How long it takes at most until it must be found, as long as nothing hinders: the next question, its failures in a row,
    /// and what the own network and the parents are asked on that. `None`: nothing may be said of it.
    #[must_use]
    pub fn found_within(self, spec: &TargetSpec, read_every: Duration) -> Option<Duration> {
        let watch = spec.watch;
        let look = watch.retry_every + watch.timeout;
        let next = watch.interval + watch.timeout;
        match self.nature().found {
            Found::Never => None,
            Found::Failing(failures, patience) => {
                Some(next + look * (failures + 1) + ASIDE + Duration::from_secs(patience))
            }
            Found::ByAge => Some(spec.thresholds.sync_window + read_every + next + look * 4 + ASIDE),
            Found::ByUnknown => Some(spec.thresholds.unknown_alert_after + next + look + ASIDE),
        }
    }
}

/// What the own network and the targets that it depends on may take to be heard.
const ASIDE: Duration = Duration::from_secs(70);
