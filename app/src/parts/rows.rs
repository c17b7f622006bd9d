//! Many targets, a line each: what is wrong with which is seen without scrolling through all that is known of them.

use leptos::prelude::*;
use rebound::view::Tone;

use crate::live::Live;
use crate::parts::follow::{follow, follow_words, nothing};
use crate::parts::icon::{Badge, Icon, tone_name};
use crate::parts::keyed::{Keyed, keyed};
use crate::parts::line::pieces;
use crate::parts::sentence::sentence;
use crate::parts::uptime::drawing;
use crate::parts::vitals::figure;
use crate::sheet::Body;
use crate::sheet::overview::TargetRow;
use crate::tongue::t;

/// What the list is narrowed to, by its word in the address: its name, and the tones it shows.
const STATES: [(&str, &str, &[Tone]); 5] = [
    ("", "All", &[]),
    ("trouble", "In trouble", &[Tone::Bad, Tone::Busy, Tone::Warning]),
    ("unknown", "Unknown", &[Tone::Unknown]),
    ("resting", "Resting", &[Tone::Resting]),
    ("well", "Well", &[Tone::Good]),
];
/// Longest text that is searched for.
const SEARCH_MAX: &str = "80";

/// What the list is narrowed to.
#[derive(Clone, Copy)]
struct Narrowed {
    words: RwSignal<String>,
    state: RwSignal<String>,
}

/// The list of all targets; nothing where one is all there is.
pub(crate) fn rows(live: Live) -> AnyView {
    let shown = Memo::new(move |_| live.overview(|sheet| !sheet.rows.is_empty()));
    let address = live.sheet.with_untracked(|sheet| sheet.address.clone());
    let narrowed = Narrowed {
        words: RwSignal::new(asked(&address, "q")),
        state: RwSignal::new(asked(&address, "state")),
    };
    follow(move || if shown.get() { panel(live, narrowed) } else { nothing() })
}

fn panel(live: Live, narrowed: Narrowed) -> AnyView {
    let rows = keyed(move || {
        narrowed.words.with(|words| {
            narrowed.state.with(|state| {
                live.overview(|sheet| {
                    let rows = sheet.rows.iter().filter(|row| is_meant(row, words, state)).cloned();
                    rows.map(|first| Keyed::new(first.id.clone(), move || line(live, first))).collect()
                })
            })
        })
    });
    let none = follow(move || {
        let any = live.overview(|sheet| {
            let meant = |row: &TargetRow| {
                narrowed.words.with(|words| narrowed.state.with(|state| is_meant(row, words, state)))
            };
            sheet.rows.iter().any(meant)
        });
        if any {
            return nothing();
        }
        view! { <p class="empty">{t("No target matches. ")}<a href="/">{t("Show all")}</a></p> }.into_any()
    });
    // What somebody wrote before the field came alive is still meant.
    let typed = typed();
    Effect::new(move |_| {
        if let Some(typed) = typed.clone().filter(|typed| *typed != narrowed.words.get_untracked()) {
            narrowed.words.set(typed);
        }
    });
    let states = STATES.map(|(word, name, tones)| state(live, narrowed, word, name, tones));
    view! {
        <section class="panel" aria-labelledby="targets-title">
            <header class="rows-head">
                <h2 id="targets-title">{t("Targets")}</h2>
                <ul class="states" aria-label=t("Narrow by state")>{states}</ul>
                <form class="search" method="get" action="/" role="search">
                    <Icon name="search"/>
                    <input type="search" name="q" aria-label=t("Search targets") placeholder=t("Search") maxlength=SEARCH_MAX
                        value=narrowed.words.get_untracked() prop:value=narrowed.words
                        on:input=move |event| narrowed.words.set(event_target_value(&event))/>
                </form>
            </header>
            {none}
            <ul class="rows">{rows}</ul>
        </section>
    }
    .into_any()
}

/// What stands in the field already.
#[cfg(feature = "hydrate")]
fn typed() -> Option<String> {
    super::keys::search_field().map(|field| field.value())
}

#[cfg(not(feature = "hydrate"))]
const fn typed() -> Option<String> {
    None
}

/// One state with how many are in it. A link, so that it works without scripts and can be sent to somebody.
fn state(
    live: Live,
    narrowed: Narrowed,
    word: &'static str,
    name: &'static str,
    tones: &'static [Tone],
) -> AnyView {
    let count = move || {
        live.overview(|sheet| {
            sheet.rows.iter().filter(|row| tones.is_empty() || tones.contains(&row.tone)).count()
        })
    };
    let current = Signal::derive(move || narrowed.state.with(|state| (state == word).then_some("true")));
    let address = if word.is_empty() { "/".to_owned() } else { format!("/?state={word}") };
    let choose = move |event: leptos::ev::MouseEvent| {
        // With a key held down it opens elsewhere, as every link does.
        if !(event.ctrl_key() || event.meta_key() || event.shift_key()) {
            event.prevent_default();
            narrowed.state.set(word.to_owned());
        }
    };
    let count = follow(move || count().to_string().into_any());
    view! { <li><a href=address aria-current=current on:click=choose>{t(name)}" "<span class="count">{count}</span></a></li> }
        .into_any()
}

