// Noise suppression for one track: what comes out of a worklet in its place.
let bytes;

async function fetchBytes() {
  const answer = await fetch('/denoise_bg.wasm');
  if (!answer.ok) throw new Error(`denoise_bg.wasm: ${answer.status}`);
  return answer.arrayBuffer();
}

/** `close` ends it; the track that came in goes on. */
export async function denoise(track) {
  bytes ??= fetchBytes();
  bytes.catch(() => { bytes = undefined; });
  const context = new AudioContext({ sampleRate: 48000 });
  try {
    await context.audioWorklet.addModule('/denoise-worklet.js');
    const options = { numberOfInputs: 1, numberOfOutputs: 1, outputChannelCount: [1], channelCount: 1, channelCountMode: 'explicit' };
    const node = new AudioWorkletNode(context, 'denoise', { ...options, processorOptions: { bytes: await bytes } });
    const from = context.createMediaStreamSource(new MediaStream([track]));
    const to = context.createMediaStreamDestination();
    from.connect(node).connect(to);
    context.resume();
    const close = () => {
      node.port.postMessage('end');
      context.close();
    };
    return { track: to.stream.getAudioTracks()[0], close };
  } catch (error) {
    context.close();
    throw error;
  }
}
