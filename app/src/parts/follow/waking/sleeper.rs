//! How parts sleep and wake in a browser.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::time::Duration;

use leptos::attr::Attribute;
use leptos::attr::any_attribute::AnyAttribute;
use leptos::prelude::*;
use leptos::tachys::hydration::Cursor;
use leptos::tachys::view::any_view::AnyViewWithAttrs;
use leptos::tachys::view::{Position, PositionState};
use wasm_bindgen::JsCast as _;
use wasm_bindgen::prelude::Closure;
use web_sys::{Element, Node};

/// What a reader does that may change something: everything is woken before it is.
const DEEDS: [&str; 6] = ["pointermove", "pointerdown", "keydown", "focusin", "input", "submit"];

type Make = Arc<dyn Fn() -> AnyView + Send + Sync>;
type AnyState = <AnyView as Render>::State;

thread_local! {
    /// Those that wait for their turn, in the order of the page.
    static WAITING: RefCell<VecDeque<Weak<RefCell<Stage>>>> = const { RefCell::new(VecDeque::new()) };
}

/// A part that may sleep. It is the only child of its element.
pub(super) struct Sleeper {
    make: Make,
    wakes: Wakes,
}

#[derive(Clone, Copy)]
enum Wakes {
    /// When its turn has come.
    ByTurn,
    /// When this says that it is unfolded.
    Unfolded(RwSignal<bool>),
}

/// How far a part is.
enum Stage {
    Asleep(Asleep),
    Awake(AnyState),
}

/// A part that is to come alive.
struct Asleep {
    /// Where; not known before an element that the browser made is filled.
    place: Option<Place>,
    /// What, and whose it is.
    make: Make,
    owner: Option<Owner>,
    /// Whether what stands there is what is made: what is folded away may be old by the time it is unfolded.
    is_drawn: bool,
}

/// The element that a part has for itself, and Leptos' mark at the end of it (with `erase_components`, 0.8.23: `StaticVec`).
#[derive(Clone)]
struct Place {
    element: Element,
    mark: Option<Node>,
}

impl Place {
    /// Where the cursor stands when the first child of an element is to be hydrated.
    fn at(cursor: &Cursor) -> Option<Self> {
        let element = cursor.current().dyn_into::<Element>().ok()?;
        let mark = element.last_child();
        Some(Self { element, mark })
    }

    /// Leaves the cursor as if all that stands here had been gone through.
    fn leave(&self, cursor: &Cursor, position: &PositionState) {
        if let Some(last) = self.mark.as_ref().and_then(Node::previous_sibling) {
            cursor.set(last);
            position.set(Position::NextChild);
        }
    }

    /// Takes away what stands here.
    fn clear(&self) {
        while let Some(first) = self.element.first_child().filter(|first| Some(first) != self.mark.as_ref()) {
            if self.element.remove_child(&first).is_err() {
                return;
            }
        }
    }

    fn is_unfolded(&self) -> bool {
        matches!(self.element.closest("details[open]"), Ok(Some(_)))
    }
}

/// The state of a [`Sleeper`] on the page.
pub(super) struct Slept(Rc<RefCell<Stage>>);

impl Sleeper {
    /// One that comes alive when its turn has come.
    pub(super) fn for_a_turn(make: impl Fn() -> AnyView + Send + Sync + 'static) -> Self {
        Self { make: Arc::new(make), wakes: Wakes::ByTurn }
    }

    /// One that comes alive when it is unfolded.
    pub(super) fn until(opened: RwSignal<bool>, make: impl Fn() -> AnyView + Send + Sync + 'static) -> Self {
        Self { make: Arc::new(make), wakes: Wakes::Unfolded(opened) }
    }

    fn asleep(self, place: Option<Place>) -> Slept {
        let is_drawn = matches!(self.wakes, Wakes::ByTurn);
        let stage = Stage::Asleep(Asleep { place, make: self.make, owner: Owner::current(), is_drawn });
        let stage = Rc::new(RefCell::new(stage));
        match self.wakes {
            Wakes::ByTurn => WAITING.with_borrow_mut(|waiting| waiting.push_back(Rc::downgrade(&stage))),
            Wakes::Unfolded(opened) => wake_when(opened, &stage),
        }
        Slept(stage)
    }
}

/// Wakes it when it is unfolded: a click has been heard by then, and nothing of it is seen yet.
fn wake_when(opened: RwSignal<bool>, stage: &Rc<RefCell<Stage>>) {
    let stage = Rc::downgrade(stage);
    Effect::new(move |_| {
        if opened.get()
            && let Some(stage) = stage.upgrade()
        {
            untrack(|| wake(&stage));
        }
    });
}

impl Render for Sleeper {
    type State = Slept;

    fn build(self) -> Slept {
        match self.wakes {
            Wakes::Unfolded(_) => self.asleep(None),
            Wakes::ByTurn => Slept(Rc::new(RefCell::new(Stage::Awake((self.make)().build())))),
        }
    }

    fn rebuild(self, state: &mut Slept) {
        let opened = match &mut *state.0.borrow_mut() {
            Stage::Awake(state) => return (self.make)().rebuild(state),
            Stage::Asleep(asleep) => {
                (asleep.make, asleep.owner, asleep.is_drawn) = (self.make, Owner::current(), false);
                match self.wakes {
                    Wakes::Unfolded(opened) => Some(opened),
                    Wakes::ByTurn => None,
                }
            }
        };
        match opened {
            Some(opened) => wake_when(opened, &state.0),
            None => wake(&state.0),
        }
    }
}

