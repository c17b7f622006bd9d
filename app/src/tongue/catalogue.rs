//! A catalogue of sentences: those of Rebound in English, and how another language says them.
//!
//! Sentences are made in many places, and old ones stand in the store as they were said. So whole sentences are looked up as they
//! stand, and what has numbers or names in it by its shape: `{1} of {2} accounts are syncing.` What fills a hole is looked up in turn;
//! what stands in quotes is somebody's name and stays. What is not in the catalogue stays English.

use std::cell::RefCell;
use std::collections::HashMap;

/// How deep parts of parts are looked up.
const DEPTH_MAX: u8 = 6;
/// With so much text of its own a shape is taken whatever fills it.
const WEIGHT_SURE: usize = 16;
/// How many parts of one text are looked up: a bridge may say whatever it likes.
const LOOKS_MAX: usize = 256;
/// Between sentences.
const STOPS: [&str; 2] = ["\n", ". "];
/// Between what something is about and what is said of it.
const LABEL: &str = ": ";
/// Between clauses that stand by themselves.
const CLAUSES: [&str; 2] = ["; ", " · "];
/// Between the parts of one, the wider first.
const JOINTS: [&str; 5] = [": ", " (", ") ", ", ", ")"];
/// In a sentence these are people who are called so.
const ROLES: [&str; 3] = ["viewer", "operator", "admin"];
/// Words that hold a sentence together: they stand in no name.
const GLUE: [&str; 16] = [
    "the", "is", "are", "was", "were", "be", "been", "to", "of", "and", "that", "it", "its", "not", "has",
    "have",
];

/// What a language says for what is said in English.
#[derive(Debug, Default)]
pub(crate) struct Catalogue {
    whole: HashMap<&'static str, &'static str>,
    /// Those that say most by themselves first.
    shapes: Vec<Shape>,
}

/// How far a text is looked into.
#[derive(Clone, Copy)]
struct Look<'a> {
    deeper: u8,
    /// What was looked up of it already, and what was found.
    seen: &'a RefCell<HashMap<String, Option<String>>>,
}

/// A sentence with holes.
#[derive(Debug)]
struct Shape {
    /// The English text before, between and after the holes.
    pieces: Vec<&'static str>,
    said: Vec<Part>,
    /// How much of it is text.
    weight: usize,
}

#[derive(Debug)]
enum Part {
    Text(&'static str),
    /// What fills this hole, counted from 0.
    Hole(usize),
}

impl Catalogue {
    /// One of those pairs.
    pub(crate) fn of(pairs: impl IntoIterator<Item = (&'static str, &'static str)>) -> Self {
        let mut catalogue = Self::default();
        for (english, said) in pairs {
            catalogue.learn(english, said);
            // What is said in several sentences is found in a longer text one by one.
            let (one, other) = (each_sentence(english), each_sentence(said));
            if one.len() > 1 && one.len() == other.len() {
                one.into_iter().zip(other).for_each(|(english, said)| catalogue.learn(english, said));
            }
        }
        catalogue.shapes.sort_by_key(|shape| std::cmp::Reverse(shape.weight));
        catalogue
    }

    fn learn(&mut self, english: &'static str, said: &'static str) {
        match Shape::of(english, said) {
            // Holes alone would be anything.
            Some(shape) if !shape.pieces.iter().any(|piece| has_words(piece)) => {}
            Some(shape) => self.shapes.push(shape),
            None => {
                self.whole.entry(english).or_insert(said);
            }
        }
    }

    /// How it says exactly this.
    pub(crate) fn whole(&self, english: &str) -> Option<&'static str> {
        self.whole.get(english).copied()
    }

    /// How it says this, as far as it can; `None` where it has no words for any of it.
    pub(crate) fn said(&self, english: &str) -> Option<String> {
        self.deep(english, Look { deeper: DEPTH_MAX, seen: &RefCell::default() })
    }

    fn deep(&self, english: &str, look: Look<'_>) -> Option<String> {
        if let Some(said) = self.whole(english) {
            return Some(said.to_owned());
        }
        if let Some(known) = look.seen.borrow().get(english) {
            return known.clone();
        }
        let deeper = look.deeper.checked_sub(1)?;
        if !has_words(english) || look.seen.borrow().len() >= LOOKS_MAX {
            return None;
        }
        // Before it is known, what is in it must not go round.
        look.seen.borrow_mut().insert(english.to_owned(), None);
        let said = self.apart(english, Look { deeper, ..look });
        look.seen.borrow_mut().insert(english.to_owned(), said.clone());
        said
    }

