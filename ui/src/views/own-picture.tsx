import { useEffect, useMemo, useRef } from "react";

/** One's own camera, mirrored as in a mirror: people find themselves in it more easily. */
export function OwnPicture(props: { readonly track: MediaStreamTrack; readonly label: string }) {
  const { track } = props;
  const element = useRef<HTMLVideoElement>(null);
  const stream = useMemo(() => new MediaStream([track]), [track]);
  useEffect(() => {
    const video = element.current;
    if (video === null) return;
    video.srcObject = stream;
    return () => {
      video.srcObject = null;
    };
  }, [stream]);
  return (
    <video
      ref={element}
      className="picture picture-own"
      autoPlay
      playsInline
      muted
      aria-label={props.label}
    />
  );
}
