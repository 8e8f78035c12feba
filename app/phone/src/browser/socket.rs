//! SIP over WebSocket (RFC 7118): one SIP message per WebSocket message.

use js_sys::{ArrayBuffer, Uint8Array};
use wasm_bindgen::{JsCast, prelude::Closure};
use web_sys::{BinaryType, MessageEvent, WebSocket};

use super::Feed;
use crate::machine::{Input, SocketEvent, SocketId};

/// An open or opening WebSocket; dropping it closes it without another event.
pub(super) struct Socket {
    socket: WebSocket,
    _on_open: Closure<dyn FnMut()>,
    _on_close: Closure<dyn FnMut()>,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
}

impl Socket {
    /// Begins to open it. If the URL is bad it counts as closed at once.
    pub(super) fn open(id: SocketId, url: &str, feed: Feed) -> Option<Self> {
        let Ok(socket) = WebSocket::new_with_str(url, "sip") else {
            feed(Input::Socket(id, SocketEvent::Closed));
            return None;
        };
        socket.set_binary_type(BinaryType::Arraybuffer);
        let (opened, closed) = (feed.clone(), feed.clone());
        let on_open = Closure::new(move || opened(Input::Socket(id, SocketEvent::Opened)));
        let on_close = Closure::new(move || closed(Input::Socket(id, SocketEvent::Closed)));
        let on_message = Closure::new(move |event: MessageEvent| {
            feed(Input::Socket(id, SocketEvent::Received(bytes_of(&event))));
        });
        socket.set_onopen(Some(on_open.as_ref().unchecked_ref()));
        socket.set_onclose(Some(on_close.as_ref().unchecked_ref()));
        socket.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        Some(Self {
            socket,
            _on_open: on_open,
            _on_close: on_close,
            _on_message: on_message,
        })
    }

    /// Sends one message as text if it is UTF-8. One that cannot be sent is lost, as with a dead
    /// connection.
    pub(super) fn send(&self, bytes: &[u8]) {
        let _ = match std::str::from_utf8(bytes) {
            Ok(text) => self.socket.send_with_str(text),
            Err(_) => self.socket.send_with_u8_array(bytes),
        };
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.socket.set_onopen(None);
        self.socket.set_onclose(None);
        self.socket.set_onmessage(None);
        let _ = self.socket.close();
    }
}

fn bytes_of(event: &MessageEvent) -> Vec<u8> {
    let data = event.data();
    match data.dyn_ref::<ArrayBuffer>() {
        Some(buffer) => Uint8Array::new(buffer).to_vec(),
        None => data.as_string().unwrap_or_default().into_bytes(),
    }
}
