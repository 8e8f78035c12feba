//! A file to the server, with its progress: `fetch` does not tell how far it is.

use std::{cell::RefCell, rc::Rc};

use leptos::prelude::*;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Event, File, ProgressEvent, XmlHttpRequest};

use crate::view::failure::Failure;

/// A listener, kept until the end.
type Listener = Closure<dyn FnMut(Event)>;

/// Sends a file to `path` of the API. `progress` gets percent, `done` the answer's text.
pub fn send(
    path: &str,
    file: &File,
    progress: RwSignal<u32>,
    done: impl Fn(Result<String, Failure>) + 'static,
) {
    let Ok(request) = XmlHttpRequest::new() else {
        return done(Err(Failure::Garbled));
    };
    let kept: Rc<RefCell<Vec<Listener>>> = Rc::default();
    let moved = Closure::<dyn FnMut(Event)>::new(move |event: Event| {
        if let Some(event) = event
            .dyn_ref::<ProgressEvent>()
            .filter(|event| event.total() > 0.0)
        {
            let _ = progress.try_set((event.loaded() / event.total() * 100.0) as u32);
        }
    });
    let ended = {
        let (request, kept) = (request.clone(), kept.clone());
        Closure::<dyn FnMut(Event)>::new(move |_| {
            let status = request.status().unwrap_or(0);
            let text = request.response_text().ok().flatten().unwrap_or_default();
            done(match status {
                0 => Err(Failure::Unreachable),
                200..=299 => Ok(text),
                status => Err(Failure::of(status, &text)),
            });
            // The listeners go once this one has returned.
            let kept = kept.clone();
            gloo::timers::callback::Timeout::new(0, move || kept.borrow_mut().clear()).forget();
        })
    };
    if let Ok(upload) = request.upload() {
        upload.set_onprogress(Some(moved.as_ref().unchecked_ref()));
    }
    request.set_onloadend(Some(ended.as_ref().unchecked_ref()));
    kept.borrow_mut().extend([moved, ended]);
    let _ = request.open("POST", &format!("/api/v1{path}"));
    let _ = request.set_request_header("Content-Type", "application/octet-stream");
    let _ = request.send_with_opt_blob(Some(file));
}