    /// What it says of a text that it has not as a whole.
    fn apart(&self, english: &str, look: Look<'_>) -> Option<String> {
        let shape = self.shapes.iter().find_map(|shape| Some((shape, self.holes(shape, english, look)?)));
        let inner = english.trim();
        if inner.len() != english.len() {
            // Some begin with a space of their own.
            let is_own = |shape: &Shape| {
                shape.pieces.first().is_some_and(|piece| piece.starts_with(char::is_whitespace))
            };
            if let Some((shape, holes)) = shape.as_ref().filter(|(shape, _)| is_own(shape)) {
                return Some(self.filled(shape, holes, look));
            }
            let (before, after) = english.split_once(inner)?;
            return self.deep(inner, look).map(|said| format!("{before}{said}{after}"));
        }
        let fits = |shape: &Shape| {
            shape.fits(english) || shape.pieces.first().is_some_and(|piece| piece.ends_with(LABEL))
        };
        if let Some((shape, holes)) = &shape
            && fits(shape)
        {
            return Some(self.filled(shape, holes, look));
        }
        let halves = |joints: &[&str]| joints.iter().find_map(|joint| self.halves(english, joint, look));
        STOPS
            .iter()
            .find_map(|stop| self.sentences(english, stop, look))
            .or_else(|| self.as_a_part(english, look))
            .or_else(|| self.labelled(english, look))
            .or_else(|| halves(&CLAUSES))
            .or_else(|| shape.map(|(shape, holes)| self.filled(shape, &holes, look)))
            .or_else(|| halves(&JOINTS))
    }

    /// What fills the holes of a shape, where none of that is half a sentence of which the catalogue knows nothing.
    fn holes<'a>(&self, shape: &Shape, text: &'a str, look: Look) -> Option<Vec<&'a str>> {
        let holes = shape.holes(text)?;
        let at_the_end = |number: usize| {
            number.saturating_add(1) == holes.len() && shape.pieces.last().is_some_and(|last| last.is_empty())
        };
        let is_cut = |(number, hole): (usize, &&str)| {
            let goes_over = hole.contains(". ") && !at_the_end(number);
            let is_half = || is_a_sentence(hole) && self.deep(hole, look).is_none();
            !shape.is_name(number) && (goes_over || is_half())
        };
        let is_whole = !holes.iter().enumerate().any(is_cut);
        is_whole.then_some(holes)
    }

    fn filled(&self, shape: &Shape, holes: &[&str], look: Look) -> String {
        let part = |part: &Part| match part {
            Part::Text(text) => (*text).to_owned(),
            Part::Hole(hole) => {
                let english = holes.get(*hole).copied().unwrap_or_default();
                let is_name = shape.is_name(*hole) || ROLES.contains(&english);
                let said = if is_name { None } else { self.deep(english, look) };
                said.unwrap_or_else(|| english.to_owned())
            }
        };
        shape.said.iter().map(part).collect()
    }

    /// Several sentences; each is said as a whole or stays as it is.
    fn sentences(&self, english: &str, stop: &str, look: Look) -> Option<String> {
        if !english.contains(stop) {
            return None;
        }
        let (mut any, mut said) = (false, Vec::new());
        let last = english.matches(stop).count();
        for (number, part) in english.split(stop).enumerate() {
            // A full stop belongs to its sentence.
            let ends = stop.starts_with('.') && number < last;
            let whole = if ends { format!("{part}.") } else { part.to_owned() };
            let words = self.deep(&whole, look);
            any |= words.is_some();
            let words = words.unwrap_or(whole);
            said.push(if ends { words.strip_suffix('.').unwrap_or(&words).to_owned() } else { words });
        }
        any.then(|| said.join(stop))
    }

    /// `Action: healing begins`, `MT5 bridge: a person is needed`: the label and what is said, each as a whole.
    fn labelled(&self, english: &str, look: Look) -> Option<String> {
        let (label, rest) = english.split_once(LABEL)?;
        let is_one = !CLAUSES.iter().any(|clause| label.contains(clause));
        let name = || (is_one && !is_a_sentence(label)).then(|| label.to_owned());
        let known = self.deep(label, look);
        let is_known = known.is_some();
        let label = known.or_else(name)?;
        let value = || (is_one && !is_a_sentence(rest)).then(|| rest.to_owned());
        let said = self.deep(rest, look);
        if said.is_none() && !is_known {
            return None;
        }
        said.or_else(value).map(|said| format!("{label}{LABEL}{said}"))
    }

    /// Two parts of which it has words for one; the other is a name or a number, not half a sentence.
    fn halves(&self, english: &str, joint: &str, look: Look) -> Option<String> {
        let (first, second) = english.split_once(joint)?;
        let said = |part: &str| match self.deep(part, look) {
            Some(said) => Some((said, true)),
            None => (!is_a_sentence(part)).then(|| (part.to_owned(), false)),
        };
        let ((first, one), (second, other)) = (said(first)?, said(second)?);
        (one || other).then(|| format!("{first}{joint}{second}"))
    }

    /// A sentence that is known as a part of one: without its capital and its stop; or a part that is known as a sentence.
    fn as_a_part(&self, english: &str, look: Look) -> Option<String> {
        let (body, stop) = english.strip_suffix('.').map_or((english, ""), |body| (body, "."));
        let known = |text: &str| {
            let whole = self.whole(text).map(ToOwned::to_owned);
            whole.or_else(|| {
                let found =
                    self.shapes.iter().find_map(|shape| Some((shape, self.holes(shape, text, look)?)))?;
                found.0.fits(text).then(|| self.filled(found.0, &found.1, look))
            })
        };
        let lower = with_first(body, char::to_lowercase);
        if let Some(said) = known(&lower).filter(|_| lower != body) {
            return Some(with_first(&said, char::to_uppercase) + stop);
        }
        if !stop.is_empty() {
            return known(body).map(|said| said + stop);
        }
        let sentence = format!("{body}.");
        known(&sentence).map(|said| said.strip_suffix('.').unwrap_or(&said).to_owned())
    }
}

