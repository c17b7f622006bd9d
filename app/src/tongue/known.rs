//! The languages that Rebound speaks, and what they say.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use axum::http::{HeaderMap, header};
use leptos::prelude::*;

use super::catalogue::Catalogue;
use crate::parts::look::cookie;

/// The name of the cookie that keeps a reader's choice.
pub const TONGUE_COOKIE: &str = "rebound_language";
/// Most sentences that are kept as they were said last; then it begins anew.
const KEPT_MAX: usize = 4_096;
/// The words of the browser's part.
const SPANISH_PAGE: &str = include_str!("../../words/es/app.po");
/// The words of everything else, by where they are made.
const SPANISH: [&str; 5] = [
    include_str!("../../words/es/core.po"),
    include_str!("../../words/es/monitor.po"),
    include_str!("../../words/es/crates.po"),
    include_str!("../../words/es/sheet.po"),
    include_str!("../../words/es/server.po"),
];

static KNOWN: LazyLock<Known> = LazyLock::new(|| {
    let carried: Vec<(&'static str, &'static str)> = entries(SPANISH_PAGE).collect();
    let all = SPANISH.into_iter().flat_map(entries).chain(carried.iter().copied());
    let carried = serde_json::to_string(&carried).unwrap_or_default();
    Known { catalogue: Catalogue::of(all), carried, kept: Mutex::default() }
});

struct Known {
    catalogue: Catalogue,
    /// What a browser needs of it, as JSON.
    carried: String,
    kept: Mutex<HashMap<String, Option<String>>>,
}

/// A language that pages speak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tongue {
    /// What Rebound thinks in.
    #[default]
    English,
    /// Español.
    Spanish,
}

impl Tongue {
    /// Each of them.
    pub const ALL: [Self; 2] = [Self::English, Self::Spanish];

    /// Its code, as browsers say it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Spanish => "es",
        }
    }

    /// Its name in itself.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Spanish => "Español",
        }
    }

    /// The one with that code.
    #[must_use]
    pub fn by_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tongue| tongue.code() == code)
    }

    /// What the reader chose; else what his browser asks for first that is known here; else English.
    #[must_use]
    pub fn of_reader(headers: &HeaderMap) -> Self {
        let chosen = cookie(headers, TONGUE_COOKIE).and_then(Self::by_code);
        let asked = || {
            let wanted = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
            by_preference(wanted)
        };
        chosen.or_else(asked).unwrap_or_default()
    }

    /// That of the page that is being made.
    pub(crate) fn of_page() -> Self {
        use_context().unwrap_or_default()
    }

    /// What it says; `None` for English.
    pub(super) fn catalogue(self) -> Option<&'static Catalogue> {
        match self {
            Self::English => None,
            Self::Spanish => Some(&KNOWN.catalogue),
        }
    }

    /// What a browser needs of it, as JSON; `None` for English.
    #[must_use]
    pub(crate) fn carried(self) -> Option<&'static str> {
        match self {
            Self::English => None,
            Self::Spanish => Some(&KNOWN.carried),
        }
    }

    /// How it says this; as it is where it has no words for it.
    #[must_use]
    pub fn says(self, english: &str) -> String {
        let Some(catalogue) = self.catalogue() else { return english.to_owned() };
        let kept = || KNOWN.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(said) = kept().get(english) {
            return said.clone().unwrap_or_else(|| english.to_owned());
        }
        let said = catalogue.said(english);
        let mut kept = kept();
        if kept.len() >= KEPT_MAX {
            kept.clear();
        }
        kept.insert(english.to_owned(), said.clone());
        said.unwrap_or_else(|| english.to_owned())
    }
}

/// `es-MX,es;q=0.9,en;q=0.8`: the known one with the highest weight, the first of equals.
fn by_preference(wanted: &str) -> Option<Tongue> {
    let mut best: Option<(u16, Tongue)> = None;
    for part in wanted.split(',') {
        let (range, rest) = part.split_once(';').unwrap_or((part, ""));
        let code = range.trim().split('-').next().unwrap_or_default().to_ascii_lowercase();
        let weight =
            rest.trim().strip_prefix("q=").and_then(|weight| weight.parse::<f32>().ok()).unwrap_or(1.0);
        let weight = (weight.clamp(0.0, 1.0) * 1_000.0) as u16;
        let Some(tongue) = Tongue::by_code(&code).filter(|_| weight > 0) else { continue };
        if best.is_none_or(|(most, _)| weight > most) {
            best = Some((weight, tongue));
        }
    }
    best.map(|(_, tongue)| tongue)
}

/// The entries of a catalogue in gettext's form: a `msgid` and a `msgstr`, a line each. Kept for the life of the program.
fn entries(text: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let mut english = None;
    text.lines().filter_map(move |line| {
        if let Some(said) = quoted(line, "msgid ") {
            english = Some(said);
            return None;
        }
        let said = quoted(line, "msgstr ")?;
        english
            .take()
            .filter(|english| !english.is_empty() && !said.is_empty())
            .map(|english| (english, said))
    })
}

