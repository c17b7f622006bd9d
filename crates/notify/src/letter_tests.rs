use std::collections::BTreeMap;

use rebound::alert::Message as Contents;
use rebound::ids::{AlertId, IncidentId, TargetId};

use super::*;

const ADVICE: &str = "Look at the host by hand: is it on, is the terminal logged in, does the bridge run?";

fn alert(severity: Severity, reason: AlertReason, title: &str, facts: &[(&str, &str)]) -> Alert {
    let facts = facts.iter().map(|(label, value)| ((*label).to_owned(), (*value).to_owned())).collect();
    Alert {
        id: AlertId::new(42),
        reason,
        severity,
        target: TargetId::try_new("north").ok(),
        incident: Some(IncidentId::new(7)),
        at: Timestamp::from_civil(2026, 11, 23, 15, 47),
        message: Contents {
            title: title.to_owned(),
            about: "North bridge".to_owned(),
            facts,
            advice: None,
            link: Some("https://rebound.example.org/incidents/7".to_owned()),
        },
        deliveries: BTreeMap::new(),
        acknowledged: None,
        resolved_at: None,
    }
}

fn letterhead() -> Letterhead {
    Letterhead { subject_prefix: String::new(), site: "Rebound".to_owned() }
}

fn read(alert: &Alert) -> String {
    let text = Templates::try_new().unwrap().render(TEXT_TEMPLATE, &fill(alert, &letterhead())).unwrap();
    format!("Subject: {}\n\n{text}", subject(alert, &letterhead()))
}

fn read_html(alert: &Alert) -> String {
    Templates::try_new().unwrap().render(HTML_TEMPLATE, &fill(alert, &letterhead())).unwrap()
}

