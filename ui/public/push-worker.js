/* Shows what the node says to this device: that something waits, and never what. */
self.addEventListener("push", (event) => {
    let told = { words: "Parley", notice: "parley" };
    try {
        told = { ...told, ...event.data.json() };
    } catch {
        /* What cannot be read is shown as a call all the same. */
    }
    event.waitUntil(
        self.registration.showNotification(told.words, {
            tag: told.notice,
            icon: "/mark.svg",
            requireInteraction: true,
            vibrate: [400, 200, 400, 200, 400],
        }),
    );
});

self.addEventListener("notificationclick", (event) => {
    event.notification.close();
    event.waitUntil(
        self.clients.matchAll({ type: "window" }).then((pages) => {
            const page = pages.find(({ url }) => new URL(url).origin === self.location.origin);
            return page === undefined ? self.clients.openWindow("/watch") : page.focus();
        }),
    );
});
