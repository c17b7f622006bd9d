//! Parts that follow the board.
//!
//! All of them are one type to the compiler: each further type would put the code that follows into the browser's part once
//! more.

use std::sync::Arc;

use leptos::attr::Attribute;
use leptos::attr::any_attribute::AnyAttribute;
use leptos::prelude::*;
use leptos::tachys::hydration::Cursor;
use leptos::tachys::ssr::StreamBuilder;
use leptos::tachys::view::any_view::AnyViewWithAttrs;
use leptos::tachys::view::{Position, PositionState};

mod focus;

mod waking;

pub(crate) use focus::left;
pub(crate) use waking::{Whole, folded, later, turn, unfolded};

/// A part that is made anew whenever something changes that `make` reads. What did not change stays as it is on the page, and so
/// does the focus.
pub(crate) fn follow(make: impl Fn() -> AnyView + Send + Sync + 'static) -> AnyView {
    let make: Arc<dyn Fn() -> AnyView + Send + Sync> = Arc::new(make);
    (move || Kept(make())).into_any()
}

/// A part that is made anew when what it shows is another: most of what is seen is the same at the next look.
pub(crate) fn own<T: Clone + PartialEq + Send + Sync + 'static>(
    of: impl Fn() -> T + Send + Sync + 'static,
    view: impl Fn(T) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    let part = Memo::new(move |_| of());
    follow(move || view(part.get()))
}

/// Words that follow what `make` reads, for attributes.
pub(crate) fn follow_words(make: impl Fn() -> String + Send + Sync + 'static) -> Signal<String> {
    Signal::derive(make)
}

/// Nothing.
pub(crate) fn nothing() -> AnyView {
    ().into_any()
}

/// A view that takes nobody the focus when it is made anew. Leptos takes all attributes from an element and gives it the new ones
/// (with `erase_components`, 0.8.23: `Attribute for Vec<AnyAttribute>`): a link without its address, if only for a moment, loses
/// the focus, and who reads with the keys would begin at the top of the page with each piece of news.
struct Kept(AnyView);

impl Render for Kept {
    type State = <AnyView as Render>::State;

    fn build(self) -> Self::State {
        self.0.build()
    }

    fn rebuild(self, state: &mut Self::State) {
        focus::keep(|| self.0.rebuild(state));
    }
}

impl AddAnyAttr for Kept {
    type Output<NewAttr: Attribute> = AnyViewWithAttrs;

    fn add_any_attr<NewAttr: Attribute>(self, attr: NewAttr) -> AnyViewWithAttrs {
        self.0.add_any_attr(attr)
    }
}

impl RenderHtml for Kept {
    type AsyncOutput = AnyView;
    type Owned = Self;

    const MIN_LENGTH: usize = <AnyView as RenderHtml>::MIN_LENGTH;

    fn dry_resolve(&mut self) {
        self.0.dry_resolve();
    }

    async fn resolve(self) -> AnyView {
        self.0.resolve().await
    }

    fn html_len(&self) -> usize {
        self.0.html_len()
    }

    fn to_html_with_buf(
        self,
        buf: &mut String,
        position: &mut Position,
        escape: bool,
        mark_branches: bool,
        extra_attrs: Vec<AnyAttribute>,
    ) {
        self.0.to_html_with_buf(buf, position, escape, mark_branches, extra_attrs);
    }

    fn to_html_async_with_buf<const OUT_OF_ORDER: bool>(
        self,
        buf: &mut StreamBuilder,
        position: &mut Position,
        escape: bool,
        mark_branches: bool,
        extra_attrs: Vec<AnyAttribute>,
    ) {
        self.0.to_html_async_with_buf::<OUT_OF_ORDER>(buf, position, escape, mark_branches, extra_attrs);
    }

    fn hydrate<const FROM_SERVER: bool>(self, cursor: &Cursor, position: &PositionState) -> Self::State {
        self.0.hydrate::<FROM_SERVER>(cursor, position)
    }

    fn into_owned(self) -> Self {
        self
    }
}
