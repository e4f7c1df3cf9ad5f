/**
 * Runs inside the page before it: a WebRTC link that connects at once and shows a painted picture
 * in each receiving slot, so that the layout of a room can be looked at without a relay.
 */
export function installFakeMedia(): void {
  const HUES = [205, 160, 28, 280, 340, 95, 55, 230];

  function painted(slot: number): MediaStreamTrack {
    const canvas = document.createElement("canvas");
    canvas.width = 320;
    canvas.height = 180;
    const paint = canvas.getContext("2d");
    paint?.scale(0.5, 0.5);
    const draw = () => {
      if (paint === null) return;
      const hue = HUES[slot % HUES.length] ?? 0;
      const sky = paint.createLinearGradient(0, 0, 640, 360);
      sky.addColorStop(0, `hsl(${hue} 30% 34%)`);
      sky.addColorStop(1, `hsl(${hue} 34% 18%)`);
      paint.fillStyle = sky;
      paint.fillRect(0, 0, 640, 360);
      paint.fillStyle = `hsl(${hue} 22% 62%)`;
      paint.beginPath();
      paint.arc(320, 160, 64, 0, 7);
      paint.ellipse(320, 360, 150, 120, 0, 0, 7);
      paint.fill();
    };
    draw();
    setInterval(draw, 500);
    const [track] = canvas.captureStream(5).getVideoTracks();
    if (track === undefined) throw new Error("a canvas gives a track");
    return track;
  }

  // One graph for all, and it stands still: nobody listens.
  let graph: AudioContext | null = null;
  function silent(): MediaStreamTrack {
    graph ??= new AudioContext();
    const context = graph;
    void context.suspend();
    const [track] = context.createMediaStreamDestination().stream.getAudioTracks();
    if (track === undefined) throw new Error("an audio graph gives a track");
    return track;
  }

  class FakeConnection extends EventTarget {
    connectionState = "new";
    localDescription = { type: "offer", sdp: "v=0" };
    #mid = 0;
    #video = 0;
    static last: FakeConnection | null = null;

    addTransceiver(
      kind: string,
      options: { direction: string; sendEncodings?: RTCRtpEncodingParameters[] },
    ) {
      const isVideo = kind === "video";
      const receives = options.direction === "recvonly";
      const track = isVideo && receives ? painted(this.#video++) : isVideo ? null : silent();
      const sender = {
        track: null as MediaStreamTrack | null,
        async replaceTrack(next: MediaStreamTrack | null) {
          sender.track = next;
        },
        parameters: { encodings: options.sendEncodings ?? [] },
        getParameters: () => structuredClone(sender.parameters),
        async setParameters(next: { encodings: RTCRtpEncodingParameters[] }) {
          sender.parameters = next;
        },
      };
      return { mid: String(this.#mid++), sender, receiver: { track }, setCodecPreferences() {} };
    }

    async setLocalDescription() {}

    async setRemoteDescription() {
      setTimeout(() => this.#become("connected"), 20);
    }

    async getStats() {
      return new Map();
    }

    close() {
      this.connectionState = "closed";
    }

    #become(state: string) {
      if (this.connectionState === "closed") return;
      this.connectionState = state;
      this.dispatchEvent(new Event("connectionstatechange"));
    }
  }

  Object.assign(window, { RTCPeerConnection: FakeConnection });
}
