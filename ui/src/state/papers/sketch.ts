/** Where things are, drawn without a map: points and circles on a net of degrees. */
import type { Json, JsonMap } from "../../api/paper-types";
import { objectOf } from "./definition";

/** A place of a form. */
export interface Circle {
  readonly latitude: number;
  readonly longitude: number;
  readonly radius_km: number;
}
/** A drawing of 320 by 200: what stands where, and the net. */
export interface Sketch {
  readonly circles: readonly { readonly x: number; readonly y: number; readonly r: number }[];
  readonly meridians: readonly { readonly x: number; readonly degrees: number }[];
  readonly parallels: readonly { readonly y: number; readonly degrees: number }[];
}

export const WIDTH = 320;
export const HEIGHT = 200;
/** Kilometres of a degree of latitude. */
const DEGREE_KM = 111.2;
/** Steps of the net, in degrees; the first that gives few enough lines is taken. */
const STEPS = [0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 45, 90];
const LINES_MAX = 6;

/** Every point of a form, with the radius beside it if there is one. */
export function circlesOf(value: Json | undefined, radius_km = 0): readonly Circle[] {
  if (Array.isArray(value)) return value.flatMap((each) => circlesOf(each as Json));
  const found = objectOf(value);
  const { latitude, longitude } = found;
  if (typeof latitude === "number" && typeof longitude === "number") {
    const isOnEarth = Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180;
    return isOnEarth ? [{ latitude, longitude, radius_km }] : [];
  }
  const beside = radiusOf(found);
  return Object.values(found).flatMap((each) =>
    typeof each === "object" ? circlesOf(each, beside) : [],
  );
}

/** The drawing of some places; null for none. */
export function sketchOf(circles: readonly Circle[]): Sketch | null {
  if (circles.length === 0) return null;
  const middle = mean(circles.map((each) => each.latitude));
  // A degree of longitude is shorter by this the further one is from the equator.
  const narrow = Math.max(0.05, Math.cos((middle * Math.PI) / 180));
  const reach = circles.map(({ radius_km }) => Math.max(radius_km / DEGREE_KM, 0.05));
  const xs = circles.map((each) => each.longitude * narrow);
  const ys = circles.map((each) => -each.latitude);
  const left = Math.min(...xs.map((x, index) => x - (reach[index] ?? 0)));
  const right = Math.max(...xs.map((x, index) => x + (reach[index] ?? 0)));
  const top = Math.min(...ys.map((y, index) => y - (reach[index] ?? 0)));
  const bottom = Math.max(...ys.map((y, index) => y + (reach[index] ?? 0)));
  const scale = 0.8 * Math.min(WIDTH / (right - left), HEIGHT / (bottom - top));
  const across = (x: number) => WIDTH / 2 + (x - (left + right) / 2) * scale;
  const down = (y: number) => HEIGHT / 2 + (y - (top + bottom) / 2) * scale;
  const half = { x: WIDTH / 2 / scale, y: HEIGHT / 2 / scale };
  const centre = { x: (left + right) / 2, y: (top + bottom) / 2 };
  return {
    circles: circles.map((each, index) => ({
      x: across(xs[index] ?? 0),
      y: down(ys[index] ?? 0),
      r: Math.max(3, (each.radius_km / DEGREE_KM) * scale),
    })),
    meridians: net((centre.x - half.x) / narrow, (centre.x + half.x) / narrow).map((degrees) => ({
      x: across(degrees * narrow),
      degrees,
    })),
    parallels: net(-centre.y - half.y, -centre.y + half.y).map((degrees) => ({
      y: down(-degrees),
      degrees,
    })),
  };
}

function net(from: number, until: number): readonly number[] {
  const step = STEPS.find((each) => (until - from) / each <= LINES_MAX) ?? 90;
  const first = Math.ceil(from / step);
  const count = Math.floor(until / step) - first + 1;
  return Array.from({ length: Math.max(0, count) }, (_, index) =>
    Number(((first + index) * step).toFixed(2)),
  );
}

function radiusOf(beside: JsonMap): number {
  const { value } = objectOf(beside["radius"]);
  return typeof value === "number" ? value : 0;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, each) => sum + each, 0) / values.length;
}
