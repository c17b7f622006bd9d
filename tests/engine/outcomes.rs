//! What became of heals day by day and of the error budget: counted from the same facts as reports, and never a number where
//! nothing is known.

use std::sync::Arc;
use std::time::Duration;

use rebound::report::heals::Outcomes;
use rebound::time::Timestamp;
use rebound_engine::driver::Engine;
use rebound_engine::service::{Principal, ServiceError};
use tokio::time::sleep;

use crate::outside::{Manner, Outside};

const fn minutes(count: u64) -> Duration {
    Duration::from_secs(count * 60)
}

fn ann() -> Principal {
    Principal::named("ann")
}

fn noon() -> Timestamp {
    Timestamp::from_civil(2026, 11, 23, 12, 0)
}

fn month() -> (Timestamp, Timestamp) {
    (Timestamp::from_civil(2026, 11, 1, 0, 0), Timestamp::from_civil(2026, 12, 1, 0, 0))
}

/// A Monday with a heal that helped, and a Tuesday with trouble that no heal ended.
async fn two_days(outside: &Arc<Outside>) -> Engine {
    let engine = outside.engine_at(noon()).await;
    sleep(minutes(60)).await;
    outside.link(false);
    while outside.count("healed refresh") == 0 {
        sleep(Duration::from_secs(1)).await;
    }
    outside.link(true);
    sleep(minutes(13 * 60)).await;
    Outside::becomes(&outside.probing, Manner::Fails);
    sleep(minutes(20)).await;
    Outside::becomes(&outside.probing, Manner::Good);
    sleep(minutes(30)).await;
    engine
}

#[tokio::test(start_paused = true)]
async fn the_end_of_the_curve_is_the_number_of_the_report() {
    let outside = Outside::new();
    let engine = two_days(&outside).await;
    let (from, to) = month();
    let told = engine.service.report(&ann(), from, to).await.unwrap().report;
    let whole = engine.service.budget(&ann(), None, from, to).await.unwrap();
    let own = engine.service.budget(&ann(), Some("mt5"), from, to).await.unwrap();

    assert!(whole.used_percent.unwrap() > 100, "20 min are more than a month allows: {:?}", whole.uptime);
    assert_eq!(whole.used_percent, told.whole.budget_used_percent);
    assert_eq!(own.used_percent, told.targets[0].figures.budget_used_percent);
    let last = own.steps.last().unwrap();
    assert_eq!((last.down_ms, last.used_percent), (told.whole.uptime.down_ms, own.used_percent));
    assert_eq!(last.at, engine.service.now());
    let before = own.steps.iter().take_while(|step| !step.is_known).count();
    assert_eq!(before, 22 * 24 + 12, "nobody watched before noon of the 23rd");
    assert_eq!(last.unwatched_ms, u64::try_from(before).unwrap() * 3_600_000);
    engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn heals_are_counted_on_their_day_as_the_report_counts_them() {
    let outside = Outside::new();
    let engine = two_days(&outside).await;
    let heals = engine.service.heal_days(&ann(), Some("mt5"), 30, None).await.unwrap();
    let told = engine.service.report(&ann(), heals.from, heals.to).await.unwrap().report.whole.heals;

    assert_eq!((heals.days.len(), heals.to), (30, Timestamp::from_civil(2026, 11, 25, 0, 0)));
    let [before @ .., monday, tuesday] = heals.days.as_slice() else { panic!("thirty days") };
    assert!(before.iter().all(|day| day.heals.is_none()), "nobody watched, and that is no zero");
    assert_eq!(monday.heals, Some(Outcomes { proven: 1, ..Outcomes::default() }));
    let tuesday = tuesday.heals.unwrap();
    assert_eq!(tuesday.proven, 0, "{tuesday:?}");
    let unclear = heals.whole.lost + heals.whole.not_proven + heals.whole.stopped + heals.whole.going_on;
    let failed = heals.whole.did_not_help + heals.whole.lost_positions;
    assert_eq!(
        (heals.whole.begun(), heals.whole.proven, failed, unclear),
        (told.begun, told.helped, told.failed, told.unclear)
    );
    let monday = engine.service.heal_days(&ann(), None, 1, Some(noon())).await.unwrap();
    assert_eq!((monday.whole.proven, monday.days.len()), (1, 1), "days that are over can be asked for");
    engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_counted_says_why() {
    let outside = Outside::new();
    let engine = outside.engine_at(noon()).await;
    sleep(minutes(5)).await;
    let (from, to) = month();
    let stranger = engine.service.heal_days(&ann(), Some("mt6"), 30, None).await.unwrap_err();
    assert_eq!(stranger, ServiceError::NoSuchTarget("mt6".to_owned()));
    let stranger = engine.service.budget(&ann(), Some("mt6"), from, to).await.unwrap_err();
    assert_eq!(stranger, ServiceError::NoSuchTarget("mt6".to_owned()));
    let days = engine.service.heal_days(&ann(), None, 0, None).await.unwrap_err();
    assert_eq!(days.to_string(), "days = 0 is out of range: 1 to 731");
    let ages = engine.service.budget(&ann(), None, Timestamp::default(), to).await.unwrap_err();
    assert!(ages.to_string().contains("at most 3660 d"), "{ages}");
    engine.stop().await;
}
