//! Noise suppression (RNNoise) for an audio worklet. It is fetched only by who switches it on.
//!
//! The worklet has neither a loader nor text decoders, so nothing but numbers passes: it writes 480
//! samples (10 ms at 48 kHz, as loud as 16 bits: ±32768) where `doors::frame` says, calls
//! `doors::process` and reads the cleaned samples there.

#[cfg(target_arch = "wasm32")]
mod doors {
    use std::cell::RefCell;

    use nnnoiseless::DenoiseState;
    use wasm_bindgen::prelude::wasm_bindgen;

    thread_local! {
        static STATE: RefCell<Box<DenoiseState<'static>>> = RefCell::new(DenoiseState::new());
        static FRAME: RefCell<[f32; DenoiseState::FRAME_SIZE]> =
            const { RefCell::new([0.0; DenoiseState::FRAME_SIZE]) };
    }

    /// Where the samples are, octets from the beginning of the memory.
    #[wasm_bindgen]
    pub fn frame() -> usize {
        FRAME.with_borrow(|frame| frame.as_ptr() as usize)
    }

    /// Cleans the samples in their place; how likely they are speech, 0 to 1.
    #[wasm_bindgen]
    pub fn process() -> f32 {
        FRAME.with_borrow_mut(|frame| {
            let noisy = *frame;
            STATE.with_borrow_mut(|state| state.process_frame(frame, &noisy))
        })
    }
}

fn main() {}
