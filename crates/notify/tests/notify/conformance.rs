//! What every way to people promises, whatever it speaks. A new one adds a [`Channel`] and calls [`keeps_its_promises`].

use std::time::Duration;

use async_trait::async_trait;
use rebound::alert::DeliveryResult;
use rebound_engine::ports::Notifier;

use crate::words::{LONG, order, order_titled};

/// How the other side behaves.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Other {
    Takes,
    IsBusy,
    RefusesForEver,
    IsSilent,
}

/// A way to people under test.
#[async_trait]
pub(crate) trait Channel {
    /// The secret it is set up with.
    const SECRET: &'static str;

    /// The notifier's type.
    type Notifier: Notifier + std::fmt::Debug;

    /// A notifier, set up with the secret, whose other side behaves like this.
    async fn before(&self, other: Other) -> Self::Notifier;
}

pub(crate) async fn keeps_its_promises<C: Channel + Sync>(channel: C) {
    let takes = channel.before(Other::Takes).await;
    assert_eq!(takes.send(&order(LONG)).await, DeliveryResult::Delivered);
    let monster = format!("a\r\n.\r\nb\0{}", "ä".repeat(100_000));
    assert_eq!(takes.send(&order_titled(&monster)).await, DeliveryResult::Delivered);
    assert!(!format!("{takes:?}").contains(C::SECRET));

    let busy = channel.before(Other::IsBusy).await.send(&order(LONG)).await;
    assert!(matches!(&busy, DeliveryResult::Retry(why) if is_sentence::<C>(why)), "{busy:?}");

    let refuses = channel.before(Other::RefusesForEver).await.send(&order(LONG)).await;
    assert!(matches!(&refuses, DeliveryResult::Permanent(why) if is_sentence::<C>(why)), "{refuses:?}");

    let silent = channel.before(Other::IsSilent).await.send(&order(Duration::from_millis(100))).await;
    assert!(matches!(&silent, DeliveryResult::Retry(why) if is_sentence::<C>(why)), "{silent:?}");
}

fn is_sentence<C: Channel>(why: &str) -> bool {
    (20..400).contains(&why.chars().count()) && !why.contains(C::SECRET) && !why.chars().any(char::is_control)
}
