//! The change of the settings that was looked at. On the server only.

use leptos::prelude::*;
use rebound_engine::settings::{Made, Revision, Wanted};

use super::error::UiError;
use super::request::{caller, land_at};
use super::text::JsonAnswer;

/// Makes a change. `base` is the number of the change before it, `changes` the JSON of keys and values.
#[server(name = ChangeSettings, prefix = "/api/ui", endpoint = "change-settings", output = JsonAnswer)]
pub(crate) async fn change_settings(
    base: u64,
    changes: String,
    #[server(default)] note: String,
) -> Result<Revision, UiError> {
    let (service, who) = caller().await?;
    let wanted: Wanted = serde_json::from_str(&changes).map_err(|_| {
        let help = "Go back to the settings and ask again.";
        UiError::new("bad_input", "Nothing was changed: what was asked for cannot be read.", help)
    })?;
    let Made { revision, .. } = service.change_settings(&who, base, &wanted, &note).await?;
    land_at(&format!("/settings?done=settings#change-{}", revision.number));
    Ok(revision)
}
