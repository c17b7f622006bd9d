//! Numbers over time and the uptime of every day, as programs get them.

use rebound::history::{Series, SeriesView, Unit, UptimeDays};
use rebound::report::budget::Burn;
use rebound::report::heals::HealDays;
use rebound_sim::Fault;
use reqwest::Method;
use serde_json::Value;

use crate::site::{a_site, site};

#[tokio::test]
async fn what_was_read_before_a_restart_is_told_after_it_number_by_number() {
    let mut site = site().await;
    site.after_looks(3).await;
    let money = site.target().await.accounts[0].clone();
    let (account, balance) = (money.id, money.balance.unwrap().value());
    site.restart().await;

    let names: Vec<String> = site.get("/api/v1/targets/mt5/series").await;
    assert!(names.len() > 10 && names.contains(&format!("balance.{account}")), "{names:?}");
    let path = format!("/api/v1/targets/mt5/series/balance.{account}?points=2000");
    let view: SeriesView = site.get(&path).await;
    assert_eq!((view.series, view.unit), (Series::Balance(account), Unit::Money));
    let read: Vec<f64> = view.buckets.iter().filter_map(|bucket| bucket.last).collect();
    assert!(read.iter().any(|last| (last - balance).abs() < balance * 0.5), "{balance} among {read:?}");
    assert!(view.buckets.iter().all(|bucket| bucket.mean.is_none()), "money has no mean");
    let gaps = view.buckets.iter().filter(|bucket| bucket.is_gap()).count();
    assert!(gaps > 1_000, "nobody watched for most of the day, and that is {gaps} gaps");
    let text = site.text(&path).await;
    assert!(text.contains("\"count\":0,\"min\":null") && !text.contains("\"last\":0.0"), "a gap is no zero");

    let time: SeriesView = site.get("/api/v1/targets/mt5/series/response_time?points=2000").await;
    let looks: u64 = time.buckets.iter().map(|bucket| bucket.count).sum();
    assert!(looks >= 4, "{looks} looks");
    assert!(time.buckets.iter().all(|bucket| bucket.is_gap() || bucket.p95 >= bucket.p50));
}

#[tokio::test]
async fn what_was_never_read_has_no_numbers() {
    let mut site = a_site().await.with(Fault::NullBalances).await.start().await;
    site.after_looks(3).await;
    site.restart().await;
    let names: Vec<String> = site.get("/api/v1/targets/mt5/series").await;
    assert_eq!(names, ["response_time", "answered"], "no placeholder became a number");
}

#[tokio::test]
async fn the_uptime_of_every_day_is_told_with_the_days_on_which_nobody_watched() {
    let mut site = site().await;
    site.after_looks(2).await;
    site.restart().await;
    let days: UptimeDays = site.get("/api/v1/uptime?days=90").await;
    let [target] = days.targets.as_slice() else { panic!("one target") };
    assert_eq!((target.name.as_str(), target.days.len()), ("MT5 bridge", 90));
    let (watched, before) = target.days.split_last().unwrap();
    assert!(watched.figures.up_ms > 0, "{watched:?}");
    assert!(before[..88].iter().all(|day| day.figures.total_ms() == 0 && day.up_share.is_none()));
    let lines = site.text("/api/v1/uptime?days=2&format=csv").await;
    assert!(lines.starts_with("target,day,up_ms,") && lines.lines().count() == 3, "{lines}");
    let state: Value = site.get("/api/v1/history").await;
    assert_eq!((&state["kept"], &state["state"]["rows_lost"]), (&Value::Bool(true), &Value::from(0)));
}

#[tokio::test]
async fn a_question_that_cannot_be_answered_names_value_and_range() {
    let site = site().await;
    let series = "/api/v1/targets/mt5/series";
    for (path, status, code, said) in [
        (format!("{series}/latency"), 404, "no_such_series", "\"latency\" is no series"),
        (
            format!("{series}/answered?points=5000"),
            422,
            "out_of_range",
            "points = 5000 is out of range: 2 to 2000",
        ),
        (
            format!("{series}/answered?from=2000&to=1000"),
            422,
            "out_of_range",
            "before to = 1970-01-01 00:00:01 UTC",
        ),
        ("/api/v1/uptime?days=0".to_owned(), 422, "out_of_range", "days = 0 is out of range: 1 to 731"),
        ("/api/v1/targets/mt6/series/answered".to_owned(), 404, "no_such_target", "mt6"),
        (format!("{series}/answered?format=xml"), 400, "bad_query", "xml"),
    ] {
        let (met, body) = site.send(Method::GET, &path).await;
        let message = body["message"].as_str().unwrap_or_default();
        assert_eq!((met, body["code"].as_str()), (status, Some(code)), "{path}: {body}");
        assert!(message.contains(said), "{path}: {message}");
    }
}

