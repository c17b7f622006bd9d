//! A call in this browser when something critical begins, or when Rebound itself is not heard any more: a notification, a sound, both or neither. Chosen and kept by the
//! browser; nothing of it is known to the server.

use leptos::prelude::*;

use crate::live::Live;
use crate::parts::follow::{follow, nothing};
use crate::parts::icon::Icon;
use crate::tongue::t;

#[cfg(any(feature = "hydrate", test))]
mod quiet;

/// Where the browser keeps the choice.
#[cfg_attr(not(feature = "hydrate"), expect(dead_code, reason = "only a browser keeps it"))]
const KEPT: &str = "rebound_call";

/// What is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Wanted {
    notice: bool,
    sound: bool,
}

impl Wanted {
    #[cfg_attr(not(any(feature = "hydrate", test)), expect(dead_code, reason = "only a browser keeps it"))]
    fn read(text: &str) -> Self {
        let has = |word: &str| text.split(' ').any(|part| part == word);
        Self { notice: has("notice"), sound: has("sound") }
    }

    #[cfg_attr(not(any(feature = "hydrate", test)), expect(dead_code, reason = "only a browser keeps it"))]
    fn written(self) -> String {
        let words = [("notice", self.notice), ("sound", self.sound)];
        let words: Vec<&str> = words.into_iter().filter_map(|(word, on)| on.then_some(word)).collect();
        words.join(" ")
    }
}

/// The choice, folded away. There only where scripts run: without them nothing could call.
#[component]
pub(crate) fn Call(live: Live) -> impl IntoView {
    let wanted = RwSignal::new(Wanted::default());
    let blocked = RwSignal::new(false);
    Effect::new(move |_| wanted.set(kept()));
    listen(live, wanted);
    let alive = Memo::new(move |_| live.clock.now().is_some());
    follow(move || if alive.get() { choice(wanted, blocked) } else { nothing() })
}

fn choice(wanted: RwSignal<Wanted>, blocked: RwSignal<bool>) -> AnyView {
    let on = move |pick: fn(Wanted) -> bool| {
        Signal::derive(move || Some(if pick(wanted.get()) { "true" } else { "false" }.to_owned()))
    };
    let (notice, sound) = (on(|wanted| wanted.notice), on(|wanted| wanted.sound));
    let why = follow(move || {
        if blocked.get() {
            view! { <p class="quiet-text" role="status">{t("This browser does not let the page show notifications. Allow them for this address in its settings.")}</p> }
                .into_any()
        } else {
            nothing()
        }
    });
    view! {
        <details class="look">
            <summary class="button quiet" title=t("Call me")><Icon name="bell"/><span class="unseen">{t("Call me")}</span></summary>
            <div class="look-body">
                <p class="quiet-text">{t("When something critical begins, or Rebound is not heard for a minute, in this browser:")}</p>
                <button type="button" class="button quiet" aria-pressed=notice on:click=move |_| want_notice(wanted, blocked)><Icon name="screen"/>{t("Show a notification")}</button>
                <button type="button" class="button quiet" aria-pressed=sound on:click=move |_| want_sound(wanted)><Icon name="bell"/>{t("Play a sound")}</button>
                {why}
            </div>
        </details>
    }
    .into_any()
}

#[cfg(not(feature = "hydrate"))]
fn kept() -> Wanted {
    Wanted::default()
}

#[cfg(not(feature = "hydrate"))]
const fn listen(_live: Live, _wanted: RwSignal<Wanted>) {}

#[cfg(not(feature = "hydrate"))]
const fn want_notice(_wanted: RwSignal<Wanted>, _blocked: RwSignal<bool>) {}

#[cfg(not(feature = "hydrate"))]
const fn want_sound(_wanted: RwSignal<Wanted>) {}

#[cfg(feature = "hydrate")]
use browser::{kept, listen, want_notice, want_sound};

#[cfg(feature = "hydrate")]
mod browser {
    //! What only a browser can do.

    use std::collections::BTreeSet;

    use leptos::prelude::*;
    use rebound::view::Tone;
    use wasm_bindgen::JsValue;
    use wasm_bindgen_futures::JsFuture;
    use web_sys::{AudioContext, Notification, NotificationOptions, NotificationPermission, Storage};

    use super::quiet::Quiet;
    use super::{KEPT, Wanted};
    use crate::live::Live;
    use crate::tongue::t;

    /// Where tabs tell each other that one of them has played the sound.
    const CALLED: &str = "rebound_called";
    /// How the sound is: two short tones, in hertz and seconds.
    const TONES: [(f32, f64); 2] = [(660.0, 0.0), (880.0, 0.18)];
    const TONE_LASTS: f64 = 0.14;
    const LOUDNESS: f32 = 0.2;

