//! `[status_page]`: what everybody may see without logging in.

use rebound::ids::TargetId;
use serde::Deserialize;

use super::Problems;

/// Longest title of the page, in characters.
const TITLE_MAX: usize = 80;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StatusPageSection {
    #[serde(default)]
    show: bool,
    title: Option<String>,
    targets: Option<Vec<String>>,
}

/// The page that everybody may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusPageSettings {
    /// Its heading.
    pub title: String,
    /// The targets on it; `None`: all.
    pub targets: Option<Vec<TargetId>>,
}

/// Checks the section. `known` are the ids of all targets.
pub(crate) fn check(
    section: StatusPageSection,
    known: &[&str],
    problems: &mut Problems,
) -> Option<StatusPageSettings> {
    let title = section.title.unwrap_or_else(|| "Status".to_owned());
    let length = title.chars().count();
    if title.trim().is_empty() || length > TITLE_MAX {
        let what = format!("has {length} characters, outside of 1 to {TITLE_MAX}");
        problems.add("status_page.title", &what, "Say in a few words whose status it is.");
    }
    let mut unknown = |id: &String| {
        if !known.contains(&id.as_str()) {
            problems.add(
                "status_page.targets",
                &format!("\"{id}\" is no target"),
                "Name ids of [[targets]], or leave the key out to show all.",
            );
        }
    };
    section.targets.iter().flatten().for_each(&mut unknown);
    let targets = section.targets.map(|ids| ids.iter().filter_map(|id| TargetId::try_new(id).ok()).collect());
    section.show.then_some(StatusPageSettings { title, targets })
}
