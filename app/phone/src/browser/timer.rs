//! One timer in a worker of its own: in a page nobody sees, the page's own fire once a minute.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use gloo::timers::callback::Timeout;
use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use web_sys::{Blob, Url, Worker};

/// The worker: a number is the milliseconds to wait, in place of what it waited for before.
const SCRIPT: &str = "let t;onmessage=e=>{clearTimeout(t);t=setTimeout(()=>postMessage(0),e.data)}";

pub(super) struct Timer {
    worker: Option<Worker>,
    wake: Rc<dyn Fn()>,
    /// When it fires, on the clock of the page.
    set: Cell<Option<u64>>,
    /// In place of a worker that could not be made.
    plain: RefCell<Option<Timeout>>,
    _on_message: Closure<dyn FnMut()>,
}

impl Timer {
    /// A timer that calls `wake`; sometimes without need.
    pub(super) fn new(wake: Rc<dyn Fn()>) -> Self {
        let woken = wake.clone();
        let on_message = Closure::new(move || woken());
        let worker = worker().ok();
        if let Some(worker) = &worker {
            worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        }
        Self {
            worker,
            wake,
            set: Cell::new(None),
            plain: RefCell::default(),
            _on_message: on_message,
        }
    }

    /// Fires at `deadline` in place of what was set before; `now` on the same clock.
    pub(super) fn set(&self, deadline: Option<u64>, now: u64) {
        if self.set.replace(deadline) == deadline {
            return;
        }
        let Some(deadline) = deadline else { return };
        let delay = deadline.saturating_sub(now).min(60_000);
        match &self.worker {
            Some(worker) => drop(worker.post_message(&JsValue::from_f64(delay as f64))),
            None => {
                let wake = self.wake.clone();
                let timeout = Timeout::new(delay as u32, move || wake());
                *self.plain.borrow_mut() = Some(timeout);
            }
        }
    }

    /// It has fired, or is of no use any more.
    pub(super) fn forget(&self) {
        self.set.set(None);
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        if let Some(worker) = &self.worker {
            worker.set_onmessage(None);
            worker.terminate();
        }
    }
}

fn worker() -> Result<Worker, JsValue> {
    let script = Blob::new_with_str_sequence(&Array::of1(&SCRIPT.into()).into())?;
    let url = Url::create_object_url_with_blob(&script)?;
    let worker = Worker::new(&url);
    Url::revoke_object_url(&url)?;
    worker
}