#[test]
fn an_opened_incident_reads_well() {
    let facts = [
        ("Status", "down"),
        ("Seen", "terminal.ipc: the terminal does not answer the bridge"),
        ("Since", "2026-11-23 15:46:20 UTC"),
        ("Doing", "healing begins: \"restart\" (attempt 1); nothing to do yet"),
    ];
    let opened =
        alert(Severity::Critical, AlertReason::Opened, "the terminal does not answer the bridge", &facts);
    insta::assert_snapshot!(read(&opened), @r#"
    Subject: [CRITICAL] North bridge: the terminal does not answer the bridge

    CRITICAL - new trouble
    North bridge: the terminal does not answer the bridge
    2026-11-23 15:47:00 UTC

    Status: down
    Seen: terminal.ipc: the terminal does not answer the bridge
    Since: 2026-11-23 15:46:20 UTC
    Doing: healing begins: "restart" (attempt 1); nothing to do yet

    https://rebound.example.org/incidents/7

    --
    Rebound, alert 42, incident 7
    "#);
}

#[test]
fn an_escalation_says_what_to_do() {
    let facts = [
        ("Lasting for", "12 min"),
        ("Tried", "\"restart\" failed (run 20000000001 ended with \"failure\"), did not help"),
        ("Stopped because", "3 heal attempts in one incident are the most allowed"),
    ];
    let mut escalated = alert(
        Severity::Critical,
        AlertReason::Escalated,
        "a person is needed: the bridge does not answer",
        &facts,
    );
    escalated.message.advice = Some(ADVICE.to_owned());
    insta::assert_snapshot!(read(&escalated), @r#"
    Subject: [CRITICAL] North bridge: a person is needed: the bridge does not answer

    CRITICAL - a person is needed
    North bridge: a person is needed: the bridge does not answer
    2026-11-23 15:47:00 UTC

    Lasting for: 12 min
    Tried: "restart" failed (run 20000000001 ended with "failure"), did not help
    Stopped because: 3 heal attempts in one incident are the most allowed

    What to do now
    Look at the host by hand: is it on, is the terminal logged in, does the bridge run?

    https://rebound.example.org/incidents/7

    --
    Rebound, alert 42, incident 7
    "#);
}

#[test]
fn a_recovery_tells_how_and_how_long() {
    let facts = [
        ("Method", "recovered after \"restart\""),
        ("Downtime", "2 min 10 s"),
        ("Time to heal", "1 min 25 s"),
    ];
    let recovered = alert(Severity::Info, AlertReason::Recovered, "recovered after \"restart\"", &facts);
    insta::assert_snapshot!(read(&recovered), @r#"
    Subject: [INFO] North bridge: recovered after "restart"

    INFO - recovered
    North bridge: recovered after "restart"
    2026-11-23 15:47:00 UTC

    Method: recovered after "restart"
    Downtime: 2 min 10 s
    Time to heal: 1 min 25 s

    https://rebound.example.org/incidents/7

    --
    Rebound, alert 42, incident 7
    "#);
}

#[test]
fn a_test_is_called_a_test() {
    let mut test =
        alert(Severity::Info, AlertReason::Test, "this is a test: alerts reach you", &[("Asked by", "ada")]);
    test.target = None;
    test.incident = None;
    test.message.about = "Rebound".to_owned();
    test.message.link = None;
    insta::assert_snapshot!(read(&test), @r#"
    Subject: [INFO] Rebound: this is a test: alerts reach you

    INFO - test
    Rebound: this is a test: alerts reach you
    2026-11-23 15:47:00 UTC

    Asked by: ada

    --
    Rebound, alert 42
    "#);
}

#[test]
fn a_title_is_cut_in_the_subject_and_adds_no_header() {
    let title = format!("down\r\nBcc: thief@example.org {}", "ä".repeat(500));
    let subject = subject(&alert(Severity::Critical, AlertReason::Opened, &title, &[]), &letterhead());
    assert!(subject.starts_with("[CRITICAL] North bridge: down Bcc: thief@example.org ä"), "{subject}");
    assert_eq!(subject.chars().count(), "[CRITICAL] North bridge: ".len() + TITLE_CHARS_MAX);
}

#[test]
fn a_prefix_comes_before_the_severity() {
    let named = Letterhead { subject_prefix: "Ops".to_owned(), ..letterhead() };
    let subject = subject(&alert(Severity::Warning, AlertReason::Opened, "degraded", &[]), &named);
    assert_eq!(subject, "Ops [WARNING] North bridge: degraded");
}

#[test]
fn what_others_said_cannot_become_html() {
    let html =
        read_html(&alert(Severity::Critical, AlertReason::Opened, "<script>x</script>", &[("Seen", "<b>")]));
    assert!(html.contains("&lt;script&gt;") && html.contains("&lt;b&gt;"), "{html}");
    assert!(!html.contains("<script>") && !html.contains("<b>"));
}

#[test]
fn only_a_page_becomes_a_link() {
    let mut opened = alert(Severity::Critical, AlertReason::Opened, "down", &[]);
    assert!(read_html(&opened).contains("href=\"https:&#x2f;&#x2f;rebound.example.org"));
    opened.message.link = Some("javascript:alert(1)".to_owned());
    assert!(!read_html(&opened).contains("href"));
}

#[test]
fn severity_is_told_in_words_and_in_colour() {
    let colour = |severity, reason| Tone::of(&alert(severity, reason, "x", &[])).ink();
    let critical = read_html(&alert(Severity::Critical, AlertReason::Opened, "down", &[]));
    assert!(critical.contains("CRITICAL &middot; new trouble") && critical.contains("#b91c1c"));
    assert_eq!(colour(Severity::Info, AlertReason::Recovered), "#166534");
    assert_eq!(colour(Severity::Warning, AlertReason::Opened), "#92400e");
}

#[test]
fn a_message_with_the_most_facts_can_be_written() {
    let facts = vec![("Seen", "x"); 200];
    let html = read_html(&alert(Severity::Critical, AlertReason::Opened, "down", &facts));
    assert_eq!(html.matches("<th ").count(), FACTS_MAX);
}
