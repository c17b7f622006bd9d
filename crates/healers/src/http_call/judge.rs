//! What an answer says of the act.
//!
//! | answer | outcome |
//! |---|---|
//! | expected status, expected field | `Done` |
//! | expected status, `"success": false` or another value of the expected field | `Failed` |
//! | expected status, but the expected field cannot be read | `Lost`: it may have happened |
//! | 3xx except 303 | `Failed`: the request went no further |
//! | 303 | `Lost`: the usual answer *after* an act |
//! | 4xx | `Failed`: refused before the act |
//! | 5xx that says something is "not configured", and 501 | `Failed`: refused before the act |
//! | any other 5xx | `Lost`: it may have happened |
//!
//! Pure; never asks again.

use rebound::heal::StepOutcome;
use reqwest::StatusCode;
use secrecy::SecretString;
use serde_json::Value;

use crate::act::ActEnd;
use crate::http_call::Expect;
use crate::output::{quote, tidy};
use crate::wire::{Body, BodyEnd};

pub(super) fn judge(expect: &Expect, status: StatusCode, body: &Body, secrets: &[&SecretString]) -> ActEnd {
    let said = quote(&said(body), secrets);
    let (outcome, output) = if is_expected(expect, status) {
        judge_body(expect, status, body, &said)
    } else if status.is_redirection() {
        redirected(status)
    } else if status.is_client_error() {
        (StepOutcome::Failed, refused(status, &said))
    } else if status.is_server_error() {
        broke(status, &said)
    } else {
        (StepOutcome::Lost, format!("unexpected answer {status}{}", quoted(&said)))
    };
    ActEnd::new(outcome, tidy(&output, secrets))
}

fn is_expected(expect: &Expect, status: StatusCode) -> bool {
    if expect.status.is_empty() { status.is_success() } else { expect.status.contains(&status.as_u16()) }
}

fn judge_body(expect: &Expect, status: StatusCode, body: &Body, said: &str) -> (StepOutcome, String) {
    let json = body.json();
    let done = || (StepOutcome::Done, format!("the program answered {status}{}", quoted(said)));
    let Some((path, wanted)) = &expect.json_field else {
        return match json.as_ref().and_then(|json| json.get("success")) {
            Some(Value::Bool(false)) => (
                StepOutcome::Failed,
                format!("the program answered {status} but says that it failed{}", quoted(said)),
            ),
            Some(_) | None => done(),
        };
    };
    match json.as_ref().and_then(|json| field(json, path)) {
        Some(seen) if seen == wanted => done(),
        Some(seen) => (
            StepOutcome::Failed,
            format!("the program answered {status} but \"{path}\" is {seen}, not {wanted}{}", quoted(said)),
        ),
        None => {
            let why = match &body.end {
                BodyEnd::Whole => format!("its answer has no field \"{path}\""),
                BodyEnd::TooLong => "its answer is longer than 64 KiB".to_owned(),
                BodyEnd::Broken(why) => format!("the connection broke in its answer ({why})"),
            };
            (
                StepOutcome::Lost,
                format!("the program answered {status}, but whether it did it cannot be told: {why}"),
            )
        }
    }
}

fn redirected(status: StatusCode) -> (StepOutcome, String) {
    if status == StatusCode::SEE_OTHER {
        return (StepOutcome::Lost, format!("the answer {status} points elsewhere and was not followed"));
    }
    let advice = "Put the final address into the remedy, or list the status as expected";
    (StepOutcome::Failed, format!("the answer {status} points elsewhere and was not followed. {advice}"))
}

fn refused(status: StatusCode, said: &str) -> String {
    let advice = match status {
        StatusCode::UNAUTHORIZED => "The token or key is wrong or missing: put the right one into the remedy",
        StatusCode::FORBIDDEN => "The token or key may not do this: give it the right, or use another",
        StatusCode::NOT_FOUND => {
            "The address does not exist there: compare its path with the program's version"
        }
        StatusCode::METHOD_NOT_ALLOWED => "The address takes another method: change the remedy's method",
        StatusCode::UNPROCESSABLE_ENTITY => {
            "The program wants other parameters: compare query and body with its description"
        }
        StatusCode::TOO_MANY_REQUESTS => "It was asked too often: wait before the next heal",
        _ => "Look into the program's log",
    };
    format!("refused with {status}{}. {advice}", quoted(said))
}

fn broke(status: StatusCode, said: &str) -> (StepOutcome, String) {
    let before_the_act =
        status == StatusCode::NOT_IMPLEMENTED || said.to_ascii_lowercase().contains("not configured");
    if before_the_act {
        let advice = "Configure it on the program's side";
        return (StepOutcome::Failed, format!("refused with {status}{}. {advice}", quoted(said)));
    }
    (StepOutcome::Lost, format!("the program broke with {status}{}. It may have happened", quoted(said)))
}

/// What the answer says in words: `detail`, `message` or `error` with `error_code`, or the body as it is.
fn said(body: &Body) -> String {
    let Some(json) = body.json() else { return body.text() };
    let words = ["detail", "message", "error"]
        .iter()
        .find_map(|name| json.get(name))
        .map_or_else(|| json.to_string(), plain);
    match json.get("error_code") {
        Some(code) if !code.is_null() => format!("{words} (error {})", error_code(code)),
        Some(_) | None => words,
    }
}

/// A number, or MetaTrader's pair of number and text.
fn error_code(code: &Value) -> String {
    match code.as_array().map(Vec::as_slice) {
        Some([number, text]) => format!("{}: {}", plain(number), plain(text)),
        Some(_) | None => plain(code),
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn quoted(said: &str) -> String {
    if said.is_empty() { String::new() } else { format!(": {said}") }
}

fn field<'a>(json: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(json, |value, name| match name.parse::<usize>() {
        Ok(index) if value.is_array() => value.get(index),
        Ok(_) | Err(_) => value.get(name),
    })
}
