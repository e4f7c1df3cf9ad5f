/** Which of somebody's roles says most about what they may do here. */

const FOREMOST = [
  "releaser",
  "duty_officer",
  "principal",
  "engineer",
  "secretary",
  "auditor",
  "member",
] as const;

/** The role a person is shown by; null for nobody's. */
export function foremostRole(roles: readonly string[]): string | null {
  return FOREMOST.find((role) => roles.includes(role)) ?? roles[0] ?? null;
}
