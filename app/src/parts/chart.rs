//! Numbers over time. The lines are drawn by the server; the crosshair, which all charts share, and the choice of a stretch by
//! dragging belong to the browser.

use std::time::Duration;

use leptos::prelude::*;
use rebound::time::Timestamp;

use crate::live::clock::Clock;
use crate::parts::follow::{folded, follow, left, nothing, own, turn};
use crate::parts::moment::{Moment, words};
use crate::sheet::Told;
use crate::sheet::chart::{
    ChartSheet, ChartsSheet, DayMark, DaysSheet, Files, OutcomesSheet, Point, Range, Spark,
};
use crate::tongue::{t, tell};

mod png;

/// Shorter drags are taken for a slip of the hand.
const DRAG_MIN: f64 = 0.02;
const DAY: Duration = Duration::from_secs(86_400);
/// Nearer stops are one.
const NEAR: f64 = 1e-6;

/// Where the crosshair stands, from 0 at the left edge to 1, and where a drag began.
#[derive(Clone, Copy)]
struct Pointer {
    at: RwSignal<Option<f64>>,
    pressed: RwSignal<Option<f64>>,
}

impl Pointer {
    fn nowhere() -> Self {
        Self { at: RwSignal::new(None), pressed: RwSignal::new(None) }
    }
}

/// The crosshairs of a page: charts of one stretch of time share theirs. They outlive what they stand on, so that news does not take
/// them away.
#[derive(Clone, Copy)]
pub(crate) struct Pointers {
    days: Pointer,
    numbers: Pointer,
    heals: Pointer,
    budget: Pointer,
}

impl Pointers {
    /// None stands anywhere yet.
    pub(crate) fn nowhere() -> Self {
        Self {
            days: Pointer::nowhere(),
            numbers: Pointer::nowhere(),
            heals: Pointer::nowhere(),
            budget: Pointer::nowhere(),
        }
    }
}

/// All charts of a target. Each is made anew only with news of its own.
pub(crate) fn charts(sheet: Memo<ChartsSheet>, pointers: Pointers) -> AnyView {
    let chosen = own(move || sheet.with(|sheet| sheet.ranges.clone()), ranges);
    let note = own(
        move || sheet.with(|sheet| sheet.note.clone()),
        |note| note.map(|note| view! { <p class="empty">{note}</p> }.into_any()).into_any(),
    );
    let days = own(
        move || sheet.with(|sheet| sheet.days.clone()),
        move |sheet| sheet.map(|sheet| days(sheet, pointers)).into_any(),
    );
    let charts = own(
        move || sheet.with(|sheet| sheet.charts.iter().map(|chart| chart.name.clone()).collect::<Vec<_>>()),
        move |names| {
            let chart = |name: String| {
                let of =
                    move || sheet.with(|sheet| sheet.charts.iter().find(|chart| chart.name == name).cloned());
                apart(of, pointers.numbers)
            };
            names.into_iter().map(chart).collect::<Vec<_>>().into_any()
        },
    );
    let sparks = own(move || sheet.with(|sheet| sheet.sparks.clone()), sparks);
    let outcomes = outcomes(Memo::new(move |_| sheet.with(|sheet| sheet.outcomes.clone())), pointers);
    view! {
        <section class="block charts" aria-labelledby="charts-title">
            <header class="rows-head">
                <h2 id="charts-title">{t("Over time")}</h2>
                <ul class="states" aria-label=t("Stretch of time")>{chosen}</ul>
            </header>
            {note}
            {days}
            <div class="charts-list">{charts}</div>
            {sparks}
        </section>
        {outcomes}
    }
    .into_any()
}

/// What became of heals, and of the error budget.
pub(crate) fn outcomes(sheet: Memo<OutcomesSheet>, pointers: Pointers) -> AnyView {
    own(
        move || sheet.with(|sheet| sheet.heals.is_some() || sheet.budget.is_some()),
        move |any| if any { known_outcomes(sheet, pointers) } else { nothing() },
    )
}

