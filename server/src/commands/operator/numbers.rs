//! Numbers over time: what `rebound uptime` and `rebound series` print. CSV comes from the server as it is.

use std::time::Duration;

use rebound::history::{Series, TargetDays, UptimeDays};
use rebound::ids::TargetId;
use rebound::time::spoken;
use serde_json::Value;

use super::asking::of_target;
use super::page::{Cell, Page, write_out};
use super::server::Server;
use super::trouble::{DONE, Trouble};

/// Shows how every target was in the last `days`.
pub(super) async fn uptime(server: &Server, days: u32, json: bool) -> Result<u8, Trouble> {
    let told: Value = server.get(&format!("/api/v1/uptime?days={days}")).await?;
    if json {
        write_out(&format!("{told:#}\n"))?;
        return Ok(DONE);
    }
    let days: UptimeDays = server.read(told)?;
    let mut page = Page::new();
    let heading = ["target", "up", "down", "not known", "days watched"].map(Cell::from);
    let rows: Vec<Vec<Cell>> = std::iter::once(heading.into()).chain(days.targets.iter().map(row)).collect();
    page.table(0, &rows);
    page.print()?;
    Ok(DONE)
}

fn row(target: &TargetDays) -> Vec<Cell> {
    // Rounded down, so that 100 % means no second of downtime.
    let up = target
        .up_share
        .map_or_else(|| "not known".to_owned(), |share| format!("{}.{:02} %", share / 100, share % 100));
    let for_long = |ms| spoken(Duration::from_millis(ms));
    let watched = target.days.iter().filter(|day| day.figures.total_ms() > 0).count();
    vec![
        target.target.to_string().into(),
        up.into(),
        for_long(target.figures.down_ms).into(),
        for_long(target.figures.unknown_ms).into(),
        format!("{watched} of {}", target.days.len()).into(),
    ]
}

/// Lists the series of a target, or prints one of them as JSON.
pub(super) async fn series(server: &Server, target: &TargetId, name: Option<Series>) -> Result<u8, Trouble> {
    match name {
        None => {
            let names: Vec<Series> = server.get(&of_target(target, "series")).await?;
            let mut page = Page::new();
            names.iter().for_each(|name| page.line(&name.to_string()));
            page.print()?;
        }
        Some(name) => {
            let told: Value = server.get(&of_target(target, &format!("series/{name}"))).await?;
            write_out(&format!("{told:#}\n"))?;
        }
    }
    Ok(DONE)
}

#[cfg(test)]
mod tests {
    use rebound::history::DayUptime;
    use rebound::time::Timestamp;
    use rebound::uptime::UptimeFigures;

    use super::*;

    #[test]
    fn a_second_of_downtime_is_not_a_hundred_percent_and_nothing_known_is_no_number() {
        let figures = UptimeFigures { up_ms: 86_399_000, down_ms: 1_000, ..UptimeFigures::default() };
        let target = |figures: UptimeFigures| TargetDays {
            target: TargetId::try_new("mt5").unwrap(),
            name: "MT5 bridge".to_owned(),
            figures,
            up_share: figures.up_share(),
            days: vec![DayUptime { day: Timestamp::from_ms(0), figures, up_share: figures.up_share() }],
        };
        let mut page = Page::plain();
        page.table(0, &[row(&target(figures)), row(&target(UptimeFigures::default()))]);
        let lines: Vec<&str> = page.text().lines().collect();
        assert!(lines[0].starts_with("mt5  99.99 %    1 s"), "{lines:?}");
        assert!(lines[1].contains("not known") && lines[1].ends_with("0 of 1"), "{lines:?}");
    }
}