#[tokio::test]
async fn a_history_that_is_switched_off_keeps_no_file_and_says_so() {
    let site = a_site().await.planned(|plan| plan.more = "[history]\nkeep = false".to_owned()).start().await;
    site.is_well().await;
    let (status, body) = site.send(Method::GET, "/api/v1/uptime").await;
    assert_eq!((status, body["code"].as_str()), (404, Some("no_history")), "{body}");
    let state: Value = site.get("/api/v1/history").await;
    assert_eq!(state["kept"], false);
    assert!(!site.store().with_extension("history.db").exists());
}

#[tokio::test]
async fn a_history_that_is_damaged_is_set_aside_and_stops_nothing() {
    let mut site = site().await;
    site.stop().await;
    let file = site.store().with_extension("history.db");
    std::fs::write(&file, "overwritten by a bad disk, from the first byte on").unwrap();
    site.start_again().await;
    site.is_well().await;
    site.after_looks(2).await;
    site.restart().await;
    let time: SeriesView = site.get("/api/v1/targets/mt5/series/response_time").await;
    assert!(time.buckets.iter().any(|bucket| !bucket.is_gap()), "it began anew");
    let aside = file.with_extension("db.damaged-1");
    assert!(std::fs::read_to_string(aside).unwrap().starts_with("overwritten"));
}

#[tokio::test]
async fn what_became_of_heals_and_of_the_budget_is_told_as_numbers_lines_and_pictures() {
    let mut site = site().await;
    site.host.break_link().await;
    site.recovers().await;
    site.restart().await;

    let heals: HealDays = site.get("/api/v1/heals?target=mt5").await;
    let [before @ .., today] = heals.days.as_slice() else { panic!("thirty days") };
    assert_eq!(today.heals.map(|heals| heals.proven), Some(1), "{today:?}");
    assert!(before.iter().all(|day| day.heals.is_none()), "nobody watched before");
    let lines = site.text("/api/v1/heals?days=2&format=csv").await;
    let lines: Vec<&str> = lines.lines().collect();
    assert!(lines[0].starts_with("day,proven,did_not_help,"), "{lines:?}");
    assert!(lines[1].contains("Z,,,,,,,,,") && lines[2].contains("Z,1,0,0,0,0,0,0,0,"), "{lines:?}");

    let burn: Burn = site.get("/api/v1/budget").await;
    let report: Value =
        site.get(&format!("/api/v1/report?from={}&to={}", burn.from.as_ms(), burn.to.as_ms())).await;
    assert_eq!(report["report"]["whole"]["budget_used_percent"], Value::from(burn.used_percent));
    assert!(site.text("/api/v1/budget?target=mt5&format=csv").await.starts_with("until,down_ms,allowed_ms,"));

    for (path, said) in [
        ("/api/v1/heals?target=mt5&format=svg", "MT5 bridge: Heals by day"),
        ("/api/v1/budget?format=svg&theme=dark", "All targets: Error budget of the month"),
        ("/api/v1/targets/mt5/series/response_time?format=svg", "MT5 bridge: Response time"),
        ("/api/v1/uptime?target=mt5&days=7&format=svg", "MT5 bridge: last 7 days"),
        ("/api/v1/targets/mt5/last-day?format=svg", "MT5 bridge: last 24 hours"),
    ] {
        let answer = site.request(Method::GET, path).send().await.unwrap();
        assert_eq!(answer.headers()["content-type"], "image/svg+xml; charset=utf-8", "{path}");
        let picture = answer.text().await.unwrap();
        assert!(picture.starts_with("<svg ") && picture.contains(said), "{path}: {picture}");
        assert!(!picture.contains("#0102"), "{path}: every colour is a true one");
    }
    let day = site.text("/api/v1/targets/mt5/last-day?format=csv").await;
    assert!(day.starts_with("from,to,lasted_ms,state,cause\n"), "{day}");
    let stretches: Value = site.get("/api/v1/targets/mt5/last-day").await;
    let down = stretches.as_array().and_then(|all| all.iter().find(|one| one["state"] == "down"));
    let cause = down.and_then(|one| one["cause"].as_str()).unwrap_or_else(|| panic!("no cause: {stretches}"));
    assert!(day.contains(&format!(",down,\"{cause}\"\n")), "{day}");
    for (path, status, code) in [
        ("/api/v1/targets/mt6/last-day", 404, "no_such_target"),
        ("/api/v1/heals?format=pdf", 400, "bad_query"),
        ("/api/v1/budget?theme=pink", 400, "bad_query"),
        ("/api/v1/uptime?target=mt6", 404, "no_such_target"),
    ] {
        let (met, body) = site.send(Method::GET, path).await;
        assert_eq!((met, body["code"].as_str()), (status, Some(code)), "{path}: {body}");
    }
}