fn known_outcomes(sheet: Memo<OutcomesSheet>, pointers: Pointers) -> AnyView {
    let chosen = own(move || sheet.with(|sheet| sheet.ranges.clone()), ranges);
    let heals = apart(move || sheet.with(|sheet| sheet.heals.clone()), pointers.heals);
    let budget = apart(move || sheet.with(|sheet| sheet.budget.clone()), pointers.budget);
    view! {
        <section class="block charts" aria-labelledby="outcomes-title">
            <header class="rows-head">
                <h2 id="outcomes-title">{t("Heals and error budget")}</h2>
                <ul class="states" aria-label=t("Days of heals")>{chosen}</ul>
            </header>
            <div class="charts-list">{heals}{budget}</div>
        </section>
    }
    .into_any()
}

fn ranges(ranges: Vec<Range>) -> AnyView {
    ranges.into_iter().map(range).collect::<Vec<_>>().into_any()
}

fn range(range: Range) -> AnyView {
    let current = range.chosen.then_some("true");
    view! { <li><a href=range.address aria-current=current>{range.words}</a></li> }.into_any()
}

/// A chart that comes alive in a turn of its own, and is made anew when it is another.
fn apart(of: impl Fn() -> Option<ChartSheet> + Clone + Send + Sync + 'static, pointer: Pointer) -> AnyView {
    turn(move || own(of.clone(), move |chart| chart.map_or_else(nothing, |chart| figure(chart, pointer))))
}

fn figure(chart: ChartSheet, pointer: Pointer) -> AnyView {
    let name = chart.name.clone();
    let (title_id, text_id) = (format!("chart-t-{name}"), format!("chart-d-{name}"));
    let labelled = format!("{title_id} {text_id}");
    let legend = chart.legend.into_iter().map(|(style, words)| {
        view! { <li><i class=format!("key key-{style}") aria-hidden="true"></i>{words}</li> }.into_any()
    });
    let heights = chart.heights.into_iter().map(|(words, _)| view! { <span>{words}</span> }.into_any());
    let times = chart.times.into_iter().map(|(at, left)| label(at, chart.axis, &left)).collect::<Vec<_>>();
    let drag = if chart.zoom.is_some() { ", choose a stretch by dragging" } else { "" };
    let hint = tell(format!("{}: move with the arrow keys{drag}", chart.title));
    let span = (chart.from, chart.to);
    let stops = stops(&chart.points, span);
    let readout = readout(chart.points, chart.points_told, span, pointer);
    let zoom = chart.zoom;
    let can_drag = zoom.is_some();
    let sentence = view! { <summary id=text_id>{chart.sentence}</summary> }.into_any();
    let numbers = Table { columns: chart.columns, rows: chart.rows, told: chart.rows_told };
    let files = chart.files;
    let table = folded("more", sentence, move || {
        view! { {table(numbers.clone())}{downloads(files.clone())} }.into_any()
    });
    view! {
        <figure class="chart">
            <figcaption>
                <h3 id=title_id>{chart.title}</h3>
                <ul class="keys-of-lines">{legend.collect::<Vec<_>>()}</ul>
            </figcaption>
            <div class="plot">
                <div class="heights" aria-hidden="true">{heights.collect::<Vec<_>>()}</div>
                <div class="canvas" tabindex="0" role="group" aria-label=hint
                    on:pointermove=move |event| pointer.at.set(share(&event))
                    on:pointerleave=move |_| { pointer.at.set(None); pointer.pressed.set(None); }
                    on:pointerdown=move |event| pointer.pressed.set(share(&event).filter(|_| can_drag))
                    on:pointerup=move |event| choose(pointer, share(&event), span, zoom.as_deref())
                    on:keydown=move |event| move_by_key(pointer, &stops, &event)
                    on:blur=move |_| left(|| pointer.at.set(None))>
                    <svg class="drawing" viewBox="0 0 2000 400" preserveAspectRatio="none" role="img" aria-labelledby=labelled inner_html=chart.svg></svg>
                    {crosshair(pointer)}
                </div>
                <svg class="times" aria-hidden="true">{times}</svg>
            </div>
            <p class="readout" aria-live="polite">{readout}</p>
            {table}
        </figure>
    }
    .into_any()
}

/// What a chart shows, in words.
#[derive(Clone)]
struct Table {
    columns: [String; 2],
    rows: Vec<Point>,
    told: Told,
}

