/**
 * The sentence under every acknowledgement: that a receipt is no consent. Word for word as in
 * protocol/crisis.md; an acknowledgement with other words is none, so nobody translates it here.
 */
export const SENTENCES: Readonly<Record<string, string>> = {
  en: "This acknowledgement says only that the alert was received and read. It admits no fact, agrees to nothing and promises neither a call nor an answer.",
  ru: "Это подтверждение означает только то, что сообщение получено и прочитано. Оно не признаёт никаких фактов, ни на что не даёт согласия и не обещает ни звонка, ни ответа.",
  "zh-Hans":
    "本确认仅表示警报已收到并已阅读。它不承认任何事实，不表示任何同意，也不承诺通话或答复。",
  uz: "Bu tasdiq faqat xabar olingani va o‘qilganini bildiradi. U hech qanday faktni tan olmaydi, hech narsaga rozilik bermaydi va na qo‘ng‘iroq, na javob va’da qiladi.",
  prs: "این تأیید فقط به این معناست که هشدار دریافت و خوانده شده است. هیچ واقعیتی را تصدیق نمی‌کند، با هیچ چیز موافقت نمی‌کند و نه تماس و نه پاسخی را وعده می‌دهد.",
  ps: "دا تایید یوازې دا معنا لري چې خبرداری ترلاسه او ولوستل شو. دا هیڅ حقیقت نه مني، له هیڅ شي سره موافقه نه کوي او نه د اړیکې او نه د ځواب ژمنه کوي.",
};
const FALLBACK = "en";

/** The sentence in each of some languages, each once; English for one that has none. */
export function sentences(
  languages: readonly string[],
): readonly { readonly language: string; readonly text: string }[] {
  const known = languages.map((each) => (each in SENTENCES ? each : FALLBACK));
  return [...new Set(known)].map((language) => ({ language, text: SENTENCES[language] ?? "" }));
}
