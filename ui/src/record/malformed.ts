/**
 * What can be wrong with foreign bytes.
 *
 * ```
 * Error
 * ├── MalformedEntry     bytes that do not have the form they should
 * └── UnreadableExport   the file is no export at all
 * ```
 */

/** Bytes that do not have the form they should. */
export class MalformedEntry extends Error {
  override readonly name = "MalformedEntry";
}

/** The file is no export at all. */
export class UnreadableExport extends Error {
  override readonly name = "UnreadableExport";
}
