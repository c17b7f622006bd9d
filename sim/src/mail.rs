//! A mail as the sink keeps it, and the little of MIME that is needed to read one.
//!
//! Understands what mail libraries write: folded headers, encoded words, quoted-printable, base64 and
//! multipart bodies, all in UTF-8. Anything else is shown as it came. Never fails.

use std::collections::VecDeque;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::{clock, options::SmtpMode};

/// How many mails are kept.
const MAILS_MAX: usize = 200;

/// How deep parts may lie in parts.
const DEPTH_MAX: usize = 6;

/// One accepted mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mail {
    /// Counts from 1.
    pub id: u64,
    /// When it was accepted.
    pub at: DateTime<Utc>,
    /// The sender of the envelope.
    pub from: String,
    /// The recipients of the envelope.
    pub to: Vec<String>,
    /// The name that was used to log in.
    pub user: Option<String>,
    /// The subject, decoded.
    pub subject: String,
    /// The plain text, decoded.
    pub text: String,
    /// The HTML part, decoded.
    pub html: Option<String>,
    /// The whole mail as it came, without the envelope.
    pub raw: String,
}

/// How the sink goes, and what it took.
#[derive(Debug, Default)]
pub(crate) struct MailDesk {
    pub(crate) mode: SmtpMode,
    pub(crate) mails: VecDeque<Mail>,
    pub(crate) mails_total: u64,
    pub(crate) refused_total: u64,
}

/// Who sends to whom, as the conversation said.
#[derive(Debug, Clone, Default)]
pub(crate) struct Envelope {
    pub(crate) from: Option<String>,
    pub(crate) to: Vec<String>,
    pub(crate) user: Option<String>,
}

#[derive(Debug, Default)]
struct Texts {
    plain: Option<String>,
    html: Option<String>,
}

impl MailDesk {
    pub(crate) fn mode(&self) -> SmtpMode {
        self.mode
    }

    pub(crate) fn keep(&mut self, envelope: Envelope, raw: &[u8]) {
        self.mails_total += 1;
        if self.mails.len() == MAILS_MAX {
            self.mails.pop_front();
        }
        self.mails.push_back(Mail::read(self.mails_total, envelope, raw));
    }
}

impl Mail {
    fn read(id: u64, envelope: Envelope, raw: &[u8]) -> Self {
        let raw = String::from_utf8_lossy(raw).into_owned();
        let (headers, _) = split(&raw);
        let mut texts = Texts::default();
        collect(&raw, &mut texts, 0);
        Self {
            id,
            at: clock::now(),
            from: envelope.from.unwrap_or_default(),
            to: envelope.to,
            user: envelope.user,
            subject: decode_words(&header(headers, "subject").unwrap_or_default()),
            text: texts.plain.unwrap_or_default(),
            html: texts.html,
            raw,
        }
    }
}

/// Headers and body.
fn split(part: &str) -> (&str, &str) {
    match part.find("\r\n\r\n") {
        Some(at) => (&part[..at], &part[at + 4..]),
        None => (part, ""),
    }
}

/// The value of a header, unfolded.
fn header(headers: &str, name: &str) -> Option<String> {
    let mut found: Option<String> = None;
    for line in headers.split("\r\n") {
        if line.starts_with([' ', '\t']) {
            if let Some(value) = &mut found {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if found.is_some() {
            return found;
        } else if let Some((key, value)) = line.split_once(':')
            && key.eq_ignore_ascii_case(name)
        {
            found = Some(value.trim().to_owned());
        }
    }
    found
}

/// Finds the first plain text and the first HTML.
fn collect(part: &str, texts: &mut Texts, depth: usize) {
    let (headers, body) = split(part);
    let kind = header(headers, "content-type").unwrap_or_else(|| "text/plain".to_owned());
    let kind_lower = kind.to_ascii_lowercase();
    if kind_lower.starts_with("multipart/") && depth < DEPTH_MAX {
        if let Some(boundary) = boundary(&kind) {
            parts(body, &boundary).into_iter().for_each(|part| collect(part, texts, depth + 1));
        }
        return;
    }
    let slot = if kind_lower.starts_with("text/html") {
        &mut texts.html
    } else if kind_lower.starts_with("text/plain") {
        &mut texts.plain
    } else {
        return;
    };
    if slot.is_none() {
        let encoding = header(headers, "content-transfer-encoding").unwrap_or_default();
        *slot = Some(decode_body(body, &encoding.to_ascii_lowercase()));
    }
}

fn boundary(kind: &str) -> Option<String> {
    let at = kind.to_ascii_lowercase().find("boundary=")?;
    let value = &kind[at + "boundary=".len()..];
    let value = match value.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next()?,
        None => value.split(';').next()?.trim(),
    };
    (!value.is_empty()).then(|| value.to_owned())
}

fn parts<'a>(body: &'a str, boundary: &str) -> Vec<&'a str> {
    let mark = format!("--{boundary}");
    let after_first = body.split(mark.as_str()).skip(1);
    after_first
        .take_while(|part| !part.starts_with("--"))
        .map(|part| part.trim_start_matches("\r\n"))
        .collect()
}

