//! The phone in a small window of its own that stays above others (Document Picture-in-Picture), where
//! the browser has one.

use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(inline_js = "
let mini;
export function miniExists() { return 'documentPictureInPicture' in window; }
export function closeMini() { mini?.close(); }
export async function openMini(selector) {
  if (mini) return mini.focus();
  const part = document.querySelector(selector);
  if (!part) return;
  const own = await documentPictureInPicture.requestWindow({ width: 392, height: 480 });
  mini = own;
  const root = own.document.documentElement;
  const dress = () => { for (const { name, value } of document.documentElement.attributes) root.setAttribute(name, value); };
  dress();
  const changes = new MutationObserver(dress);
  changes.observe(document.documentElement, { attributes: true });
  own.document.title = document.title;
  for (const sheet of document.querySelectorAll('link[rel=stylesheet], style')) own.document.head.append(sheet.cloneNode(true));
  for (const sprite of document.querySelectorAll('body > svg')) own.document.body.append(sprite.cloneNode(true));
  own.document.body.classList.add('mini');
  const place = document.createComment('phone');
  part.replaceWith(place);
  own.document.body.append(part);
  own.addEventListener('keydown', (press) => {
    if (press.altKey && !window.dispatchEvent(new KeyboardEvent('keydown', press))) press.preventDefault();
  });
  own.addEventListener('pagehide', () => {
    changes.disconnect();
    mini = undefined;
    if (part.isConnected) place.replaceWith(part); else place.remove();
  });
}
")]
extern "C" {
    /// Whether this browser has such windows.
    #[wasm_bindgen(js_name = miniExists)]
    pub fn exists() -> bool;
    /// Moves the part of the page that `selector` names into one; only within a click. It comes back
    /// when the window is closed.
    #[wasm_bindgen(js_name = openMini)]
    pub fn open(selector: &str) -> js_sys::Promise;
    /// Closes it, if it is open.
    #[wasm_bindgen(js_name = closeMini)]
    pub fn close();
}
