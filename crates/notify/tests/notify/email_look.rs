//! Whether mail could go out, found out without sending any.

use rebound::readiness::{Finding, LookRequest, Part, Seen};
use rebound_engine::ports::Preflight as _;
use rebound_notify::{EmailNotifier, EmailSpec};
use rstest::rstest;

use crate::email::{PASSWORD, server_that, spec};
use crate::fake_smtp::{Answer, GREETING};
use crate::words::{LONG, clock, start};

async fn look(spec: EmailSpec) -> (Seen, Seen) {
    let request =
        LookRequest { remedies: vec![], drill: None, asked_at: start(), deadline: start().after(LONG) };
    let found = EmailNotifier::try_new(spec, clock()).unwrap().look(&request).await;
    let of = |part: Part| found.iter().find(|finding: &&Finding| finding.part == part).unwrap().seen.clone();
    (of(Part::Channel("email".to_owned())), of(Part::Recipients("email".to_owned())))
}

#[tokio::test]
async fn a_server_that_takes_the_account_is_well_and_gets_no_mail() {
    let server = server_that(vec![]).await;
    let (seen, recipients) = look(spec(server.port)).await;
    let Seen::Works(said) = seen else { panic!("{seen:?}") };
    assert!(said.contains("takes the account ada; no mail was sent"), "{said}");
    assert!(matches!(recipients, Seen::Recipients { count: 2, .. }), "{recipients:?}");
    assert!(server.heard_beginning("MAIL").is_empty() && server.heard_beginning("RCPT").is_empty());
    assert_eq!(server.heard_beginning("QUIT").len(), 1);
}

#[rstest]
#[case::the_password(
    "AUTH",
    Answer::Line("535 authentication failed"),
    true,
    "refuses the user name or password"
)]
#[case::this_machine(GREETING, Answer::Line("554 go away"), true, "does not speak to this machine")]
#[case::busy(GREETING, Answer::Line("421 too busy"), false, "cannot be reached")]
#[case::gone_in_between("AUTH", Answer::Drop, false, "cannot sign in just now")]
#[tokio::test]
async fn what_stands_in_the_way_is_told_with_what_to_do(
    #[case] at: &'static str,
    #[case] answer: Answer,
    #[case] lasts: bool,
    #[case] said: &str,
) {
    let server = server_that(vec![(at, answer)]).await;
    let (trouble, refused) = match look(spec(server.port)).await.0 {
        Seen::Refused(trouble) => (trouble, true),
        Seen::Silent(trouble) => (trouble, false),
        other @ (Seen::Works(_)
        | Seen::Token { .. }
        | Seen::Room { .. }
        | Seen::Recipients { .. }
        | Seen::Missing(_)
        | Seen::NotSeen(_)) => panic!("{other:?}"),
    };
    assert_eq!(refused, lasts, "{trouble:?}");
    assert!(trouble.why.contains(said) && !trouble.mend.is_empty(), "{trouble:?}");
    assert!(!format!("{trouble:?}").contains(PASSWORD));
}

#[tokio::test]
async fn a_server_that_is_not_there_is_silent() {
    let server = server_that(vec![]).await;
    let port = server.port;
    drop(server);
    // The door is closed with its task, which may take a moment: whoever still listens hangs up.
    let (seen, _) = look(spec(port)).await;
    assert!(matches!(seen, Seen::Silent(_)), "{seen:?}");
}