fn decode_body(body: &str, encoding: &str) -> String {
    let text = match encoding {
        "base64" => from_utf8(base64(body)),
        "quoted-printable" => from_utf8(quoted(body, false)),
        _ => body.to_owned(),
    };
    text.replace("\r\n", "\n").trim_end().to_owned()
}

/// Decodes `=?utf-8?q?…?=` and `=?utf-8?b?…?=`. Space between two of them is dropped.
fn decode_words(text: &str) -> String {
    let mut decoded = String::new();
    let mut rest = text;
    let mut after_word = false;
    while let Some(start) = rest.find("=?") {
        let (before, from_word) = rest.split_at(start);
        let Some((word, after)) = encoded_word(from_word) else { break };
        if !(after_word && before.trim().is_empty()) {
            decoded.push_str(before);
        }
        decoded.push_str(&word);
        rest = after;
        after_word = true;
    }
    decoded.push_str(rest);
    decoded
}

fn encoded_word(text: &str) -> Option<(String, &str)> {
    let mut pieces = text.strip_prefix("=?")?.splitn(3, '?');
    let (_charset, kind, rest) = (pieces.next()?, pieces.next()?, pieces.next()?);
    let (content, after) = rest.split_once("?=")?;
    let bytes = match kind {
        "b" | "B" => base64(content),
        "q" | "Q" => quoted(content, true),
        _ => return None,
    };
    Some((from_utf8(bytes), after))
}

/// Quoted-printable; in headers an underscore is a space.
fn quoted(text: &str, underscores: bool) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        match (first, after) {
            (b'=', [b'\r', b'\n', after @ ..]) => rest = after,
            (b'=', [high, low, after @ ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                bytes.push(hex(*high) * 16 + hex(*low));
                rest = after;
            }
            (b'_', _) if underscores => bytes.push(b' '),
            (other, _) => bytes.push(*other),
        }
    }
    bytes
}

fn hex(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        _ => digit.wrapping_sub(b'A').wrapping_add(10),
    }
}

/// Base64; everything outside its alphabet is skipped.
pub(crate) fn base64(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut held, mut bits) = (0_u32, 0_u32);
    for letter in text.bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => continue,
        };
        held = (held << 6 | u32::from(value)) & 0xff_ffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from((held >> bits) & 0xff).unwrap_or(0));
        }
    }
    bytes
}

fn from_utf8(bytes: Vec<u8>) -> String {
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{Envelope, Mail, base64};

    fn read(raw: &str) -> Mail {
        Mail::read(1, Envelope::default(), raw.replace('\n', "\r\n").as_bytes())
    }

    #[test]
    fn a_folded_and_encoded_subject_becomes_one_line() {
        let mail = read("Subject: =?utf-8?b?TcO8bGxlcg==?=\n =?utf-8?q?_is_d=C3=B6wn?=\n\nx");
        assert_eq!(mail.subject, "Müller is döwn");
    }

    #[test]
    fn quoted_printable_text_is_readable() {
        let mail = read("Content-Transfer-Encoding: quoted-printable\n\nlong =\nline =E2=82=AC\n");
        assert_eq!(mail.text, "long line €");
    }

    #[test]
    fn both_halves_of_an_alternative_are_found() {
        let mail = read(
            "Content-Type: multipart/alternative;\n boundary=\"b1\"\n\n--b1\nContent-Type: text/plain\n\nplain\n--b1\nContent-Type: text/html\n\n<p>html\n--b1--\n",
        );
        assert_eq!((mail.text.as_str(), mail.html.as_deref()), ("plain", Some("<p>html")));
    }

    #[test]
    fn base64_of_every_length_is_decoded() {
        assert_eq!(base64("Zg=="), b"f");
        assert_eq!(base64("Zm8="), b"fo");
        assert_eq!(base64("Zm9v\r\nYg=="), b"foob");
    }
}
