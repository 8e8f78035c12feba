//! Both channels of a recording with a volume each (Web Audio).

use wasm_bindgen::JsValue;
use web_sys::{AudioContext, GainNode, HtmlAudioElement};

/// Left is the agent, right the client; both stay on their sides.
pub struct Sound {
    context: AudioContext,
    left: GainNode,
    right: GainNode,
}

impl Sound {
    /// Takes the element's sound. Once for an element, and only after a click.
    ///
    /// # Errors
    /// When the browser has no Web Audio; then the element plays by itself.
    pub fn new(audio: &HtmlAudioElement) -> Result<Self, JsValue> {
        let context = AudioContext::new()?;
        let source = context.create_media_element_source(audio)?;
        let splitter = context.create_channel_splitter_with_number_of_outputs(2)?;
        let merger = context.create_channel_merger_with_number_of_inputs(2)?;
        let (left, right) = (context.create_gain()?, context.create_gain()?);
        source.connect_with_audio_node(&splitter)?;
        splitter.connect_with_audio_node_and_output(&left, 0)?;
        splitter.connect_with_audio_node_and_output(&right, 1)?;
        left.connect_with_audio_node_and_output_and_input(&merger, 0, 0)?;
        right.connect_with_audio_node_and_output_and_input(&merger, 0, 1)?;
        merger.connect_with_audio_node(&context.destination())?;
        let _ = context.resume();
        Ok(Self {
            context,
            left,
            right,
        })
    }

    /// From 0 to 1.
    pub fn set_volumes(&self, left: f64, right: f64) {
        self.left.gain().set_value(left as f32);
        self.right.gain().set_value(right as f32);
    }
}

impl Drop for Sound {
    fn drop(&mut self) {
        let _ = self.context.close();
    }
}
