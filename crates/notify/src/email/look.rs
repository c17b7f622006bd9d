//! Whether mail could go out now: a conversation with the server up to the sign-in, and no further. No mail is sent.

use std::time::Duration;

use async_trait::async_trait;
use rebound::readiness::{Finding, LookRequest, Part, Seen, Trouble};
use rebound_engine::ports::Preflight;
use tokio::time::timeout;

use crate::email::smtp::Relay;
use crate::email::verdict::Lasts;
use crate::email::{CHANNEL, EmailNotifier, GOODBYE_TIMEOUT, Security};

/// What to do where the server's own words are all that is known.
const SEND_A_TEST: &str = "Wait for the next look, or send a test alert";
/// Where more recipients are named.
const MORE_RECIPIENTS: &str = "Name a second person under alerts.email.to";

#[async_trait]
impl Preflight for EmailNotifier {
    async fn look(&self, request: &LookRequest) -> Vec<Finding> {
        let within = request.deadline.since(self.clock.now());
        let seen = converse(&self.relay, within).await;
        let at = self.clock.now();
        let recipients = Seen::Recipients { count: self.to.len(), add: MORE_RECIPIENTS.to_owned() };
        vec![
            Finding { part: Part::Channel(CHANNEL.to_owned()), at, seen },
            Finding { part: Part::Recipients(CHANNEL.to_owned()), at, seen: recipients },
        ]
    }
}

async fn converse(relay: &Relay, within: Duration) -> Seen {
    match timeout(within, Box::pin(relay.sign_in())).await {
        Ok(Ok(open)) => {
            timeout(GOODBYE_TIMEOUT, open.say_goodbye()).await.ok();
            Seen::Works(works(relay))
        }
        Ok(Err(failure)) => {
            let (lasts, trouble) = relay.trouble(failure);
            let mend = if trouble.mend.is_empty() { SEND_A_TEST.to_owned() } else { trouble.mend };
            let trouble = Trouble { mend, ..trouble };
            match lasts {
                Lasts::Yes => Seen::Refused(Trouble {
                    mend: format!("{}. The settings stand under [alerts.email]", trouble.mend),
                    ..trouble
                }),
                Lasts::Perhaps => Seen::Silent(trouble),
            }
        }
        Err(_) => Seen::Silent(relay.slowness("did not let this machine in in time")),
    }
}

fn works(relay: &Relay) -> String {
    let encrypted = match relay.security {
        Security::Plain => "unencrypted",
        Security::StartTls | Security::Tls => "encrypted",
    };
    let account = match &relay.account {
        Some((name, _)) => format!("takes the account {name}"),
        None => "asks for no account".to_owned(),
    };
    format!("{}:{} answers, {encrypted}, and {account}; no mail was sent", relay.host, relay.port)
}
