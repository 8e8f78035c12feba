//! The pages that are fetched after the phone: log, contacts, settings. The desk opens and closes them.

#[cfg(target_arch = "wasm32")]
mod doors {
    use wasm_bindgen::prelude::wasm_bindgen;

    /// Shows the page of the address in this element.
    #[wasm_bindgen]
    pub fn open(root: web_sys::HtmlElement) {
        app::open_pages(root);
    }

    /// Takes it away again.
    #[wasm_bindgen]
    pub fn close() {
        app::close_pages();
    }

    /// Looks after headsets and media keys.
    #[wasm_bindgen]
    pub fn attend() {
        app::attend_pages();
    }

    /// Shows in this element what one can say of oneself.
    #[wasm_bindgen]
    pub fn presence(root: web_sys::HtmlElement) {
        app::open_presence(root);
    }

    /// Shows in this element a part of the desk's own screens.
    #[wasm_bindgen]
    pub fn part(root: web_sys::HtmlElement, name: String, detail: String) {
        app::open_part(root, &name, detail);
    }

    /// Takes it away again.
    #[wasm_bindgen]
    pub fn close_part(root: web_sys::HtmlElement) {
        app::close_part(&root);
    }

    /// Shows a dialog, whatever page stands there: `sound` that of microphone, speaker and ring, `keys`
    /// the list of keys.
    #[wasm_bindgen]
    pub fn dialog(name: String) {
        app::open_dialog(&name);
    }
}

fn main() {}
