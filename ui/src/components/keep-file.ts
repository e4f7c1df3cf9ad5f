const KEPT_MS = 10_000;

/** Gives a file to the person, as a download. */
export function keepFile(file: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name.replaceAll(/[/\\]/g, "-");
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), KEPT_MS);
}