impl Shape {
    /// `None` for a text without holes.
    fn of(english: &'static str, said: &'static str) -> Option<Self> {
        let (pieces, holes) = cut(english);
        if holes.is_empty() {
            return None;
        }
        let (texts, order) = cut(said);
        let mut parts = Vec::new();
        for (number, text) in texts.into_iter().enumerate() {
            if !text.is_empty() {
                parts.push(Part::Text(text));
            }
            if let Some(hole) = order.get(number) {
                parts.push(Part::Hole(holes.iter().position(|known| known == hole)?));
            }
        }
        let weight = pieces.iter().map(|piece| piece.len()).sum();
        Some(Self { pieces, said: parts, weight })
    }

    /// Whether so much of it is text that it can be no other sentence.
    fn fits(&self, text: &str) -> bool {
        self.weight >= WEIGHT_SURE || self.weight.saturating_mul(5) >= text.len().saturating_mul(2)
    }

    /// What fills the holes where `text` has this shape.
    fn holes<'a>(&self, text: &'a str) -> Option<Vec<&'a str>> {
        let (first, rest) = self.pieces.split_first()?;
        let (last, between) = rest.split_last()?;
        let mut rest = text.strip_prefix(first)?.strip_suffix(last)?;
        let mut holes = Vec::new();
        for piece in between {
            // No hole is empty.
            let begin = rest.chars().next()?.len_utf8();
            let at = rest.get(begin..)?.find(piece)?.checked_add(begin)?;
            let (hole, after) = rest.split_at(at);
            holes.push(hole);
            rest = after.strip_prefix(piece)?;
        }
        if rest.is_empty() {
            return None;
        }
        holes.push(rest);
        Some(holes)
    }

    /// Whether what fills it stands in quotes.
    fn is_name(&self, hole: usize) -> bool {
        let before = self.pieces.get(hole).is_some_and(|piece| piece.ends_with('"'));
        before && self.pieces.get(hole.saturating_add(1)).is_some_and(|piece| piece.starts_with('"'))
    }
}

