//! One target: everything that is known of it, and everything that can be done about it.

use leptos::prelude::*;

use crate::live::Live;
use crate::parts::target::{Depth, card};
use crate::sheet::target::TargetSheet;

/// The page of one target of several.
pub(super) fn target(live: Live, first: TargetSheet) -> AnyView {
    card(live, first, Depth::Page)
}