impl AddAnyAttr for Sleeper {
    type Output<NewAttr: Attribute> = AnyViewWithAttrs;

    fn add_any_attr<NewAttr: Attribute>(self, attr: NewAttr) -> AnyViewWithAttrs {
        (self.make)().add_any_attr(attr)
    }
}

impl RenderHtml for Sleeper {
    type AsyncOutput = Self;
    type Owned = Self;

    const MIN_LENGTH: usize = 0;

    fn dry_resolve(&mut self) {}

    async fn resolve(self) -> Self {
        self
    }

    /// A browser writes no pages.
    fn to_html_with_buf(self, _: &mut String, _: &mut Position, _: bool, _: bool, _: Vec<AnyAttribute>) {}

    fn hydrate<const FROM_SERVER: bool>(self, cursor: &Cursor, position: &PositionState) -> Slept {
        let place = Place::at(cursor);
        if matches!(self.wakes, Wakes::Unfolded(_)) && place.as_ref().is_some_and(Place::is_unfolded) {
            let state = (self.make)().hydrate::<FROM_SERVER>(cursor, position);
            return Slept(Rc::new(RefCell::new(Stage::Awake(state))));
        }
        if let Some(place) = &place {
            place.leave(cursor, position);
        }
        self.asleep(place)
    }

    fn into_owned(self) -> Self {
        self
    }
}

impl Mountable for Slept {
    fn unmount(&mut self) {
        match &mut *self.0.borrow_mut() {
            Stage::Awake(state) => state.unmount(),
            Stage::Asleep(asleep) => {
                if let Some(place) = asleep.place.take() {
                    place.clear();
                }
            }
        }
    }

    fn mount(&mut self, parent: &Element, marker: Option<&Node>) {
        match &mut *self.0.borrow_mut() {
            Stage::Awake(state) => state.mount(parent, marker),
            Stage::Asleep(asleep) => {
                asleep.place = Some(Place { element: parent.clone(), mark: marker.cloned() });
            }
        }
    }

    fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
        match &*self.0.borrow() {
            Stage::Awake(state) => state.insert_before_this(child),
            Stage::Asleep(asleep) => {
                // It has its element for itself.
                asleep.place.as_ref().is_some_and(|place| {
                    child.mount(&place.element, place.mark.as_ref());
                    true
                })
            }
        }
    }

    fn elements(&self) -> Vec<Element> {
        match &*self.0.borrow() {
            Stage::Awake(state) => state.elements(),
            Stage::Asleep(_) => Vec::new(),
        }
    }
}

/// Makes a part come alive.
fn wake(stage: &RefCell<Stage>) {
    let (place, make, owner, is_drawn) = match &*stage.borrow() {
        Stage::Asleep(Asleep { place: Some(place), make, owner, is_drawn }) => {
            (place.clone(), Arc::clone(make), owner.clone(), *is_drawn)
        }
        Stage::Asleep(_) | Stage::Awake(_) => return,
    };
    let alive = || {
        if is_drawn {
            let (cursor, position) =
                (Cursor::new(place.element.clone()), PositionState::new(Position::FirstChild));
            return make().hydrate::<true>(&cursor, &position);
        }
        place.clear();
        let mut made = make().build();
        made.mount(&place.element, place.mark.as_ref());
        made
    };
    let state = match owner {
        Some(owner) => owner.with(alive),
        None => alive(),
    };
    *stage.borrow_mut() = Stage::Awake(state);
}

/// Wakes the next that still is on the page; whether there was one.
fn wake_next() -> bool {
    while let Some(next) = WAITING.with_borrow_mut(VecDeque::pop_front) {
        if let Some(stage) = next.upgrade() {
            wake(&stage);
            return true;
        }
    }
    false
}

/// Wakes all parts of the page, each in a turn of its own; all at once when the reader does something, or where the page is not seen
/// and browsers give turns rarely. Does `then` when all are awake.
pub(super) fn wake_by_turns(then: impl Fn() + 'static) {
    let done = Rc::new(Cell::new(false));
    let all: Rc<dyn Fn()> = Rc::new(move || {
        while wake_next() {}
        if !done.replace(true) {
            then();
        }
    });
    if document().hidden() {
        return all();
    }
    let deed = {
        let all = Rc::clone(&all);
        Closure::<dyn Fn()>::new(move || all())
    };
    for name in DEEDS {
        // While it goes down to where it happened, so before anybody hears of it there.
        let heard =
            window().add_event_listener_with_callback_and_bool(name, deed.as_ref().unchecked_ref(), true);
        if heard.is_err() {
            return all();
        }
    }
    turn(Rc::new(move || {
        all();
        for name in DEEDS {
            // One that stays finds nobody asleep.
            drop(window().remove_event_listener_with_callback_and_bool(
                name,
                deed.as_ref().unchecked_ref(),
                true,
            ));
        }
    }));
}

/// Wakes the next in the browser's next turn, and so on; then does `last`.
fn turn(last: Rc<dyn Fn()>) {
    set_timeout(move || if wake_next() { turn(last) } else { last() }, Duration::ZERO);
}