/// The sentences of a text, each with its full stop.
fn each_sentence(text: &'static str) -> Vec<&'static str> {
    text.split_inclusive(". ").map(str::trim_end).collect()
}

/// A text without its holes, and these by their numbers.
fn cut(text: &'static str) -> (Vec<&'static str>, Vec<&'static str>) {
    let (mut texts, mut holes) = (Vec::new(), Vec::new());
    let mut rest = text;
    let mut from = 0;
    while let Some(open) = rest.get(from..).and_then(|tail| tail.find('{')).map(|at| at + from) {
        let hole = rest.get(open + 1..).and_then(|tail| tail.split_once('}'));
        match hole {
            Some((number, after))
                if !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) =>
            {
                texts.push(rest.get(..open).unwrap_or_default());
                holes.push(number);
                (rest, from) = (after, 0);
            }
            Some(_) | None => from = open + 1,
        }
    }
    texts.push(rest);
    (texts, holes)
}

/// Whether there is anything to be said in another language.
fn has_words(text: &str) -> bool {
    text.chars().any(char::is_alphabetic)
}

/// Whether it holds together as a sentence does: names do not.
fn is_a_sentence(text: &str) -> bool {
    text.split(' ').any(|word| GLUE.contains(&word))
}

fn with_first<I: Iterator<Item = char>>(text: &str, change: fn(char) -> I) -> String {
    let mut letters = text.chars();
    letters.next().map(change).into_iter().flatten().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn spanish() -> Catalogue {
        Catalogue::of([
            ("Up", "Disponible"),
            ("account", "cuenta"),
            ("{1} of {2} accounts are syncing.", "Se sincronizan {1} de {2} cuentas."),
            ("{1} is down", "{1} está caído"),
            ("\"{1}\" is running (attempt {2}).", "\"{1}\" está en marcha (intento {2})."),
            ("the bridge does not answer", "el puente no responde"),
            ("{1} after {2}", "tras {2}, {1}"),
            ("{1} ago", "hace {1}"),
            ("All is well.", "Todo está bien."),
            ("{1} to {2}", "{1} a {2}"),
        ])
    }

    #[rstest]
    #[case::whole("Up", Some("Disponible"))]
    #[case::with_numbers("3 of 7 accounts are syncing.", Some("Se sincronizan 3 de 7 cuentas."))]
    #[case::a_name_stays("\"Up\" is running (attempt 1).", Some("\"Up\" está en marcha (intento 1)."))]
    #[case::other_order("the bridge does not answer after 2 s", Some("tras 2 s, el puente no responde"))]
    #[case::a_part_as_a_sentence("The bridge does not answer.", Some("El puente no responde."))]
    #[case::a_sentence_as_a_part("All is well", Some("Todo está bien"))]
    #[case::several(
        "All is well. 3 of 7 accounts are syncing.",
        Some("Todo está bien. Se sincronizan 3 de 7 cuentas.")
    )]
    #[case::spaces_stay(" 5 s ago ", Some(" hace 5 s "))]
    #[case::a_label(
        "Action: \"Up\" is running (attempt 1).",
        Some("Action: \"Up\" está en marcha (intento 1).")
    )]
    #[case::a_label_with_labels("Up: MT5 bridge: the bridge does not answer; all of it is gone", None)]
    #[case::clauses("3 ago; Up", Some("hace 3; Disponible"))]
    #[case::joined("Windows host: the bridge does not answer", Some("Windows host: el puente no responde"))]
    #[case::a_span("3 to 7", Some("3 a 7"))]
    #[case::a_cut_sentence_stays("Nothing is to be done here", None)]
    #[case::no_words("12:00:05", None)]
    #[case::not_known("MT5 bridge", None)]
    #[case::each_sentence_is_whole(
        "Nobody wrote this. All is well.",
        Some("Nobody wrote this. Todo está bien.")
    )]
    #[case::a_value("Up: 2 s", Some("Disponible: 2 s"))]
    fn what_is_said_in_english_is_said_in_spanish(#[case] english: &str, #[case] said: Option<&str>) {
        assert_eq!(spanish().said(english).as_deref(), said);
    }

    #[test]
    fn a_text_with_no_end_of_parts_is_given_up() {
        let endless = "so it is: (a), b; c · d: e, f. ".repeat(2_000);
        assert_eq!(spanish().said(&endless), None);
    }
}
