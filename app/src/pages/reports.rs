//! Reports: what a month came to, for people who were not there. Made to be printed.

use leptos::prelude::*;

use crate::live::Live;
use crate::parts::chart::{Pointers, outcomes, read_days};
use crate::parts::follow::follow;
use crate::parts::icon::Icon;
use crate::parts::line::{facts, piece};
use crate::sheet::Body;
use crate::sheet::chart::OutcomesSheet;
use crate::sheet::report::{CauseLine, ReportSheet, TargetLine};
use crate::tongue::t;

/// The page of a month.
pub(super) fn reports(live: Live, first: ReportSheet) -> AnyView {
    let sheet = live.part(first, |body| if let Body::Report(sheet) = body { Some(sheet) } else { None });
    let pointers = Pointers::nowhere();
    let outcomes = Memo::new(move |_| sheet.with(|sheet| sheet.outcomes.clone()));
    follow(move || page(sheet.get(), outcomes, pointers))
}

fn page(sheet: ReportSheet, kept: Memo<OutcomesSheet>, pointers: Pointers) -> AnyView {
    let way =
        |(address, words): (String, String)| view! { <a class="button" href=address>{words}</a> }.into_any();
    let downloads = sheet.downloads.into_iter().map(|(address, words)| {
        view! { <a class="button quiet" href=address download=""><Icon name="sync"/>{words}</a> }.into_any()
    });
    let note = sheet.note.map(|note| view! { <p class="quiet-text">{note}</p> }.into_any());
    let days = read_days(t("Days by their trouble"), &sheet.sentence, sheet.days, pointers);
    view! {
        <section class="list-head">
            <h1>{sheet.heading}</h1>
            <p class="quiet-text">{sheet.sentence}</p>
            <nav class="actions no-print" aria-label=t("Months")>{way(sheet.earlier)}{sheet.later.map(way)}{downloads.collect::<Vec<_>>()}</nav>
        </section>
        {note}
        <section class="panel"><dl class="facts across">{facts(sheet.figures)}</dl>{days}</section>
        <div class="panel">{outcomes(kept, pointers)}</div>
        <section class="panel"><h2>{t("Targets")}</h2>{targets(sheet.targets)}</section>
        <div class="two">
            <section class="panel"><h2>{t("What failed")}</h2>{causes(sheet.causes)}</section>
            <section class="panel"><h2>{t("What people were told")}</h2><dl class="facts">{facts(sheet.told)}</dl></section>
        </div>
    }
    .into_any()
}

fn targets(lines: Vec<TargetLine>) -> AnyView {
    let lines = lines.into_iter().map(|line| {
        let class = if line.over { "number over" } else { "number" };
        view! {
            <tr>
                <th scope="row"><a class="plain-link" href=format!("/targets/{}", line.id)>{line.name}</a></th>
                <td data-label=t("Up") class="number">{piece(line.up)}</td>
                <td data-label=t("Error budget used") class=class>{piece(line.budget)}</td>
                <td data-label=t("Incidents") class="number">{line.incidents}</td>
                <td data-label=t("Trouble") class="number">{line.trouble}</td>
                <td data-label=t("Time to recover") class="number">{piece(line.recover)}</td>
                <td data-label=t("Heals")>{line.heals}</td>
            </tr>
        }
        .into_any()
    });
    view! {
        <table class="stacking">
            <thead>
                <tr>
                    <th scope="col">{t("Target")}</th>
                    <th scope="col" class="number">{t("Up")}</th>
                    <th scope="col" class="number">{t("Error budget used")}</th>
                    <th scope="col" class="number">{t("Incidents")}</th>
                    <th scope="col" class="number">{t("Trouble")}</th>
                    <th scope="col" class="number">{t("Time to recover")}</th>
                    <th scope="col">{t("Heals")}</th>
                </tr>
            </thead>
            <tbody>{lines.collect::<Vec<_>>()}</tbody>
        </table>
    }
    .into_any()
}

fn causes(lines: Vec<CauseLine>) -> AnyView {
    if lines.is_empty() {
        return view! { <p class="empty">{t("Nothing failed.")}</p> }.into_any();
    }
    let lines = lines.into_iter().map(|line| {
        view! {
            <tr>
                <th scope="row">{line.words}</th>
                <td data-label=t("Incidents") class="number">{line.incidents}</td>
                <td data-label=t("Trouble") class="number">{line.trouble}</td>
                <td data-label=t("Share") class="number"><meter min="0" max="100" value=line.share.clone()></meter>" "{line.share}" %"</td>
            </tr>
        }
        .into_any()
    });
    view! {
        <table class="stacking">
            <thead>
                <tr>
                    <th scope="col">{t("Cause")}</th>
                    <th scope="col" class="number">{t("Incidents")}</th>
                    <th scope="col" class="number">{t("Trouble")}</th>
                    <th scope="col" class="number">{t("Share")}</th>
                </tr>
            </thead>
            <tbody>{lines.collect::<Vec<_>>()}</tbody>
        </table>
    }
    .into_any()
}
