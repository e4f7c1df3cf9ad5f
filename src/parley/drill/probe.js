// Runs inside the page, before its own scripts, and only in drills and end-to-end tests. It observes:
// nothing in the interface knows it is there. Every instant is milliseconds of the machine's clock.
(() => {
  const LOW = [697, 770, 852, 941];
  const HIGH = [1209, 1336, 1477, 1633];
  const COLUMNS = 8;
  const ROWS = 2;
  const CHECK_BITS = 6;
  const CHECK_MODULUS = 61;
  const UNREADABLE = -1;
  const SOUND_RMS = 0.0003; // The marked file's noise is at 0.003; digital silence is 0.
  const BLOCK = 512; // 10.7 ms: finer costs processor time, coarser blurs the start of a mark.
  const now = () => performance.timeOrigin + performance.now();

  // A choice of the device check, made as a person would: noise suppression eats steady tones.
  try {
    localStorage["parley.choices"] ??= JSON.stringify({ has_original_sound: true });
  } catch {
    // The blank page before the first address has no storage.
  }

  const probe = { clicks: [], frames: {}, entered: [], marks: {}, firstSound: {}, firstFrame: {}, connections: [], streams: [], states: [] };
  Object.defineProperty(globalThis, "parleyProbe", { value: probe });

  const canvas = new OffscreenCanvas(COLUMNS * 2, 16);
  const context = canvas.getContext("2d", { willReadFrequently: true });

  const readCode = (image) => {
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    // The squares fill the top quarter: four of sixteen canvas lines, two a row of squares.
    const { data } = context.getImageData(0, 0, canvas.width, 4);
    let code = 0;
    for (let row = 0; row < ROWS; row += 1) {
      for (let column = 0; column < COLUMNS; column += 1) {
        let sum = 0;
        for (const line of [row * 2, row * 2 + 1]) {
          for (const x of [column * 2, column * 2 + 1]) sum += data[(line * canvas.width + x) * 4 + 1];
        }
        code = (code << 1) | (sum / 4 > 125 ? 1 : 0);
      }
    }
    // Ten squares of number, six of check (marked_media.py): a square misread is no other frame.
    const number = code >> CHECK_BITS;
    return number % CHECK_MODULUS === (code & (2 ** CHECK_BITS - 1)) ? number : UNREADABLE;
  };

  const watchVideo = (video) => {
    const step = (_, metadata) => {
      const track = video.dataset.track;
      if (track !== undefined && video.videoWidth > 2) {
        const at = now();
        probe.firstFrame[track] ??= at;
        (probe.frames[track] ??= []).push([at, readCode(video), video.videoHeight, metadata.presentedFrames]);
      }
      video.requestVideoFrameCallback(step);
    };
    video.requestVideoFrameCallback(step);
  };

  const goertzel = (samples, rate, tone) => {
    const k = 2 * Math.cos((2 * Math.PI * tone) / rate);
    let a = 0;
    let b = 0;
    for (const sample of samples) {
      const c = sample + k * a - b;
      b = a;
      a = c;
    }
    return a * a + b * b - k * a * b;
  };

  const loudest = (powers) => powers.indexOf(Math.max(...powers));

  const markOf = (samples, rate) => {
    let energy = 0;
    for (const sample of samples) energy += sample * sample;
    const low = LOW.map((tone) => goertzel(samples, rate, tone));
    const high = HIGH.map((tone) => goertzel(samples, rate, tone));
    const power = (Math.max(...low) + Math.max(...high)) / (samples.length / 2);
    const mark = power > energy * 0.6 && energy / samples.length > 1e-4 ? loudest(low) * 4 + loudest(high) : null;
    return { mark, rms: Math.sqrt(energy / samples.length) };
  };

  let audio;
  const listen = (stream, name) => {
    audio ??= new AudioContext({ sampleRate: 48000, latencyHint: "interactive" });
    void audio.resume();
    const source = audio.createMediaStreamSource(stream);
    const tap = audio.createScriptProcessor(BLOCK, 1, 1);
    let last = null;
    tap.addEventListener("audioprocess", ({ inputBuffer }) => {
      if (stream.getTracks().every((track) => track.readyState === "ended")) {
        // A page that joins again and again must not carry the taps of the calls before.
        source.disconnect();
        tap.disconnect();
        probe.streams = probe.streams.filter((node) => node !== source && node !== tap);
        return;
      }
      const { mark, rms } = markOf(inputBuffer.getChannelData(0), audio.sampleRate);
      const at = now();
      if (rms > SOUND_RMS) probe.firstSound[name] ??= at;
      if (mark !== null && mark !== last) (probe.marks[name] ??= []).push([at, mark]);
      last = mark;
    });
    source.connect(tap);
    tap.connect(audio.destination);
    probe.streams.push(source, tap);
  };

  const watchEntered = (track) => {
    const reader = new MediaStreamTrackProcessor({ track }).readable.getReader();
    const pump = async () => {
      for (;;) {
        const { value: frame, done } = await reader.read();
        if (done) return;
        const number = readCode(frame);
        if (number !== UNREADABLE) probe.entered.push([now(), number]);
        frame.close();
      }
    };
    void pump();
  };

  // The taps sit on the captured tracks themselves and end with them: a page that leaves the room
  // and joins again is tapped again.
  const devices = navigator.mediaDevices;
  if (devices !== undefined) {
    const capture = devices.getUserMedia.bind(devices);
    devices.getUserMedia = async (constraints) => {
      const stream = await capture(constraints);
      for (const track of stream.getVideoTracks()) watchEntered(track);
      for (const track of stream.getAudioTracks()) listen(new MediaStream([track]), "entered");
      return stream;
    };
  }

  const Native = globalThis.RTCPeerConnection;
  globalThis.RTCPeerConnection = class extends Native {
    constructor(...args) {
      super(...args);
      probe.connections.push(this);
    }
  };

  addEventListener(
    "click",
    (event) => {
      if (event.target instanceof Element && event.target.closest("[data-testid=join-now]") !== null) probe.clicks.push(now());
    },
    true,
  );

  const known = new WeakSet();
  const noteState = () => {
    const state = document.querySelector("[data-testid=connection-state]")?.dataset.state;
    if (state !== undefined && state !== probe.states.at(-1)) probe.states.push(state);
  };
  const discover = () => {
    noteState();
    for (const video of document.querySelectorAll("video[data-track]")) {
      if (known.has(video)) continue;
      known.add(video);
      watchVideo(video);
    }
    for (const element of document.querySelectorAll("audio[data-slot]")) {
      const stream = element.srcObject;
      if (stream === null || known.has(stream) || stream.getAudioTracks().length === 0) continue;
      known.add(stream);
      listen(stream, element.dataset.slot);
    }
  };
  const start = () => {
    new MutationObserver(discover).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-track", "data-slot", "data-state"] });
    document.addEventListener("loadedmetadata", discover, true);
    document.addEventListener("play", discover, true);
    setInterval(discover, 100);
  };
  start();

  // The pair in use says by which protocol the browser reaches its node.
  probe.protocol = async () => {
    for (const connection of probe.connections.toReversed()) {
      if (connection.connectionState !== "connected") continue;
      const stats = await connection.getStats();
      const transport = [...stats.values()].find((report) => report.type === "transport");
      const pair = stats.get(transport?.selectedCandidatePairId);
      const local = stats.get(pair?.localCandidateId);
      if (local !== undefined) return local.protocol;
    }
    return "none";
  };

  // Sums over every connection the page has had, so that a reconnection loses no count.
  probe.received = async () => {
    const sum = { concealed: 0, samples: 0, silentConcealed: 0, framesDecoded: 0, freezes: 0, frozenSeconds: 0, keyFrames: 0 };
    for (const connection of probe.connections) {
      for (const report of (await connection.getStats()).values()) {
        if (report.type !== "inbound-rtp") continue;
        if (report.kind === "audio") {
          sum.concealed += report.concealedSamples ?? 0;
          sum.silentConcealed += report.silentConcealedSamples ?? 0;
          sum.samples += report.totalSamplesReceived ?? 0;
        } else {
          sum.framesDecoded += report.framesDecoded ?? 0;
          sum.keyFrames += report.keyFramesDecoded ?? 0;
          sum.freezes += report.freezeCount ?? 0;
          sum.frozenSeconds += report.totalFreezesDuration ?? 0;
        }
      }
    }
    return sum;
  };
})();