fn quoted(line: &'static str, name: &str) -> Option<&'static str> {
    let text = line.strip_prefix(name)?.strip_prefix('"')?.strip_suffix('"')?;
    if !text.contains('\\') {
        return Some(text);
    }
    let plain = text.replace("\\\"", "\"").replace("\\n", "\n").replace("\\\\", "\\");
    Some(Box::leak(plain.into_boxed_str()))
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use axum::http::HeaderValue;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::nothing(None, None, Tongue::English)]
    #[case::asked(Some("es-MX,es;q=0.9,en;q=0.8"), None, Tongue::Spanish)]
    #[case::liked_less(Some("de, en;q=0.9, es;q=0.5"), None, Tongue::English)]
    #[case::refused(Some("es;q=0"), None, Tongue::English)]
    #[case::chosen(Some("es"), Some("a=b; rebound_language=en"), Tongue::English)]
    #[case::chosen_too(None, Some("rebound_language=es"), Tongue::Spanish)]
    #[case::no_choice(None, Some("rebound_language=xx"), Tongue::English)]
    fn a_page_speaks_what_its_reader_reads(
        #[case] asked: Option<&'static str>,
        #[case] cookie: Option<&'static str>,
        #[case] tongue: Tongue,
    ) {
        let mut headers = HeaderMap::new();
        for (name, value) in [(header::ACCEPT_LANGUAGE, asked), (header::COOKIE, cookie)] {
            headers.extend(value.map(|value| (name, HeaderValue::from_static(value))));
        }
        assert_eq!(Tongue::of_reader(&headers), tongue);
    }

    #[rstest]
    #[case(
        "36.2 GiB of 90.8 GiB are free on the disk of /tmp/rebound-a (39.8 %).",
        "36.2 GiB de 90.8 GiB están libres en el disco de /tmp/rebound-a (39.8 %)."
    )]
    #[case(
        "MT5 bridge: a person is needed: the terminal has lost its connection to the broker",
        "MT5 bridge: se necesita una persona: el terminal ha perdido su conexión con el bróker"
    )]
    #[case(" · depends on Windows host", " · depende de Windows host")]
    #[case(" · incident 1", " · incidente 1")]
    #[case(
        "All 3 accounts are syncing. Last heal under a minute ago, took 31 s.",
        "Se sincronizan las 3 cuentas. Última reparación hace menos de un minuto; tardó 31 s."
    )]
    #[case("unknown 1 s, in maintenance 4 s", "desconocido 1 s, en mantenimiento 4 s")]
    #[case("unknown under 1 s, maintenance 4 s", "desconocido menos de 1 s, mantenimiento 4 s")]
    #[case(
        "Time to detect: 2 s. Time to heal: 31 s.",
        "Tiempo hasta detectar: 2 s. Tiempo hasta reparar: 31 s."
    )]
    #[case("Change 3 by admin", "Cambio 3 de admin")]
    #[case("also: the bridge does not answer", "también: el puente no responde")]
    #[case(
        "MT5 bridge: good since 19:12:00 UTC, not long enough to be called over. It was: the bridge does not answer.",
        "MT5 bridge: bien desde las 19:12:00 UTC, no el tiempo suficiente para darlo por terminado. Fue: el puente no responde."
    )]
    #[case("bridge · depends on Windows host", "puente · depende de Windows host")]
    #[case("Nobody wrote this sentence for the catalogue.", "Nobody wrote this sentence for the catalogue.")]
    fn what_is_composed_is_said_as_a_whole(#[case] english: &str, #[case] said: &str) {
        assert_eq!(Tongue::Spanish.says(english), said);
    }

    #[test]
    fn every_entry_is_whole_and_has_the_holes_of_its_sentence() {
        let holes = |text: &str| -> BTreeSet<String> {
            (1..=9)
                .map(|number| format!("{{{number}}}"))
                .filter(|hole| text.contains(hole.as_str()))
                .collect()
        };
        let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
        for text in SPANISH.into_iter().chain([SPANISH_PAGE]) {
            let (ids, said) = (text.matches("\nmsgid ").count(), text.matches("\nmsgstr ").count());
            assert_eq!(ids, said);
            for (english, said) in entries(text) {
                assert_eq!(holes(english), holes(said), "{english}");
                assert_eq!(english.starts_with(' '), said.starts_with(' '), "{english}");
                assert_eq!(english.ends_with(' '), said.ends_with(' '), "{english}");
                let before = seen.insert(english, said);
                assert!(before.is_none_or(|before| before == said), "{english} is said in two ways");
            }
        }
    }

    #[test]
    fn a_page_carries_the_words_of_its_browser() {
        let carried = Tongue::Spanish.carried().unwrap();
        assert!(serde_json::from_str::<Vec<(String, String)>>(carried).unwrap().len() > 100);
    }
}