    fn storage() -> Option<Storage> {
        window().local_storage().ok().flatten()
    }

    pub(super) fn kept() -> Wanted {
        let text = storage().and_then(|storage| storage.get_item(KEPT).ok().flatten());
        text.map(|text| Wanted::read(&text)).unwrap_or_default()
    }

    fn keep(wanted: Wanted) {
        if let Some(storage) = storage() {
            // A browser that keeps nothing asks again, which does no harm.
            drop(storage.set_item(KEPT, &wanted.written()));
        }
    }

    pub(super) fn want_sound(wanted: RwSignal<Wanted>) {
        wanted.update(|wanted| wanted.sound = !wanted.sound);
        let now = wanted.get_untracked();
        keep(now);
        if now.sound {
            // So that one knows it, and because browsers play nothing before somebody has clicked.
            drop(play());
        }
    }

    pub(super) fn want_notice(wanted: RwSignal<Wanted>, blocked: RwSignal<bool>) {
        if wanted.get_untracked().notice {
            wanted.update(|wanted| wanted.notice = false);
            keep(wanted.get_untracked());
            return;
        }
        leptos::task::spawn_local(async move {
            if let Ok(asked) = Notification::request_permission() {
                drop(JsFuture::from(asked).await);
            }
            let allowed = Notification::permission() == NotificationPermission::Granted;
            blocked.try_set(!allowed);
            if allowed {
                wanted.try_update(|wanted| wanted.notice = true);
                keep(wanted.get_untracked());
            }
        });
    }

    /// Calls for each critical banner that was not there before, and when nothing is heard any more.
    pub(super) fn listen(live: Live, wanted: RwSignal<Wanted>) {
        let quiet = StoredValue::new(Quiet::default());
        Effect::new(move |_| {
            let Some(now) = live.clock.now() else { return };
            let stale = live.stale.get();
            let calls = quiet.try_update_value(|quiet| quiet.tick(now, stale)).flatten();
            if let Some(since) = calls {
                let key = format!("silent {}", since.as_ms() / 60_000);
                call(
                    wanted.get_untracked(),
                    &key,
                    t("No news from Rebound for a minute: it, or the way to it, is gone"),
                );
            }
        });
        Effect::new(move |before: Option<BTreeSet<String>>| {
            let critical: Vec<(String, String)> = live.sheet.with(|sheet| {
                let critical = sheet.banners.iter().filter(|banner| banner.mark.tone == Tone::Bad);
                critical
                    .map(|banner| {
                        (format!("{} {}", banner.since.as_ms(), banner.title), banner.title.clone())
                    })
                    .collect()
            });
            if let Some(before) = before {
                let wanted = wanted.get_untracked();
                for (key, title) in critical.iter().filter(|(key, _)| !before.contains(key)) {
                    call(wanted, key, title);
                }
            }
            critical.into_iter().map(|(key, _)| key).collect()
        });
    }

    fn call(wanted: Wanted, key: &str, title: &str) {
        if wanted.notice {
            let options = NotificationOptions::new();
            // Of several tabs only one is seen.
            options.set_tag(key);
            options.set_body("Rebound");
            if Notification::new_with_options(title, &options).is_err() {
                leptos::logging::warn!("this browser shows no notifications");
            }
        }
        if wanted.sound && is_first_to_play(key) && play().is_err() {
            leptos::logging::warn!("this browser plays no sound before somebody has clicked");
        }
    }

    fn is_first_to_play(key: &str) -> bool {
        let Some(storage) = storage() else { return true };
        if storage.get_item(CALLED).ok().flatten().as_deref() == Some(key) {
            return false;
        }
        drop(storage.set_item(CALLED, key));
        true
    }

    fn play() -> Result<(), JsValue> {
        let sound = AudioContext::new()?;
        let loudness = sound.create_gain()?;
        loudness.gain().set_value(LOUDNESS);
        loudness.connect_with_audio_node(&sound.destination())?;
        for (pitch, after) in TONES {
            let tone = sound.create_oscillator()?;
            tone.frequency().set_value(pitch);
            tone.connect_with_audio_node(&loudness)?;
            let begins = sound.current_time() + after;
            tone.start_with_when(begins)?;
            tone.stop_with_when(begins + TONE_LASTS)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Wanted;

    #[test]
    fn a_choice_is_read_as_it_was_written() {
        for (notice, sound) in [(false, false), (true, false), (false, true), (true, true)] {
            let wanted = Wanted { notice, sound };
            assert_eq!(Wanted::read(&wanted.written()), wanted);
        }
        assert_eq!(Wanted::read("anything else"), Wanted::default());
    }
}