fn table(Table { columns, rows, told }: Table) -> AnyView {
    let columns = columns.map(|words| view! { <th scope="col">{words}</th> }.into_any());
    let rows = rows.into_iter().map(|point| row(point, told)).collect::<Vec<_>>();
    view! {
        <div class="scroll" tabindex="0" role="group" aria-label=t("Table")>
            <table class="plain">
                <thead><tr>{columns}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// The ways to keep a chart: its numbers, the drawing, and an image of that.
pub(crate) fn downloads(files: Files) -> AnyView {
    let Files { name, csv, picture } = files;
    let png = png::button(&picture, format!("{name}.png"));
    view! {
        <span class="downloads">
            {t("Download ")}<a href=csv download="">"CSV"</a>" "<a href=picture download="">"SVG"</a>" "{png}
        </span>
    }
    .into_any()
}

/// Balance and equity of each account, as small as they can be read.
fn sparks(sparks: Vec<Spark>) -> AnyView {
    if sparks.is_empty() {
        return nothing();
    }
    let items = sparks.into_iter().map(|spark| {
        let label = format!("{}: {}", spark.name, spark.words);
        let words = view! { <summary>{spark.words}</summary> }.into_any();
        let files = spark.files;
        view! {
            <li>
                <span><strong>{spark.name}</strong></span>
                <svg class="drawing spark" viewBox="0 0 2000 400" preserveAspectRatio="none" role="img" aria-label=label inner_html=spark.svg></svg>
                {folded("more", words, move || files.iter().cloned().map(spark_files).collect::<Vec<_>>().into_any())}
            </li>
        }
        .into_any()
    });
    view! { <div class="block"><h3>{t("Accounts")}</h3><ul class="sparks">{items.collect::<Vec<_>>()}</ul></div> }
        .into_any()
}

fn spark_files((what, files): (String, Files)) -> AnyView {
    view! { <p>{what}" "{downloads(files)}</p> }.into_any()
}

/// A label of the horizontal axis. Its place is an attribute: inline styles are forbidden on our pages.
fn label(at: Timestamp, told: Told, left: &str) -> AnyView {
    let clock = Clock::of_page();
    let text = follow(move || words(at, told, clock.rendered_at, clock.now()).into_any());
    view! { <text x=format!("{left}%") y="0.9em" text-anchor="middle">{text}</text> }.into_any()
}

fn row(point: Point, told: Told) -> AnyView {
    let words = point.words.unwrap_or_else(|| t("nothing was read").to_owned());
    view! { <tr><td><Moment at=point.at told=told/></td><td>{words}</td></tr> }.into_any()
}

fn crosshair(pointer: Pointer) -> AnyView {
    follow(move || {
        let Some(at) = pointer.at.get() else { return nothing() };
        let x = percent(at);
        let chosen = pointer.pressed.get().map(|from| {
            let (left, wide) = (percent(from.min(at)), percent((from - at).abs()));
            view! { <rect class="chosen" x=left y="0" width=wide height="100%"></rect> }.into_any()
        });
        view! { <svg class="cross" aria-hidden="true">{chosen}<line x1=x.clone() x2=x y1="0" y2="100%"></line></svg> }.into_any()
    })
}

pub(super) fn percent(share: f64) -> String {
    format!("{:.2}%", share * 100.0)
}

/// What was read where the crosshair stands.
fn readout(points: Vec<Point>, told: Told, (from, to): (Timestamp, Timestamp), pointer: Pointer) -> AnyView {
    let found = Memo::new(move |_| {
        let at = at_share(from, to, pointer.at.get()?);
        let point = points.iter().rev().find(|point| point.at <= at)?;
        Some(point.clone())
    });
    follow(move || {
        found.get().map_or_else(nothing, |point| {
            let words = point.words.unwrap_or_else(|| t("nothing was read").to_owned());
            view! { <Moment at=point.at told=told/>" · "{words} }.into_any()
        })
    })
}

pub(super) fn at_share(from: Timestamp, to: Timestamp, share: f64) -> Timestamp {
    let span = to.as_ms().saturating_sub(from.as_ms()) as f64;
    Timestamp::from_ms(from.as_ms().saturating_add((span * share) as i64))
}

/// Ends a drag: the stretch that was chosen is a page of its own, so that the way back leads out of it again.
fn choose(pointer: Pointer, now: Option<f64>, (from, to): (Timestamp, Timestamp), zoom: Option<&str>) {
    let begun = pointer.pressed.get_untracked();
    pointer.pressed.set(None);
    if let (Some(begun), Some(now), Some(page)) = (begun, now, zoom)
        && (begun - now).abs() >= DRAG_MIN
    {
        let (left, right) = (at_share(from, to, begun.min(now)), at_share(from, to, begun.max(now)));
        open(&format!("{page}from={}&to={}", left.as_ms(), right.as_ms()));
    }
}

/// Where the keys stop, from 0 to 1: in the middle of each point's own stretch, up to the next. The last is as long as the one before.
fn stops(points: &[Point], (from, to): (Timestamp, Timestamp)) -> Vec<f64> {
    let span = to.since(from).as_secs_f64().max(1.0);
    let share = |at: Timestamp| at.as_ms().saturating_sub(from.as_ms()) as f64 / 1_000.0 / span;
    let begins: Vec<f64> = points.iter().map(|point| share(point.at)).collect();
    let ends = begins.iter().skip(1).copied();
    let usual = match begins.as_slice() {
        [.., before, last] => last - before,
        _ => 1.0,
    };
    let end = begins.last().map(|last| last + usual);
    let middle = |(begin, end): (&f64, f64)| f64::midpoint(begin.clamp(0.0, 1.0), end.clamp(0.0, 1.0));
    begins.iter().zip(ends.chain(end)).map(middle).collect()
}

/// Moves the crosshair by keys, from stop to stop.
fn move_by_key(pointer: Pointer, stops: &[f64], event: &leptos::ev::KeyboardEvent) {
    let at = pointer.at.get_untracked();
    let (first, last) = (stops.first(), stops.last());
    let moved = match event.key().as_str() {
        "ArrowLeft" => at.map_or(last, |at| stops.iter().rev().find(|stop| **stop < at - NEAR).or(first)),
        "ArrowRight" => at.map_or(first, |at| stops.iter().find(|stop| **stop > at + NEAR).or(last)),
        "Home" => first,
        "End" => last,
        _ => return,
    };
    if let Some(moved) = moved {
        event.prevent_default();
        pointer.at.set(Some(*moved));
    }
}

/// How far from the left edge of a drawing something happened, from 0 to 1.
#[cfg(feature = "hydrate")]
pub(super) fn share(event: &leptos::ev::PointerEvent) -> Option<f64> {
    use wasm_bindgen::JsCast as _;

    let drawing = event.current_target()?.dyn_into::<web_sys::Element>().ok()?.get_bounding_client_rect();
    let wide = drawing.width();
    (wide > 0.0).then(|| ((f64::from(event.client_x()) - drawing.left()) / wide).clamp(0.0, 1.0))
}

#[cfg(not(feature = "hydrate"))]
pub(super) const fn share(_event: &leptos::ev::PointerEvent) -> Option<f64> {
    None
}

#[cfg(feature = "hydrate")]
fn open(address: &str) {
    if window().location().set_href(address).is_err() {
        leptos::logging::warn!("{address} cannot be opened from here");
    }
}

#[cfg(not(feature = "hydrate"))]
const fn open(_address: &str) {}

/// The last days, a mark each.
fn days(sheet: DaysSheet, pointers: Pointers) -> AnyView {
    let count = sheet.days.len();
    let read = read_days(&tell(format!("Last {count} days")), &sheet.sentence, sheet.days, pointers);
    let downloads = sheet.files.map(downloads);
    view! {
        <figure class="days">
            {read}
            <figcaption class="quiet-text">{sheet.sentence}{downloads}</figcaption>
        </figure>
    }
    .into_any()
}

/// The same on a page without scripts: the marks tell nothing but themselves, and the sentence tells the rest.
#[cfg(feature = "ssr")]
pub(crate) fn still_days(sheet: DaysSheet) -> AnyView {
    let count = sheet.days.len();
    let drawn = marks(&tell(format!("Last {count} days. {}", sheet.sentence)), sheet.days);
    view! {
        <figure class="days">
            {drawn}
            <div class="uptime-axis" aria-hidden="true"><span>{tell(format!("{count} days ago"))}</span><span>{t("today")}</span></div>
            <figcaption class="quiet-text">{sheet.sentence}</figcaption>
        </figure>
    }
    .into_any()
}

/// Marks of days up to today, each of which the pointer and the keys read.
pub(crate) fn read_days(name: &str, sentence: &str, days: Vec<DayMark>, pointers: Pointers) -> AnyView {
    let pointer = pointers.days;
    let from = days.first().map(|day| day.day).unwrap_or_default();
    let to = days.last().map(|day| day.day.after(DAY)).unwrap_or_default();
    let point = |day: &DayMark| Point { at: day.day, words: Some(day.words.clone()) };
    let points: Vec<Point> = days.iter().map(point).collect();
    let stops = stops(&points, (from, to));
    let drawn = marks(&format!("{name}. {sentence}"), days);
    let readout = readout(points, Told::DateUtc, (from, to), pointer);
    view! {
        <div class="canvas over-marks" tabindex="0" role="group" aria-label=tell(format!("{name}: move with the arrow keys"))
            on:pointermove=move |event| pointer.at.set(share(&event))
            on:pointerleave=move |_| pointer.at.set(None)
            on:keydown=move |event| move_by_key(pointer, &stops, &event)
            on:blur=move |_| left(|| pointer.at.set(None))>
            {drawn}
            {crosshair(pointer)}
        </div>
        <div class="uptime-axis" aria-hidden="true">
            <span><Moment at=from told=Told::DateUtc/></span><span><Moment at=to.before(DAY) told=Told::DateUtc/></span>
        </div>
        <p class="readout" aria-live="polite">{readout}</p>
    }
    .into_any()
}

/// A mark for each day, which tells its date and what it was like. Written as text: a page has hundreds of them, and the browser's
/// part does not go through those one by one.
fn marks(label: &str, days: Vec<DayMark>) -> AnyView {
    let count = days.len().max(1) as f64;
    let mut marks = String::new();
    for (number, day) in days.into_iter().enumerate() {
        let (x, wide) = (percent(number as f64 / count), percent(0.8 / count));
        let told = plain(&format!("{}: {}", date(day.day), day.words));
        let class = plain(&day.class);
        marks += &format!(
            r#"<rect class="day bar-{class}" x="{x}" width="{wide}" y="0" height="100%" rx="1.5"><title>{told}</title></rect>"#
        );
    }
    view! { <svg class="day-marks" role="img" aria-label=label.to_owned() inner_html=marks></svg> }.into_any()
}

/// Text inside a drawing.
pub(super) fn plain(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

/// `2026-11-24`: days are those of UTC, so they carry no zone.
fn date(day: Timestamp) -> String {
    day.rfc3339().chars().take(10).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_on_the_drawing_is_a_time() {
        let (from, to) = (Timestamp::from_ms(1_000), Timestamp::from_ms(3_000));
        assert_eq!(at_share(from, to, 0.5), Timestamp::from_ms(2_000));
        assert_eq!(at_share(from, to, 1.0), to);
    }

    #[test]
    fn keys_stop_once_at_each_point_and_nowhere_else() {
        let point = |at| Point { at: Timestamp::from_ms(at), words: None };
        let span = (Timestamp::from_ms(50_000), Timestamp::from_ms(450_000));
        // Steps begin at round times, the first before the drawing; of the end nothing is known.
        let points = [point(0), point(100_000), point(200_000), point(300_000)];
        let stops = stops(&points, span);
        let read = |stop: &f64| points.iter().rev().find(|point| point.at <= at_share(span.0, span.1, *stop));
        assert_eq!(stops.iter().map(read).collect::<Vec<_>>(), points.iter().map(Some).collect::<Vec<_>>());
        assert_eq!(stops.last(), Some(&0.75), "as long as the one before");
        assert!(super::stops(&[], span).is_empty());
        assert_eq!(super::stops(&[point(50_000)], span), [0.5], "the only one is all there is");
    }

    #[test]
    fn days_are_named_by_their_date_in_utc() {
        assert_eq!(date(Timestamp::from_ms(1_795_435_205_000)), "2026-11-23");
    }
}