/// Whether a row is meant by these words and this state.
fn is_meant(row: &TargetRow, words: &str, state: &str) -> bool {
    let tones = STATES.iter().find(|(word, _, _)| *word == state).map_or(&[][..], |(_, _, tones)| *tones);
    let words = words.trim().to_lowercase();
    (tones.is_empty() || tones.contains(&row.tone))
        && (words.is_empty()
            || row.name.to_lowercase().contains(&words)
            || row.id.to_lowercase().contains(&words))
}

fn line(live: Live, first: TargetRow) -> AnyView {
    let id = first.id.clone();
    let own = id.clone();
    let row = live.part(first, move |body| {
        if let Body::Overview(overview) = body {
            overview.rows.iter().find(|row| row.id == own)
        } else {
            None
        }
    });
    let outdated = Memo::new(move |_| row.with(|row| live.is_old(row.observed_at, row.stale_after_ms)));
    let class = follow_words(move || {
        let age = if outdated.get() { " outdated" } else { "" };
        format!("row tone-{}{age}", tone_name(row.with(|row| row.tone)))
    });
    let body = follow(move || row.with(|row| columns(row, outdated.get())));
    view! { <li class=class id=format!("row-{id}")>{body}</li> }.into_any()
}

fn columns(row: &TargetRow, outdated: bool) -> AnyView {
    let marks = row.marks.iter().cloned().map(|mark| view! { <Badge mark/> }.into_any()).collect::<Vec<_>>();
    let why = row.why.clone().map(|why| view! { <p class="row-why">{sentence(why)}</p> }.into_any());
    let old = outdated.then(|| {
        view! { <span class="badge tone-unknown"><Icon name="unknown"/>{t("Old")}</span> }.into_any()
    });
    let vitals = row.vitals.iter().take(3).cloned().map(|mut fact| {
        // The bar beside it shows how much of the day is known.
        fact.line.truncate(1);
        view! { <span class="row-vital"><Icon name=fact.label.clone()/><span>{figure(fact)}</span></span> }
            .into_any()
    });
    view! {
        <div class="row-name">
            <a href=format!("/targets/{}", row.id)>{row.name.clone()}</a>
            <span class="quiet-text">{pieces(row.about.clone())}</span>
        </div>
        <p class="phase">
            <span class="badge strong"><Icon name=tone_name(row.tone)/>{row.phase.clone()}</span>
            {old}
            {marks}
        </p>
        {why}
        <div class="row-day">{drawing(&format!("row-{}", row.id), &row.bars, &row.day)}</div>
        <p class="row-vitals">{vitals.collect::<Vec<_>>()}</p>
    }
    .into_any()
}

/// The value of that name in the query of an address, as far as it is plain text.
fn asked(address: &str, name: &str) -> String {
    let query = address.split_once('?').map_or("", |(_, query)| query);
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let value = pairs.filter(|(key, _)| *key == name).map(|(_, value)| plain(value)).next();
    value.unwrap_or_default()
}

/// Without the escapes of an address.
fn plain(value: &str) -> String {
    let mut bytes = value.bytes();
    let mut text = Vec::with_capacity(value.len());
    while let Some(byte) = bytes.next() {
        text.push(match byte {
            b'+' => b' ',
            b'%' => {
                let hex =
                    |digit: u8| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
                match (bytes.next().and_then(hex), bytes.next().and_then(hex)) {
                    (Some(high), Some(low)) => high * 16 + low,
                    _ => b'?',
                }
            }
            byte => byte,
        });
    }
    String::from_utf8_lossy(&text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{asked, is_meant};
    use crate::sheet::overview::TargetRow;

    fn row(tone: rebound::view::Tone) -> TargetRow {
        TargetRow::named("mt5-7", "Bridge Seven", "Suspect", tone)
    }

    #[test]
    fn a_target_is_found_by_its_name_its_id_and_its_state() {
        let seven = row(rebound::view::Tone::Warning);
        assert!(is_meant(&seven, " seven ", ""));
        assert!(is_meant(&seven, "MT5-7", "trouble"));
        assert!(!is_meant(&seven, "eight", ""));
        assert!(!is_meant(&seven, "", "well"));
        assert!(is_meant(&seven, "", "no such state"));
    }

    #[test]
    fn what_is_searched_for_stands_in_the_address() {
        assert_eq!(asked("/?q=two+words%20%C3%A9&state=well", "q"), "two words é");
        assert_eq!(asked("/?q=%", "q"), "?");
        assert_eq!(asked("/", "q"), "");
    }
}
